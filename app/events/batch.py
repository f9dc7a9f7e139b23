"""Many webhooks, one commit: what arrives while a commit runs shares the next one (performance.md section 2).

One :class:`Batcher` a process. Every row is answered only after the commit that holds it. A row that
cannot be stored fails alone; a row whose thread is held by somebody waits without holding up the others.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec
import structlog

from app.events.announce import announce, commit_hint
from app.events.log import Logged
from app.kit import database
from app.kit.crash import crash_point
from app.kit.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

log = structlog.get_logger()

LARGEST_BATCH = 256
LOCK_SECONDS = 0.1
PATIENCE_SECONDS = 5.0
BUSY_TRIES = 3
"""Looks at a held thread, 10 to 50 ms apart, before its row queues for the thread on the patient lane."""
SKIP_LOGS_SECONDS = 1.0
GIVE_UP_SECONDS = 10.0
PLAN_ROWS, PLAN_SECONDS = 2, 600.0
"""The function's plans are kept (planning costs as much as a small batch). A plan made for small tables reads the whole
clinic for each row later, so they are made anew whenever this many times the rows are stored, and every ten minutes."""


class Stored(msgspec.Struct, frozen=True):
    """The outcome of one row. ``event`` is None for a repeat: the effect happened before.

    Nothing was stored of a stranger's row that asked to be told so.
    """

    clinic_id: UUID
    event: Logged | None
    is_stranger: bool = False


class _Waiting:
    """One row on its way, and who waits for it."""

    __slots__ = ("deadline", "future", "row", "tries")

    def __init__(self, row: Sequence[Any], future: asyncio.Future[Stored]) -> None:
        self.row = row
        self.future = future
        self.tries = 0
        self.deadline = time.monotonic() + GIVE_UP_SECONDS


class Batcher:
    """Collects rows and hands them to a set-returning function of the database.

    The function takes one array a column, the moment of the batch, "pass by held logs", "wait for held threads" and the
    mark for a hint that its commit sends, and returns for each input row its number ``n``, an ``outcome`` (stored,
    repeat, stranger, again, busy) and the event.
    """

    def __init__(self, dsn: str, function: str, casts: Sequence[str]) -> None:
        arrays = ", ".join(f"${i}::{cast}[]" for i, cast in enumerate(casts, 1))
        flags = f"${len(casts) + 1}::boolean, ${len(casts) + 2}::boolean, ${len(casts) + 3}::text"
        call = f"select n, outcome, clinic_id, seq, body, sum from {function}({arrays}, clock_timestamp(), {flags})"  # noqa: S608
        # A thread that several people write in is never free when the batch happens to look: its rows queue for it.
        self._patient = _Lane(dsn, call, largest=1, lock_timeout=PATIENCE_SECONDS, waits=True)
        self._quick = _Lane(dsn, call, largest=LARGEST_BATCH, lock_timeout=LOCK_SECONDS, busy_go_to=self._patient)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to flush. Connections are made when needed, again and again if need be."""
        self._tasks = [asyncio.create_task(lane.flush_for_ever()) for lane in (self._quick, self._patient)]

    async def stop(self) -> None:
        """Store what is pending, then stop."""
        for lane in (self._quick, self._patient):
            lane.end()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        for task in self._tasks:
            task.cancel()
        for lane in (self._quick, self._patient):
            lane.hang_up()

    async def submit(self, row: Sequence[Any]) -> Stored:
        """Return when the row is committed. Raises ``Unavailable`` after 10 s; for a bad row the database's error."""
        waiting = _Waiting(row, asyncio.get_running_loop().create_future())
        self._quick.put([waiting])
        return await waiting.future


