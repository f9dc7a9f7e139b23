"""Clinics: the tenant, its hours and preferences. Every other row belongs to one clinic."""
