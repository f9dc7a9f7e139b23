"""What the assistant refuses."""

from __future__ import annotations

from app.kit.errors import Conflict, Invalid


class ConsentNeeded(Invalid):
    """A rule that answers by itself needs somebody's yes."""

    code = "consent_needed"


class NotEarned(Invalid):
    """A rule may answer by itself only when its silent trial agreed often enough, or when an owner says so."""

    code = "not_earned"


class NeverAutomatic(Invalid):
    """Messages of this kind are for people."""

    code = "never_automatic"


class TakenOver(Conflict):
    """People have this conversation: the assistant keeps silent."""

    code = "taken_over"


class TooManyFacts(Conflict):
    """The assistant knows as much as it may."""

    code = "too_many_facts"


class NeedsModel(Conflict):
    """No template can do this: it needs a language model, and none is set."""

    code = "needs_model"


class SuggestionGone(Conflict):
    """It was sent, changed or dismissed already."""

    code = "suggestion_gone"
