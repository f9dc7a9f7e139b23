"""A rule's silent trial on the wire: how often it agreed, and where it did not."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from app.ai.agreement import Outcome
from app.ai.gate import RuleMode
from app.ai.labels import Intent
from app.ai.schemas import ChannelName


class Tally(msgspec.Struct, frozen=True):
    """How one cell's trial stands. ``left`` and ``waiting`` are not among the compared."""

    compared: int = 0
    agreed: int = 0
    left: int = 0
    """Messages that the assistant would have left to the team."""
    waiting: int = 0
    """Messages that staff may answer yet."""

    @property
    def agreement(self) -> float | None:
        """Return the share that agreed; None before the first comparison."""
        return self.agreed / self.compared if self.compared else None


class Example(msgspec.Struct, frozen=True):
    """A message on which the assistant and the staff differ."""

    thread_id: UUID
    message_id: UUID
    at: dt.datetime
    outcome: Outcome
    words: str
    ours: str
    theirs: str | None
    is_past: bool
    asked: str = ""
    """What the patient wrote."""


class ShadowCell(msgspec.Struct, frozen=True, kw_only=True):
    """The trial of one wish on one channel. ``is_earned``: it may be switched to answer by itself."""

    channel: ChannelName
    intent: Intent
    mode: RuleMode
    compared: int
    agreed: int
    agreement: float | None
    left: int
    waiting: int
    is_earned: bool
    examples: list[Example]


class Shadow(msgspec.Struct, frozen=True):
    """All trials, and what a rule must reach."""

    items: list[ShadowCell]
    agreement_level: float
    least_compared: int


class PastTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Try a rule on the newest ``count`` messages of the past that it is about."""

    channel: ChannelName
    intent: Intent
    count: Annotated[int, Meta(ge=1, le=200)] = 100


class PastTrialStarted(msgspec.Struct, frozen=True):
    """The trial runs; its comparisons appear among the others within moments."""

    job_id: UUID
