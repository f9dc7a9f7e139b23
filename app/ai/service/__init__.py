"""What the assistant does."""

from app.ai.service.answering import answer
from app.ai.service.rules import change_assistant, change_rule, get_rules
from app.ai.service.takeover import hand_back, release_closed, take_over
from app.ai.service.triage import ask_for_triage, classifier, triage

__all__ = [
    "answer",
    "ask_for_triage",
    "change_assistant",
    "change_rule",
    "classifier",
    "get_rules",
    "hand_back",
    "release_closed",
    "take_over",
    "triage",
]