class _Lane:
    """One connection and the rows that wait for its next commit."""

    def __init__(
        self,
        dsn: str,
        call: str,
        *,
        largest: int,
        lock_timeout: float,
        waits: bool = False,
        busy_go_to: _Lane | None = None,
    ) -> None:
        self._dsn = dsn
        self._call_sql = call
        self._largest = largest
        self._limits = database.Limits(lock=lock_timeout)
        self._waits = waits
        self._busy_go_to = busy_go_to or self
        self._pending: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self._statement: Any = None
        self._rows = 0
        self._plan_at_row, self._plan_at = 0, 0.0
        self._skip_logs_until = 0.0
        self._ending = False

    def put(self, rows: list[_Waiting]) -> None:
        """Have rows stored with the next commit."""
        self._pending += rows
        self._wake.set()

    def end(self) -> None:
        """Let :meth:`flush_for_ever` return once nothing is pending."""
        self._ending = True
        self._wake.set()

    def hang_up(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def flush_for_ever(self) -> None:
        """Commit what is pending, batch after batch."""
        while True:
            await self._wake.wait()
            take, self._pending = self._pending[: self._largest], self._pending[self._largest :]
            if not self._pending:
                self._wake.clear()
            if take:
                await self._store(take)
            if self._ending and not self._pending:
                return

    async def _store(self, take: list[_Waiting]) -> None:
        try:
            await self._call(take)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            # Somebody holds a clinic's log: pass by held logs for a while, so that the other clinics do not wait.
            if not self._waits:
                self._skip_logs_until = time.monotonic() + SKIP_LOGS_SECONDS
            self.put_later(take, 0.0)
        except (
            asyncpg.DataError,
            asyncpg.IntegrityConstraintViolationError,
            asyncpg.ProgramLimitExceededError,
        ) as error:
            await self._split(take, error)
        except (asyncpg.PostgresError, *database.LOST) as error:
            log.warning("batch.database_lost", error=type(error).__name__, rows=len(take))
            self.hang_up()
            await asyncio.sleep(0.1)
            self.put_later(take, 0.2)  # a repeat is recognised, so it is safe to store the whole batch again
        except Exception as error:  # noqa: BLE001 - the flusher must survive whatever one row brings
            await self._split(take, error)

    async def _split(self, take: list[_Waiting], error: Exception) -> None:
        if len(take) == 1:
            if not take[0].future.done():
                take[0].future.set_exception(error)
            return
        middle = len(take) // 2
        await self._store(take[:middle])
        await self._store(take[middle:])

    async def _call(self, take: list[_Waiting]) -> None:
        if self._connection is None or self._connection.is_closed():
            await self._connect()
        await self._plan_anew_if_due()
        self._rows += len(take)
        columns = list(zip(*(waiting.row for waiting in take), strict=True))
        skip_logs = time.monotonic() < self._skip_logs_until
        crash_point("ingest.before_commit")
        hint = commit_hint()
        rows = await self._statement.fetch(*columns, skip_logs, self._waits, hint, timeout=GIVE_UP_SECONDS)
        crash_point("ingest.after_commit")
        stored: dict[UUID, list[Logged]] = {}
        busy: list[_Waiting] = []
        for number, outcome, clinic_id, seq, body, chain in rows:
            waiting = take[number - 1]
            if outcome == "stored":
                event = Logged(seq, body, bytes(chain))
                stored.setdefault(clinic_id, []).append(event)
                if not waiting.future.done():
                    waiting.future.set_result(Stored(clinic_id, event))
            elif outcome == "repeat":
                if not waiting.future.done():
                    waiting.future.set_result(Stored(clinic_id, None))
            elif outcome == "stranger":
                if not waiting.future.done():
                    waiting.future.set_result(Stored(clinic_id, None, is_stranger=True))
            elif outcome == "again":
                self.put_later([waiting], 0.0)
            else:
                busy.append(waiting)
        for clinic_id, events in stored.items():
            announce(clinic_id, events, hinted=hint is not None)
        for waiting in busy:
            waiting.tries += 1
            lane = self if waiting.tries < BUSY_TRIES else self._busy_go_to
            lane.put_later([waiting], random.uniform(0.01, 0.05))  # noqa: S311 - jitter

    async def _plan_anew_if_due(self) -> None:
        if self._rows >= self._plan_at_row or time.monotonic() > self._plan_at:
            assert self._connection is not None  # noqa: S101 - _call has connected
            await self._connection.execute("discard plans", timeout=GIVE_UP_SECONDS)
            self._plan_at_row = max(1, self._rows * PLAN_ROWS)
            self._plan_at = time.monotonic() + PLAN_SECONDS

    def put_later(self, rows: list[_Waiting], seconds: float) -> None:
        """Have rows stored after some seconds; those past their deadline are given up."""
        keep = []
        for waiting in rows:
            if waiting.future.done():
                continue
            if time.monotonic() > waiting.deadline:
                waiting.future.set_exception(
                    Unavailable("The message could not be stored yet. Please deliver it again.")
                )
            else:
                keep.append(waiting)
        if not keep:
            return
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._put_back, keep)
        else:
            self._put_back(keep)

    def _put_back(self, rows: list[_Waiting]) -> None:
        self._pending[:0] = rows
        self._wake.set()

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(
            self._dsn,
            timeout=5,
            server_settings=database.server_settings("ingest", self._limits),
        )
        self._statement = await self._connection.prepare(self._call_sql)
        self._rows = self._plan_at_row = 0
