"""Desk: the staff's pages that span features: the inbox page and the fragments pushed with events."""
