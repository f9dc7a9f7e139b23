"""Contacts on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Stage = Literal["lead", "patient", "archived"]
Tag = Annotated[str, Meta(min_length=1, max_length=40)]


class PointView(msgspec.Struct):
    """One number or address; ``kind`` is phone, email or chat. The first of a kind is used first."""

    id: UUID
    kind: str
    address: str
    reachable: bool
    failure: str | None = None
    """Why it cannot be reached, for people."""


class PointDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A number or an address to add."""

    kind: Literal["phone", "email"]
    address: Annotated[str, Meta(min_length=1, max_length=254)]


class PointChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change about a number or an address; a field left out stays."""

    address: Annotated[str, Meta(min_length=1, max_length=254)] | None = None
    first: Literal[True] | None = None
    reachable: bool | None = None


class SharerDraft(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody who uses a number too: one who is known (``contact_id``), or a new person by ``name``.

    Without ``point_id`` it is the number that is used first.
    """

    contact_id: UUID | None = None
    name: Annotated[str, Meta(max_length=120)] = ""
    stage: Stage = "patient"
    point_id: UUID | None = None


class SharerView(msgspec.Struct):
    """A person who uses a number of somebody else."""

    id: UUID
    name: str
    stage: Stage
    kind: str
    address: str


class SharedPoint(msgspec.Struct):
    """A number of somebody else that a person uses; ``opted_out`` counts for all who use it."""

    kind: str
    address: str
    owner_id: UUID
    owner: str
    opted_out: list[str]


class Duplicate(msgspec.Struct):
    """Who may be the same person; ``why`` is name or number."""

    id: UUID
    name: str
    why: Literal["name", "number", "taken"]
    """``taken``: they have the number or address that was to be added."""
    addresses: list[str]
    messages: int = 0
    """How many messages and notes their conversation has."""


class BlockDraft(msgspec.Struct, forbid_unknown_fields=True):
    """Why the clinic does not want to hear from somebody."""

    reason: Literal["spam", "unwanted"] = "unwanted"


class ConsentView(msgspec.Struct):
    """What one number or address allows.

    ``source``: keyword (the person texted it), staff (wrote it down), or complaint (called a mail of ours unwanted).
    """

    channel: Literal["sms", "whatsapp", "email"]
    address: str
    granted: bool
    source: Literal["keyword", "staff", "complaint"]
    at: dt.datetime


class ConsentChange(msgspec.Struct, forbid_unknown_fields=True):
    """What a person said about being written to."""

    channel: Literal["sms", "whatsapp", "email"]
    granted: bool


class ContactView(msgspec.Struct):
    """A person the clinic talks to."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    stage: Stage
    language: str
    tags: list[str]
    note: str
    points: list[PointView]
    consents: list[ConsentView]
    created_at: dt.datetime
    blocked: bool = False
    """The clinic does not want to hear from them: no notices, no alerts, and nothing is sent to them."""


class ContactPage(msgspec.Struct):
    """One keyset page of contacts, newest first."""

    items: list[ContactView]
    next: str | None


class ContactDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A person to add; at least a phone number or an e-mail address."""

    name: Annotated[str, Meta(max_length=120)] = ""
    phone: Annotated[str, Meta(max_length=40)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    stage: Stage = "lead"
    language: Annotated[str, Meta(max_length=16)] = ""
    tags: list[Tag] = []
    note: Annotated[str, Meta(max_length=2_000)] = ""


class ContactChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change; a field left out stays."""

    name: Annotated[str, Meta(min_length=1, max_length=120)] | msgspec.UnsetType = msgspec.UNSET
    stage: Stage | msgspec.UnsetType = msgspec.UNSET
    language: Annotated[str, Meta(max_length=16)] | msgspec.UnsetType = msgspec.UNSET
    tags: list[Tag] | msgspec.UnsetType = msgspec.UNSET
    note: Annotated[str, Meta(max_length=2_000)] | msgspec.UnsetType = msgspec.UNSET
