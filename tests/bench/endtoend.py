"""From the webhook's POST to the frame in a browser, at 500 messages a second; who waits when one thread is held."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any

import asyncpg

from tests.bench import tools
from tests.bench.fanout import key_file
from tests.bench.product import BenchError
from tests.bench.report import OUT, Measure, middle
from tests.bench.seed import CONTACTS
from tests.bench.webhooks import Texter

if TYPE_CHECKING:
    from tests.bench.product import Site, Web
    from tests.bench.seed import Clinic

GROUP = "End to end: 500 messages/s, 500 sockets (10 clinics)"
HOLD = "One thread held for 1.5 s"
RATE, SOCKETS, CLINICS = 500, 500, 10
MARK = "sent at "
"""Stands in the text before the nanoseconds of the moment it was posted; the frame brings it back."""
HOLD_SECONDS = 1.5


class Poster:
    """Posts at a steady rate whatever the answers take (open loop), on as many connections as that needs."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.acks: list[tuple[float, float, int]] = []
        """(moment of the POST, seconds until its 200, which patient's)"""

    async def post(self, request: bytes, patient: int) -> None:
        """Send one request and keep how long its answer took."""
        began = time.monotonic()
        reader, writer = self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        await reader.readexactly(int(length))
        if b" 200 " not in head[:20]:
            raise BenchError(f"A delivery was refused: {head[:100]!r}")
        self._free.append((reader, writer))
        self.acks.append((began, time.monotonic() - began, patient))

    async def run(self, texter: Texter, rate: float, seconds: float, patients: list[int]) -> int:
        """Post for a while and return how many."""
        pick, tasks, start = random.Random(7), [], time.monotonic() + 0.05
        for number in range(int(rate * seconds)):
            pause = start + number / rate - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            patient = pick.choice(patients)
            request = texter.request(f"{MARK}{time.monotonic_ns()} {texter.words(10)}", patient)
            tasks.append(asyncio.create_task(self.post(request, patient)))
        await asyncio.gather(*tasks)
        for _, writer in self._free:
            writer.close()
        return len(tasks)

    def quantile(self, q: float, only: set[int] | None = None, since: float = 0, until: float = float("inf")) -> float:
        """Milliseconds until the 200."""
        took = sorted(t for at, t, patient in self.acks if since <= at <= until and (only is None or patient in only))
        return 1000 * took[int(q * (len(took) - 1))] if took else float("nan")


def patients_of(clinics: list[Clinic], first: int) -> list[int]:
    """The seeded patients of the first clinics."""
    return [g for g in range(CONTACTS) if g % len(clinics) < first]


def once(site: Site, at: Web, watched: Web, clinics: list[Clinic], *, seconds: float, seed: int) -> dict[str, Any]:
    """Post to one process and listen at another (or the same) one."""
    texter, patients = Texter(clinics, seed), patients_of(clinics, CLINICS)
    asyncio.run(Poster(at.port).run(texter, 100, 0.5, patients))  # channels known, connections made, plans ready
    want = int(RATE * seconds) * SOCKETS // CLINICS
    watch = tools.start_websockets(
        watched.port,
        "/ws",
        SOCKETS,
        f"watch:{seconds + 20}",
        f"want={want}",
        f"mark={MARK}",
        f"keys={key_file(site, clinics[:CLINICS], 'keys10')}",
    )
    poster = Poster(at.port)
    posted = asyncio.run(poster.run(texter, RATE, seconds, patients))
    done = tools.result_of(watch)
    missing = posted * SOCKETS // CLINICS - done["deliveries"]
    if missing or done["disorder"]:
        raise BenchError(f"{missing} frames missing, {done['disorder']} out of order, {done['closed']} sockets closed")
    return {
        "frame50": done["p50_ms"],
        "frame99": done["p99_ms"],
        "ack50": poster.quantile(0.5),
        "ack99": poster.quantile(0.99),
    }


def measure(site: Site, clinics: list[Clinic], *, full: bool) -> list[Measure]:
    """Same process and second replica, in turns."""
    repeats, seconds = (4, 5) if full else (2, 3)
    runs: dict[str, list[dict[str, Any]]] = {"same process": [], "second replica": []}
    with site.web(name="first") as first, site.web(name="second") as second:
        for repeat in range(repeats):
            for place, results in runs.items():
                watched = first if place == "same process" else second
                results.append(once(site, first, watched, clinics, seconds=seconds, seed=time.time_ns()))
                OUT.print(
                    f"[dim]  end to end, {place} ({repeat + 1}): "
                    + ", ".join(f"{k} {v:.1f}" for k, v in results[-1].items())
                )
    found = []
    for place, bar, aim in (("same process", 1.25, 1.05), ("second replica", 2.0, 1.4)):
        for q in (50, 99):
            frame, ack = middle([r[f"frame{q}"] for r in runs[place]]), middle([r[f"ack{q}"] for r in runs[place]])
            ratio = middle([r[f"frame{q}"] / r[f"ack{q}"] for r in runs[place]])
            found.append(
                Measure(
                    group=GROUP,
                    name=f"POST -> frame / ack, p{q}, {place}",
                    value=ratio,
                    bar=bar,
                    aim=aim,
                    note=f"{frame:.1f} / {ack:.1f} ms; none lost, none out of order",
                )
            )
    return found


async def _hold(site: Site, web: Web, clinics: list[Clinic]) -> float:
    """Return the other clinics' p99 while a transaction of the first one sits on a thread."""
    patients = patients_of(clinics, len(clinics))
    held, others = patients[0], {g for g in patients if g % len(clinics) != 0}
    owner = await asyncpg.connect(site.owner_dsn)
    texter, poster = Texter(clinics, time.time_ns()), Poster(web.port)
    await Poster(web.port).run(texter, 100, 0.5, patients)
    posting = asyncio.create_task(poster.run(texter, 200, HOLD_SECONDS + 1.0, [*patients[:400], *[held] * 20]))
    await asyncio.sleep(0.3)
    since = time.monotonic()
    async with owner.transaction():
        await owner.execute(
            "select id from thread where clinic_id = $1 and contact_phone = $2 for no key update",
            clinics[0].id,
            f"+1555{held:07}",
        )
        await asyncio.sleep(HOLD_SECONDS)
        until = time.monotonic()
    await posting
    await owner.close()
    waited = max((took for at, took, patient in poster.acks if patient == held and at < until), default=0)
    if waited < 0.2:
        raise BenchError("The held thread's messages did not wait: the lock was not felt.")
    return poster.quantile(0.99, only=others, since=since, until=until)


def measure_hold(site: Site, web: Web, clinics: list[Clinic], *, full: bool) -> list[Measure]:
    """Somebody's slow act must stop nobody else."""
    values = [asyncio.run(_hold(site, web, clinics)) for _ in range(5 if full else 2)]
    return [Measure(group=HOLD, name="other clinics' ack p99", value=middle(values), bar=20, aim=10, unit="ms")]
