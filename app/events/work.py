"""The unit of work: one use case, one transaction, its events, its audit rows and its jobs."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec
import structlog

from app.events.announce import announce, announce_jobs
from app.events.log import Event, Logged, encode_rest
from app.kit import database
from app.kit.crash import crash_point
from app.kit.errors import Unavailable
from app.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.kit.principal import Principal

log = structlog.get_logger()

SLOW_COMMIT_SECONDS = 0.05
_APPEND = "select seq, body, sum from log_append($1, $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::json[])"
_JOBS = """insert into job (id, clinic_id, type, payload, status, run_at, created_at)
select id, $1, type, payload::jsonb, 'pending', coalesce(run_at, now() + pause), now()
from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::interval[])
  as x (id, type, payload, run_at, pause)"""


class Work:
    """What a use case does besides its own statements. Nothing leaves before the commit."""

    def __init__(self, clinic_id: UUID, principal: Principal, connection: asyncpg.Connection) -> None:
        self.clinic_id = clinic_id
        self.principal = principal
        self.connection = connection
        self.logged: list[Logged] = []
        """The committed events, in the order they were recorded; filled when the block ends."""
        self._events: list[tuple[str, str, UUID | None, UUID | None]] = []
        self._jobs: list[tuple[UUID, str, str, dt.datetime | None, dt.timedelta]] = []
        self._audit: list[str] = []
        self._wakes = False

    def record(self, event: Event, *, thread_id: UUID | None = None, message_id: UUID | None = None) -> None:
        """Write an event with this commit.

        With ``message_id`` the message gets the event's seq, and its thread ``last_seq``: this is what the fence reads.
        """
        self._events.append((event.type, encode_rest(event, self.principal), thread_id, message_id))

    def enqueue(
        self, job: str, *, run_at: dt.datetime | None = None, after: dt.timedelta = dt.timedelta(), **payload: Any
    ) -> UUID:
        """Have a job run after the commit: at ``run_at``, a moment that people chose, or ``after`` a pause from now on.

        Now is the database's: it also says what is due, and our own clock may be wrong. Ids in the payload are sent as
        text.
        """
        job_id = new_id()
        self._jobs.append((job_id, job, msgspec.json.encode(payload).decode(), run_at, after))
        return job_id

    def wake_jobs(self) -> None:
        """Wake the relay after the commit: a job row was changed by hand."""
        self._wakes = True

    def audit(
        self, action: str, subject_type: str = "", subject_id: UUID | None = None, *, mode: str = "live", **details: Any
    ) -> None:
        """Write an audit row with this commit. ``details`` hold what changed, never a message body or a secret."""
        who = self.principal
        entry = {
            "action": action,
            "actor_type": who.type,
            "actor_id": who.id,
            "actor_name": who.name,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "mode": mode,
            "request_id": who.request_id,
            "address": who.address,
            **details,
        }
        self._audit.append(msgspec.json.encode(entry).decode())

    async def close(self) -> None:
        """Write jobs and, last, events and audit rows: the log's lock is held from here to the commit only."""
        if self._jobs:
            await self.connection.execute(_JOBS, self.clinic_id, *zip(*self._jobs, strict=True))
        if self._events or self._audit:
            types, rests, threads, messages = zip(*self._events, strict=True) if self._events else ((), (), (), ())
            rows = await self.connection.fetch(_APPEND, self.clinic_id, types, rests, threads, messages, self._audit)
            self.logged = [Logged(row["seq"], row["body"], row["sum"]) for row in rows]

    def announce(self) -> None:
        """Tell the world; called after the commit."""
        announce(self.clinic_id, self.logged)
        if self._jobs or self._wakes:
            announce_jobs()


@contextlib.asynccontextmanager
async def unit_of_work(clinic_id: UUID, principal: Principal) -> AsyncIterator[Work]:
    """Open the one transaction of a use case; commits at the end of the block, rolls back on any exception.

    Lock order inside: contact point, contact, thread, message and other rows (several of one kind in id order); the
    clinic's log comes last, by itself, when the block ends. No provider call and no new task inside.
    Raises ``Unavailable`` when the database is away or a lock is not to be had: nothing was changed then.
    """
    started = 0.0
    async with database.transaction(clinic_id) as connection:
        work = Work(clinic_id, principal, connection)
        yield work
        await work.close()
        started = time.monotonic()
        crash_point("work.before_commit")
    if work.logged and time.monotonic() - started > SLOW_COMMIT_SECONDS:
        log.warning("work.slow_commit", ms=round(1000 * (time.monotonic() - started)))
    crash_point("work.after_commit")
    work.announce()


async def retrying(use_case: Any, *arguments: Any, attempts: int = 3, **named: Any) -> Any:
    """Run a use case of our own processes again when the database was busy or restarting."""
    for attempt in range(1, attempts + 1):
        try:
            return await use_case(*arguments, **named)
        except (Unavailable, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == attempts:
                raise
            await asyncio.sleep(0.1 * 2**attempt)
    return None
