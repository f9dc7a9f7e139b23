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
    """One number or address; ``kind`` is phone, email or chat."""

    id: UUID
    kind: str
    address: str
    reachable: bool


class ConsentView(msgspec.Struct):
    """What one number or address allows. ``source``: keyword (the person texted it) or staff (wrote it down)."""

    channel: Literal["sms", "whatsapp", "email"]
    address: str
    granted: bool
    source: Literal["keyword", "staff"]
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
