"""What the assistant did, on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act of the assistant, or of people with it. Nobody's words: the message is named, with its digest."""

    at: dt.datetime
    act: str
    """``read``, ``suggested``, ``suggestion_sent``, ``suggestion_edited``, ``suggestion_dismissed``, ``answer_sent``,
    ``answer_held``, ``answer_refused``, ``taken_over``, ``handed_back``, ``rule_changed``, ``changed``,
    ``tried_on_past``, ``log_exported``."""
    by: str
    thread_id: UUID | None = None
    message_id: UUID | None = None
    """The patient's message that it is about."""
    sent_id: UUID | None = None
    channel: str = ""
    intent: str = ""
    confidence: float | None = None
    urgent: bool | None = None
    escalate: bool | None = None
    tier: str = ""
    model: str = ""
    input_digest: str = ""
    """SHA-256 of the message's text, in hex."""
    rule_version: int | None = None
    allowed_by: str = ""
    allowed_at: dt.datetime | None = None
    written_by: str = ""
    against: list[str] = []
    """Why an answer was not sent, in the gate's words."""
    facts: list[dict[str, Any]] = []
    details: dict[str, Any] = {}


class ActPage(msgspec.Struct):
    """One keyset page of acts, oldest first."""

    items: list[Act]
    next: str | None
