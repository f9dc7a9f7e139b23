"""Channels: the numbers and mailboxes a clinic has connected, and the adapters that speak to their providers."""
