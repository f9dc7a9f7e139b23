"""What the clinic has told the assistant, on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

FactKind = Literal["hours", "price", "insurance", "directions", "policy", "faq"]
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Words = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]


class FactDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact to add. ``title`` is the question, or what it is about; ``body`` is what patients may be told."""

    kind: FactKind
    title: Title
    body: Words


class FactChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change of a fact; a field left out stays."""

    kind: FactKind | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    body: Words | UnsetType = UNSET


class FactView(msgspec.Struct, frozen=True):
    """One thing the assistant knows. ``answered``: from an answer that staff gave and chose to remember."""

    id: UUID
    kind: Literal["hours", "price", "insurance", "directions", "policy", "faq", "answered"]
    title: str
    body: str
    source_id: UUID | None
    """Of an answered question: the message that staff wrote."""
    created_by: str
    created_at: dt.datetime
    updated_at: dt.datetime


class Facts(msgspec.Struct, frozen=True):
    """All the assistant knows, by kind and title."""

    items: list[FactView]


class FactUsed(msgspec.Struct, frozen=True):
    """A fact that a text rests on. ``id`` is null for what stands in the clinic's settings."""

    id: UUID | None
    title: str


class Known(msgspec.Struct, frozen=True):
    """A fact that fits a question, best first. ``score``: how much of the question it covers."""

    id: UUID | None
    kind: str
    title: str
    body: str
    score: float = 0.0

    @property
    def used(self) -> FactUsed:
        """Return how a suggestion names it."""
        return FactUsed(self.id, self.title)

    @property
    def sentence(self) -> str:
        """Return it as a sentence; a mere value is told with what it is of."""
        body = " ".join(self.body.split())
        is_sentence = body[-1:] in ".!?" and len(body.split()) > 3
        if is_sentence:
            return body
        told = body if self.kind in {"faq", "answered", "hours"} else f"{self.title.strip()}: {body}"
        return told if told[-1:] in ".!?" else told + "."
