"""Audit: the append-only record of who did what, chained row by row (reliability R8 section 8)."""
