"""The registry of jobs: which function answers to which name, and how it is tried again.

The row in table ``job`` (written in the transaction that made the work) is the truth; the queue only wakes a worker.
So a job runs at least once and may run twice (R21): its body re-reads state and uses conditional updates.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec

JobFunction = Callable[..., Awaitable[None]]


class JobType(msgspec.Struct, frozen=True):
    """One kind of job. Times in seconds; ``retries`` counts all attempts."""

    name: str
    run: JobFunction
    retries: int
    timeout: float
    backoff: float | None  # None: the setting JOB_BASE_BACKOFF

    def delay_after(self, attempt: int, base: float) -> float:
        """Return the wait before the next attempt: base, 2 base, 4 base, ... (attempt counts from 1)."""
        return (self.backoff if self.backoff is not None else base) * 2 ** (attempt - 1)


class Schedule(msgspec.Struct, frozen=True):
    """A timed job without a clinic: ``run()`` every ``seconds``, once over all workers; ``at_start``: also by each."""

    name: str
    run: Callable[[], Awaitable[Any]]
    seconds: float
    at_start: bool = False


JOBS: dict[str, JobType] = {}
SCHEDULES: dict[str, Schedule] = {}


def job(
    name: str, *, retries: int = 3, timeout: float = 30, backoff: float | None = None
) -> Callable[[JobFunction], JobFunction]:
    """Register ``async def f(clinic_id: UUID, **payload)`` under ``name``."""

    def register(run: JobFunction) -> JobFunction:
        JOBS[name] = JobType(name, run, retries, timeout, backoff)
        return run

    return register


def schedule(
    name: str, *, seconds: float, at_start: bool = False
) -> Callable[[Callable[[], Awaitable[Any]]], Callable[[], Awaitable[Any]]]:
    """Register ``async def f()`` to run every ``seconds`` on one of the workers, and ``at_start`` of each."""

    def register(run: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
        SCHEDULES[name] = Schedule(name, run, seconds, at_start)
        return run

    return register


class Refused(Exception):
    """The job cannot succeed however often it is tried: it goes to the dead jobs at once."""


def payload_ids(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload with texts that are ids turned into UUIDs, as job functions expect them."""
    return {
        key: UUID(value) if key.endswith("_id") and isinstance(value, str) else value for key, value in payload.items()
    }
