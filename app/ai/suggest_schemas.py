"""Suggestions on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.ai.knowledge_schemas import FactUsed
from app.ai.schemas import Tone
from app.inbox.schemas import LONGEST_BODY, ChannelKind

SuggestionType = Literal[
    "email_subject", "reply", "rewrite", "shorten", "translate", "summary", "campaign_text", "follow_up"
]
SuggestionState = Literal["offered", "sent", "edited", "dismissed", "replaced", "stale"]


class SuggestAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to suggest. At most ``count`` texts come, each different and each one use."""

    type: SuggestionType
    count: Annotated[int, Meta(ge=1, le=10)] = 1
    thread_id: UUID | None = None
    """Of reply and summary; for follow_up the conversation that it follows up."""
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_BODY, pattern=r"\S")] | None = None
    """Of rewrite, shorten and translate; for others what the text should be about."""
    language: Annotated[str, Meta(min_length=2, max_length=40, pattern=r"^[^\W\d_][\w ()-]*$")] | None = None
    """Of translate the language to translate into; for others en or es."""
    tone: Tone | None = None
    """Left out: the clinic's."""
    topic: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")] | None = None


class SuggestionText(msgspec.Struct, frozen=True):
    """One suggestion. ``reason`` is a line for staff; ``facts`` are those that it rests on."""

    id: UUID
    text: str
    reason: str
    facts: list[FactUsed]


class Used(msgspec.Struct, frozen=True):
    """What the clinic has used since the first of the month. ``limit`` null: suggestions are not limited."""

    this_month: int
    limit: int | None = None


class Suggestions(msgspec.Struct, frozen=True):
    """The suggestions. ``units``: what they cost together."""

    suggestions: list[SuggestionText]
    source: Literal["template", "llm"]
    units: int
    used: Used


class SuggestionView(msgspec.Struct, frozen=True, kw_only=True):
    """A suggested reply as everybody in the clinic sees it."""

    id: UUID
    type: SuggestionType
    thread_id: UUID
    message_id: UUID
    """The patient's message that it answers."""
    seen_seq: int
    """The conversation as the assistant saw it: sending asks whether anything newer was written."""
    text: str
    reason: str
    facts: list[FactUsed]
    state: SuggestionState
    source: str
    units: int
    asked_by: str | None
    """Null: made by a rule."""
    created_at: dt.datetime
    about_health: bool = False
    """The assistant gives no medical advice, and says so."""
    sent_id: UUID | None = None


class SendSuggestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to send a suggestion: by the conversation's channel when none is named."""

    channel: ChannelKind | None = None


class Card(msgspec.Struct, frozen=True):
    """The suggestion of an open conversation. ``updates``: a rule is at the next one."""

    suggestion: SuggestionView
    wrote_again: bool
    updates: bool
    cost: str = "Uses 1 suggestion"


def changes_of(before: str, after: str) -> dict[str, Any]:
    """Return the event's ``changes`` of a state."""
    return {"state": [before, after]}
