"""Integrations: the connection keys with which a clinic's own programs call us."""
