"""Idempotency: the same key gets the same answer, whatever happened in between (R5)."""
