"""What crosses the wire of the assistant."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.ai.gate import RuleMode
from app.ai.labels import Intent, Tier

ChannelName = Literal["sms", "whatsapp", "email", "webchat"]
Hours = Literal["always", "open", "closed"]
Tone = Literal["friendly", "formal", "short"]


class RuleView(msgspec.Struct, frozen=True):
    """What the assistant does with one wish on one channel."""

    channel: ChannelName
    intent: Intent
    mode: RuleMode = "off"
    hours: Hours = "always"
    """When it holds: at any time, while the clinic is open, or while it is closed."""
    daily_limit: int | None = None
    wait_seconds: int = 0
    """Before it answers by itself: time for a person to be faster."""
    version: int = 0
    allowed_by: str | None = None
    allowed_at: dt.datetime | None = None
    stepped_back_at: dt.datetime | None = None
    """When it went from answering back to suggesting by itself, because staff took its answers over."""


class RuleChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change of one rule. To let it answer by itself needs ``consent: true``.

    Also that its silent trial agreed often enough with what staff sent, or an owner's ``override: true``.
    """

    channel: ChannelName
    intent: Intent
    mode: RuleMode | UnsetType = UNSET
    hours: Hours | UnsetType = UNSET
    daily_limit: Annotated[int, Meta(ge=1, le=10000)] | UnsetType | None = UNSET
    wait_seconds: Annotated[int, Meta(ge=0, le=3600)] | UnsetType = UNSET
    consent: bool = False
    override: bool = False


class AssistantView(msgspec.Struct, frozen=True):
    """What holds for all rules of a clinic."""

    tone: Tone = "friendly"
    never_topics: list[str] = []
    emergency_line: str = ""
    alert_minutes: int = 10
    alert_to: UUID | None = None
    agreement_level: float = 0.8
    """Share of agreement from which a rule may answer by itself."""
    least_compared: int = 20
    """Messages that this share must rest on."""


class AssistantChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change of what holds for all rules."""

    tone: Tone | UnsetType = UNSET
    never_topics: (
        Annotated[list[Annotated[str, Meta(min_length=2, max_length=60)]], Meta(max_length=100)] | UnsetType
    ) = UNSET
    emergency_line: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    alert_minutes: Annotated[int, Meta(ge=1, le=1440)] | UnsetType = UNSET
    alert_to: UUID | UnsetType | None = UNSET
    agreement_level: Annotated[float, Meta(ge=0.5, le=1)] | UnsetType = UNSET
    least_compared: Annotated[int, Meta(ge=1, le=1000)] | UnsetType = UNSET


class Rules(msgspec.Struct, frozen=True):
    """The whole grid."""

    items: list[RuleView]
    assistant: AssistantView


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """How the assistant came to a message that it sent by itself; kept with the message's decision."""

    message_id: UUID
    """The patient's message that it answers."""
    input_digest: str
    """SHA-256 of that message's text, in hex: what was read can be checked and is not kept twice."""
    tier: Tier
    model: str
    intent: Intent
    confidence: float
    rule_version: int
    allowed_by: str
    allowed_at: dt.datetime
    written_by: str
    """``template`` or the model's name."""
    facts: list[dict[str, Any]] = []
