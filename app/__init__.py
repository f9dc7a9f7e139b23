"""Orasync: the live front desk for clinics."""
