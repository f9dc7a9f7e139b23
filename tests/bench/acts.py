"""A unit of work with one event beside one without: eight writers, as a front desk's requests would run them.

A program of its own, so that the loop, the pool and the bus are those of a web process:
`python -m tests.bench.acts DSN CLINIC_IDS SECONDS REPEATS` prints acts per second, interleaved.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import time
from uuid import UUID

import uvloop

from app.events.service import unit_of_work, use_bus
from app.inbox import queries
from app.inbox.events import ThreadUpdated
from app.kit import database
from app.kit.principal import Principal, system
from app.kit.pubsub import make_bus

WRITERS = 8


async def act(clinic_id: UUID, thread_id: UUID, who: Principal, *, event: bool) -> None:
    """Change one thread in the steps of every staff act: lock, write, read back (``app/inbox/service/acts.py``)."""
    async with unit_of_work(clinic_id, who) as work:
        row = await queries.lock_thread(clinic_id, thread_id)
        intent = random.choice(("booking", "price", "pain"))
        await work.connection.execute(
            "update thread set intent = $3 where clinic_id = $1 and id = $2", clinic_id, thread_id, intent
        )
        thread = await queries.get_thread(clinic_id, thread_id)
        if event:
            work.record(ThreadUpdated(thread=thread, changes={"intent": [row["intent"], intent]}))


async def rate(threads: list[tuple[UUID, UUID]], seconds: float, *, event: bool) -> tuple[float, float]:
    """Return acts per second of all writers together, and CPU microseconds of this process per act."""
    who = {clinic_id: system(clinic_id) for clinic_id, _ in threads}
    done, end = 0, time.monotonic() + seconds

    async def write(mine: list[tuple[UUID, UUID]]) -> None:
        nonlocal done
        while time.monotonic() < end:
            clinic_id, thread_id = random.choice(mine)
            await act(clinic_id, thread_id, who[clinic_id], event=event)
            done += 1

    began, cpu = time.monotonic(), time.process_time()
    # Each writer has threads of its own: what is measured is the log, not two people at one conversation.
    await asyncio.gather(*(write(threads[n::WRITERS]) for n in range(WRITERS)))
    return done / (time.monotonic() - began), 1e6 * (time.process_time() - cpu) / done


async def main(dsn: str, clinics: list[UUID], seconds: float, repeats: int) -> dict[str, float]:
    """Measure both, one after the other, several times."""
    await database.start(dsn, name="bench", size=WRITERS + 2)
    bus = make_bus(dsn, None)
    use_bus(bus)
    await bus.start()
    threads = []
    for clinic_id in clinics:
        async with database.reading(clinic_id) as connection:
            rows = await connection.fetch("select id from thread where clinic_id = $1 limit 400", clinic_id)
        threads += [(clinic_id, row["id"]) for row in rows]
    random.shuffle(threads)
    await rate(threads, 0.3, event=True)
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for repeat in range(repeats):
        for event in (True, False) if repeat % 2 else (False, True):
            found[event].append(await rate(threads, seconds, event=event))
    await bus.stop()
    await database.stop()
    return {
        "with": statistics.median(one[0] for one in found[True]),
        "without": statistics.median(one[0] for one in found[False]),
        "ratio": statistics.median(a[0] / b[0] for a, b in zip(found[True], found[False], strict=True)),
        "cpu_with": statistics.median(one[1] for one in found[True]),
        "cpu_without": statistics.median(one[1] for one in found[False]),
    }


if __name__ == "__main__":
    print(
        json.dumps(
            uvloop.run(
                main(sys.argv[1], [UUID(one) for one in sys.argv[2].split(",")], float(sys.argv[3]), int(sys.argv[4]))
            )
        )
    )
