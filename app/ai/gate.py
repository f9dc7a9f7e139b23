"""The send gate: may the assistant answer this message by itself? One function over one typed input.

Everything must be in favour; one thing against is enough, and all things against are named, so that a person who asks
why nothing was sent gets the whole answer. Nothing here can be switched off by a rule.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.ai.labels import NEVER_AUTOMATIC, Intent

SURE_ENOUGH = 0.85
"""Confidence from which an answer may go by itself; at 95 % precision of the built-in tier (``make triage-eval``)."""
MOST_A_DAY = 3
"""Automatic answers in one conversation a day."""
HOLDING: frozenset[Intent] = frozenset({"clinical", "emergency"})
"""Wishes that get at most the fixed holding text, once a day, never a written answer."""

RuleMode = Literal["off", "shadow", "suggest", "answer"]

Against = Literal[
    "rule_off",
    "rule_shadow",
    "rule_suggests",
    "not_a_safe_wish",
    "escalated",
    "urgent",
    "not_sure",
    "opted_out",
    "blocked",
    "taken_over",
    "moved_on",
    "written_by_a_machine",
    "answered_often_today",
    "daily_limit",
    "outside_its_hours",
    "never_topic",
    "no_credits",
]

WORDS: dict[Against, str] = {
    "rule_off": "The assistant is off for this kind of message.",
    "rule_shadow": "The assistant only tries itself out here. It sends nothing.",
    "rule_suggests": "The assistant only suggests here.",
    "not_a_safe_wish": "A person answers this kind of message.",
    "escalated": "It needs a person.",
    "urgent": "It is urgent.",
    "not_sure": "The assistant is not sure what is wanted.",
    "opted_out": "They do not want such messages.",
    "blocked": "Your clinic has blocked them.",
    "taken_over": "Your team has taken this conversation over.",
    "moved_on": "Something newer was written.",
    "written_by_a_machine": "It was written by a machine.",
    "answered_often_today": "The assistant has answered here often enough today.",
    "daily_limit": "The daily limit of this rule is reached.",
    "outside_its_hours": "It is outside the hours of this rule.",
    "never_topic": "It touches a topic that the assistant leaves alone.",
    "no_credits": "There are no suggestions left.",
}


# What is against a written answer and not against saying that somebody will look.
_ASKS_FOR_A_PERSON: frozenset[Against] = frozenset({"not_a_safe_wish", "escalated", "urgent", "not_sure"})


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """All that the gate looks at. ``confidence`` is the intent's, 0 to 1; counts are of the last 24 hours."""

    rule: RuleMode
    intent: Intent
    confidence: float
    urgent: bool
    escalate: bool
    is_escalated: bool = False  # the conversation, from an earlier message
    is_opted_out: bool = False
    is_blocked: bool = False
    is_taken_over: bool = False
    has_moved_on: bool = False  # the fence: something newer than what was answered
    is_machine: bool = False  # an automatic reply, a no-reply sender, a list
    answers_here: int = 0
    most_here: int = MOST_A_DAY  # one where loops are cheap: by e-mail
    answers_by_rule: int = 0
    daily_limit: int | None = None
    is_in_hours: bool = True
    touches_never_topic: bool = False
    credits_left: int | None = None  # None: not counted


class Ruling(msgspec.Struct, frozen=True):
    """``against`` is empty exactly when the answer may be sent. ``may_hold``: at least the fixed holding text may."""

    against: tuple[Against, ...]
    may_hold: bool = False

    @property
    def may_send(self) -> bool:
        """Say whether the assistant may answer by itself."""
        return not self.against


def judge(case: Case) -> Ruling:
    """Judge a case. Pure."""
    tests: tuple[tuple[Against, bool], ...] = (
        ("rule_off", case.rule == "off"),
        ("rule_shadow", case.rule == "shadow"),
        ("rule_suggests", case.rule == "suggest"),
        ("not_a_safe_wish", case.intent in NEVER_AUTOMATIC),
        ("escalated", case.escalate or case.is_escalated),
        ("urgent", case.urgent),
        ("not_sure", not case.confidence >= SURE_ENOUGH),
        ("opted_out", case.is_opted_out),
        ("blocked", case.is_blocked),
        ("taken_over", case.is_taken_over),
        ("moved_on", case.has_moved_on),
        ("written_by_a_machine", case.is_machine),
        ("answered_often_today", case.answers_here >= case.most_here),
        ("daily_limit", case.daily_limit is not None and case.answers_by_rule >= case.daily_limit),
        ("outside_its_hours", not case.is_in_hours),
        ("never_topic", case.touches_never_topic),
        ("no_credits", case.credits_left is not None and case.credits_left <= 0),
    )
    against = tuple(name for name, holds in tests if holds)
    may_hold = case.intent in HOLDING and case.answers_here == 0 and _ASKS_FOR_A_PERSON.issuperset(against)
    return Ruling(against, may_hold)
