"""What the assistant does."""

from app.ai.service.triage import ask_for_triage, classifier, triage

__all__ = ["ask_for_triage", "classifier", "triage"]
