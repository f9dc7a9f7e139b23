"""Is it well, and what a person can do about jobs that are not."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from app.config import settings
from app.events.service import bus, unit_of_work
from app.kit import clock, database
from app.kit.errors import Conflict, NotFound, Unavailable
from app.ops.metrics import ROOMS, SOCKETS, render_metrics
from app.ops.schemas import Health, JobPage, JobView, Part

if TYPE_CHECKING:
    from uuid import UUID

    from app.kit.principal import Principal


async def check_health() -> Health:
    """Ask each part this process needs; at most 3 s."""
    parts = []
    try:
        async with asyncio.timeout(3):
            await database.fetchval("select 1")
        parts.append(Part("database", True, "The database answers."))
    except (Unavailable, TimeoutError):
        parts.append(Part("database", False, "The database does not answer. Nothing can be saved until it is back."))
    the_bus = bus()
    if the_bus is None or the_bus.connected:
        parts.append(Part("live updates", True, "Other processes are heard at once."))
    else:
        parts.append(
            Part(
                "live updates",
                True,
                f"Updates of other processes arrive every {settings().poll_seconds:g} seconds until the bus is back.",
            )
        )
    return Health(all(part.ok for part in parts), parts)


async def list_jobs(clinic_id: UUID, status: str | None, before: UUID | None, limit: int) -> JobPage:
    """Return the clinic's jobs, newest first."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            "select id, type, status, attempts, error, payload, run_at, created_at, finished_at from job "
            "where clinic_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or id < $3) order "
            "by id desc limit $4",
            clinic_id,
            status,
            before,
            limit + 1,
        )
    items = [JobView(**{**dict(row), "payload": msgspec.json.decode(row["payload"])}) for row in rows[:limit]]
    return JobPage(items, str(items[-1].id) if len(rows) > limit else None)


async def count_waiting(clinic_id: UUID) -> tuple[int, int]:
    """Return how many of the clinic's jobs are due, and how many of its messages need a person's look."""
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(
            "select (select count(*) from job where clinic_id = $1 and status in ('pending', 'failed') and "
            "run_at <= now()) as waiting, "
            "(select count(*) from message where clinic_id = $1 and status = 'needs_review') as review",
            clinic_id,
        )
    return row["waiting"], row["review"]


async def retry_job(principal: Principal, job_id: UUID) -> JobView:
    """Let a dead job try again from the start."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        row = await work.connection.fetchrow(
            "select status, type, payload from job where clinic_id = $1 and id = $2 for update",
            principal.clinic_id,
            job_id,
        )
        if row is None:
            raise NotFound("This job is gone.")
        if row["status"] != "dead":
            raise Conflict("Only a job that gave up can be tried again by hand.")
        await work.connection.execute(
            "update job set status = 'pending', attempts = 0, run_at = $3, enqueued_at = null, finished_at = null "
            "where clinic_id = $1 and id = $2",
            principal.clinic_id,
            job_id,
            clock.now() - dt.timedelta(milliseconds=1),
        )
        work.audit("job.retried", "job", job_id, type=row["type"])
        work.wake_jobs()
        fresh = await work.connection.fetchrow(
            "select id, type, status, attempts, error, payload, run_at, created_at, finished_at from job "
            "where clinic_id = $1 and id = $2",
            principal.clinic_id,
            job_id,
        )
    return JobView(**{**dict(fresh), "payload": msgspec.json.decode(fresh["payload"])})


__all__ = [
    "ROOMS",
    "SOCKETS",
    "check_health",
    "count_waiting",
    "list_jobs",
    "render_metrics",
    "retry_job",
]
