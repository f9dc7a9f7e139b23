"""The activity log on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec


class AuditView(msgspec.Struct):
    """One act."""

    n: int
    at: dt.datetime
    actor_type: str
    actor_name: str
    action: str
    subject_type: str
    subject_id: UUID | None
    mode: str
    details: dict[str, Any]


class AuditPage(msgspec.Struct):
    """One keyset page of acts, newest first."""

    items: list[AuditView]
    next: str | None
