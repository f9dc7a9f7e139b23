"""The built-in tier of triage: it works in every installation, without a key and without an extra."""

from app.ai.adapters.builtin.classifier import BuiltinClassifier

__all__ = ["BuiltinClassifier"]
