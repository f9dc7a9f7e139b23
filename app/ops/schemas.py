"""Health and jobs on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

JobStatus = Literal["pending", "processing", "completed", "failed", "dead"]


class Part(msgspec.Struct):
    """One part of the system; ``words`` says what is wrong and what follows from it."""

    name: str
    ok: bool
    words: str


class Health(msgspec.Struct):
    """Whether this process can serve."""

    ok: bool
    parts: list[Part]


class JobView(msgspec.Struct):
    """One job as people see it."""

    id: UUID
    type: str
    status: JobStatus
    attempts: int
    error: str | None
    payload: dict[str, Any]
    run_at: dt.datetime
    created_at: dt.datetime
    finished_at: dt.datetime | None


class JobPage(msgspec.Struct):
    """One keyset page of jobs, newest first."""

    items: list[JobView]
    next: str | None
