"""The simulator: a demo clinic with a past, and patients who write, wait, answer and get impatient.

What it sends are signed deliveries through the real webhook paths, so the desk behaves as with real providers; the
weather dial makes those deliveries late, doubled and out of order.
"""
