"""The relay: rows of table ``job`` that are due go to the queue; the log goes to the reactions.

The queue only wakes somebody up. A row that was handed over and not taken within two heartbeats (30 s) is handed over
again, so a lost queue (a flushed Redis, say) costs time and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import structlog
from saq import Job

from app.config import settings
from app.events.announce import JOBS_TOPIC, LOG_TOPIC
from app.events.service import LARGEST_READ, REACTIONS, bus, parse_hint, read_log
from app.kit import database
from app.kit.crash import crash_point
from app.kit.errors import Unavailable
from app.kit.jobs import JOBS
from app.kit.pubsub import RESYNC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saq import Queue

    from app.events.service import Logged

log = structlog.get_logger()

AT_ONCE = 100
LONGEST_HAND_OVER = 10.0
"""A queue or a database that does not answer must not keep the relay: the rows are handed over again."""


class Relay:
    """Hands due jobs to the queue."""

    def __init__(self, queue: Queue, poll_seconds: float) -> None:
        self._queue = queue
        self._poll_seconds = poll_seconds
        self._again_after = dt.timedelta(seconds=2 * settings().job_heartbeat)
        self._wake = asyncio.Event()
        the_bus = bus()
        if the_bus is not None:
            the_bus.subscribe(JOBS_TOPIC, lambda _text: self._wake.set())

    async def run(self) -> None:
        """Run until cancelled: on a hint, at the next job's time, and every ``POLL_SECONDS``."""
        while True:
            self._wake.clear()
            pause = self._poll_seconds
            try:
                async with asyncio.timeout(LONGEST_HAND_OVER) as limit:
                    while await self._hand_over() == AT_ONCE:
                        limit.reschedule(asyncio.get_running_loop().time() + LONGEST_HAND_OVER)
                    due_in = await database.fetchval("select next_job_in()")
                if due_in is not None:
                    pause = min(pause, max(0.0, due_in))
            except Unavailable:
                log.warning("relay.database_away")
            except Exception as error:  # noqa: BLE001 - the queue's own errors; the rows stay and are handed over later
                log.warning("relay.failed", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(pause, 0.001))

    async def _hand_over(self) -> int:
        rows = await database.fetch(
            "select clinic_id, id, type, attempts from take_jobs($1, $2)", AT_ONCE, self._again_after
        )
        crash_point("relay.after_take")
        for row in rows:
            known = JOBS.get(row["type"])
            timeout = round((known.timeout if known else 30) + 10)
            # No key of ours: a hand-over that a dead worker took must not keep the next one out. The claim decides.
            await self._queue.enqueue(
                Job(
                    function="run_job",
                    kwargs={"clinic_id": str(row["clinic_id"]), "job_id": str(row["id"])},
                    timeout=timeout,
                    heartbeat=0,
                    retries=1,
                    ttl=1,
                )
            )
        return len(rows)


class ReactionFeed:
    """Shows the log to the reactions, each at its own position."""

    def __init__(self, poll_seconds: float) -> None:
        self._poll_seconds = poll_seconds
        self._clinics: set[UUID] = set()
        self._wake = asyncio.Event()
        the_bus = bus()
        if the_bus is not None:
            the_bus.subscribe(LOG_TOPIC, self._on_hint)

    def _on_hint(self, text: str) -> None:
        if text != RESYNC:
            self._clinics.add(parse_hint(text).clinic_id)
            self._wake.set()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._poll_seconds * 5)
            self._wake.clear()
            clinics, self._clinics = self._clinics, set()
            try:
                behind = await database.fetch("select clinic_id from clinics_behind($1, 1000)", list(REACTIONS))
                for clinic_id in clinics & {row["clinic_id"] for row in behind} or {row["clinic_id"] for row in behind}:
                    await self._feed(clinic_id)
            except Unavailable:
                log.warning("reactions.database_away")
            except Exception:  # one clinic must not stop the others for good
                log.exception("reactions.failed")

    async def _feed(self, clinic_id: UUID) -> None:
        # One worker at a time feeds a clinic's reactions; the lock goes with the connection that holds it.
        async with database.pool().acquire() as connection:
            lock = f"reactions:{clinic_id}"
            if not await connection.fetchval("select pg_try_advisory_lock(hashtextextended($1, 11))", lock):
                return
            try:
                names = list(REACTIONS)
                while names:
                    names = await _step(clinic_id, names)
            finally:
                await connection.execute("select pg_advisory_unlock(hashtextextended($1, 11))", lock)


async def _step(clinic_id: UUID, names: Sequence[str]) -> list[str]:
    """Show these reactions what lies above their places; returns those for which there may be more.

    Those at the same place, nearly always all of them, share one reading of the log: one more costs next to nothing.
    """
    async with database.reading(clinic_id) as snapshot:
        rows = await snapshot.fetch(
            "select name, seq from reaction_position where clinic_id = $1 and name = any ($2)", clinic_id, names
        )
    places = {row["name"]: row["seq"] for row in rows}
    together: dict[int, list[str]] = {}
    for name in names:
        together.setdefault(places.get(name, 0), []).append(name)
    more: list[str] = []
    for place, group in together.items():
        events = await read_log(clinic_id, place)
        if not events:
            continue
        typed = [(_type_of(event.body), event) for event in events]
        done = [name for name in group if await _show(clinic_id, name, typed)]
        async with database.transaction(clinic_id) as writing:
            await writing.execute(
                "insert into reaction_position (clinic_id, name, seq) select $1, unnest($2::text[]), $3 "
                "on conflict (clinic_id, name) do update set seq = greatest(reaction_position.seq, excluded.seq)",
                clinic_id,
                done,
                events[-1].seq,
            )
        more += done if len(events) == LARGEST_READ else []
    return more


async def _show(clinic_id: UUID, name: str, typed: Sequence[tuple[str, Logged]]) -> bool:
    """Run a reaction on what it asked for; False when it failed: it stays where it is and the others go on."""
    reaction = REACTIONS[name]
    wanted = [event for type_, event in typed if type_ in reaction.types]
    try:
        if wanted:
            await reaction.run(clinic_id, wanted)
    except Unavailable:
        log.warning("reactions.database_away", reaction=name)
        return False
    except Exception:
        log.exception("reactions.failed", reaction=name)
        return False
    return True


class _Typed(msgspec.Struct):
    type: str


_type = msgspec.json.Decoder(_Typed).decode


def _type_of(body: str) -> str:
    return _type(body + "}").type
