"""Ops: is it well? Health, metrics, and the jobs that need a hand."""
