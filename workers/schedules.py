"""Timed work without a clinic: each schedule runs once per period over all workers."""

from __future__ import annotations

import asyncio
import random

import structlog

from app.kit import database
from app.kit.errors import Unavailable
from app.kit.jobs import SCHEDULES, Schedule, schedule

log = structlog.get_logger()


async def run_schedules() -> None:
    """Run until cancelled."""
    await asyncio.gather(*(_keep(one) for one in SCHEDULES.values()))


async def _keep(one: Schedule) -> None:
    if one.at_start:
        await _run(one)
    while True:
        await asyncio.sleep(one.seconds * random.uniform(0.4, 0.6))  # noqa: S311 - spread the workers
        await _run(one, if_ours=True)


async def _run(one: Schedule, *, if_ours: bool = False) -> None:
    """Run it once. Nothing it meets, a full disk for one, may end the other schedules and with them the worker."""
    try:
        # The bucket that limits callers also shares a schedule out: one token a period, whoever asks first.
        if if_ours and await database.fetchval("select rate_take($1, $2, 1)", f"schedule:{one.name}", 1 / one.seconds):
            return
        await one.run()
    except Unavailable:
        log.warning("schedule.database_away", schedule=one.name)
    except Exception:
        log.exception("schedule.failed", schedule=one.name)


@schedule("release_jobs", seconds=2)
async def release_jobs() -> None:
    """Free the jobs of workers that died."""
    freed = await database.fetchval("select release_jobs()")
    if freed:
        log.warning("jobs.released", count=freed)


@schedule("prune", seconds=3600)
async def prune() -> None:
    """Remove what has been kept long enough, in small steps."""
    while True:
        rows = await database.fetch("select what, count from prune(1000)")
        counts = {row["what"]: row["count"] for row in rows}
        if any(counts.values()):
            log.info("pruned", **counts)
        if max(counts.values(), default=0) < 1000:
            return
