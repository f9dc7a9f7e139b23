"""Adapters: one file per provider, and a simulated one that does the same without the outside world."""
