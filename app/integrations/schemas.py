"""Connection keys on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Scope = Literal[
    "*", "inbox:read", "inbox:write", "contacts", "campaigns", "booking", "workflows", "reports", "settings"
]


class KeyDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A key to make."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=9)]


class NewKey(msgspec.Struct):
    """A key that was just made; ``key`` is shown this once."""

    id: UUID
    key: str
    client_code: str
    name: str
    scopes: list[str]


class KeyView(msgspec.Struct):
    """A key without its secret."""

    id: UUID
    name: str
    last4: str
    scopes: list[str]
    created_at: dt.datetime
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None


class KeyPage(msgspec.Struct):
    """A clinic's keys."""

    items: list[KeyView]
    next: str | None = None
