"""Running one job: claim its row, keep its lease, write what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import structlog

from app.config import settings
from app.kit import database
from app.kit.crash import crash_point
from app.kit.errors import Unavailable
from app.kit.jobs import JOBS, JobType, Refused, payload_ids

log = structlog.get_logger()

LONGEST_ERROR = 500

_running: set[UUID] = set()
_stopping = asyncio.Event()


async def drain(seconds: float) -> None:
    """Take no more jobs and wait for those that run. SAQ's own stop cannot tell a job from its upkeep loops."""
    _stopping.set()
    deadline = asyncio.get_running_loop().time() + seconds
    while _running and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - once, at the very end
        await asyncio.sleep(0.02)


class Claimed(msgspec.Struct, frozen=True):
    """A job that is ours for now."""

    type: str
    payload: dict[str, Any]
    attempt: int


async def run_job(_context: Any, *, clinic_id: str, job_id: str) -> None:
    """Run one job by its row; the queue's word is only a hint, the claim decides (R21)."""
    if _stopping.is_set():
        await _hand_back(UUID(clinic_id), UUID(job_id))
        return
    _running.add(UUID(job_id))
    try:
        await run(UUID(clinic_id), UUID(job_id))
    finally:
        _running.discard(UUID(job_id))


async def _hand_back(clinic_id: UUID, job_id: UUID) -> None:
    """Let another worker have the job at once."""
    with contextlib.suppress(Unavailable):
        async with database.transaction(clinic_id) as connection:
            await connection.execute(
                "update job set enqueued_at = null where clinic_id = $1 and id = $2 and status in ('pending', "
                "'failed')",
                clinic_id,
                job_id,
            )


async def run(clinic_id: UUID, job_id: UUID) -> None:
    """Claim and run one job; a row that is done or somebody else's is left alone."""
    claimed = await _claim(clinic_id, job_id)
    if claimed is None:
        return
    crash_point("job.after_claim")
    known = JOBS.get(claimed.type)
    if known is None:
        await _finish(clinic_id, job_id, "dead", "No program here knows this kind of job.")
        return
    try:
        async with _lease(clinic_id, job_id), asyncio.timeout(known.timeout):
            await known.run(clinic_id, **payload_ids(claimed.payload))
    except Refused as error:
        await _finish(clinic_id, job_id, "dead", str(error))
    except Exception as error:  # noqa: BLE001 - whatever a job raises decides its retry, not the worker's life
        await _again_or_dead(clinic_id, job_id, known, claimed, error)
    else:
        crash_point("job.after_effect")
        await _finish(clinic_id, job_id, "completed", None)


async def _claim(clinic_id: UUID, job_id: UUID) -> Claimed | None:
    async with database.transaction(clinic_id) as connection:
        row = await connection.fetchrow(
            "update job set status = 'processing', attempts = attempts + 1, lease_until = clock_timestamp() + $3 "
            "where clinic_id = $1 and id = $2 and status in ('pending', 'failed') and run_at <= clock_timestamp() "
            "returning type, payload, attempts",
            clinic_id,
            job_id,
            _lease_time(),
        )
    return Claimed(row["type"], msgspec.json.decode(row["payload"]), row["attempts"]) if row else None


def _lease_time() -> dt.timedelta:
    return dt.timedelta(seconds=settings().job_heartbeat)


@contextlib.asynccontextmanager
async def _lease(clinic_id: UUID, job_id: UUID) -> AsyncIterator[None]:
    """Renew the lease while the job runs: a worker that died stops doing so, and the row is freed."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(settings().job_heartbeat / 3)
            with contextlib.suppress(Unavailable):
                async with database.transaction(clinic_id) as connection:
                    await connection.execute(
                        "update job set lease_until = clock_timestamp() + $3 where clinic_id = $1 and id = $2 "
                        "and status = 'processing'",
                        clinic_id,
                        job_id,
                        _lease_time(),
                    )

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()


async def _again_or_dead(clinic_id: UUID, job_id: UUID, known: JobType, claimed: Claimed, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    if claimed.attempt >= known.retries and not isinstance(error, Unavailable):
        log.error("job.dead", job=known.name, attempts=claimed.attempt, error=type(error).__name__)
        await _finish(clinic_id, job_id, "dead", reason)
        return
    delay = known.delay_after(min(claimed.attempt, 6), settings().job_base_backoff)
    log.warning("job.failed", job=known.name, attempt=claimed.attempt, again_in=delay, error=type(error).__name__)
    await _finish(clinic_id, job_id, "failed", reason, dt.timedelta(seconds=delay))


async def _finish(
    clinic_id: UUID, job_id: UUID, status: str, error: str | None, again_in: dt.timedelta | None = None
) -> None:
    """Write the outcome; should the database be away, the lease ends and the job runs again: its effect does not.

    The next attempt is due by the database's clock, which also decides when it has come.
    """
    with contextlib.suppress(Unavailable):
        async with database.transaction(clinic_id) as connection:
            await connection.execute(
                "update job set status = $3::text, error = $4, run_at = coalesce(clock_timestamp() + $5, run_at), "
                "enqueued_at = null, lease_until = null, "
                "finished_at = case when $3::text in ('completed', 'dead') then clock_timestamp() end "
                "where clinic_id = $1 and id = $2 and status = 'processing'",
                clinic_id,
                job_id,
                status,
                error,
                again_in,
            )
