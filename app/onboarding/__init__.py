"""Onboarding: from nothing to a clinic with its owner signed in."""
