"""How soon after its commit a message is tagged, and how many a second the assistant reads."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tests.bench.endtoend import Poster
from tests.bench.product import BenchError
from tests.bench.report import Measure
from tests.bench.webhooks import Texter

if TYPE_CHECKING:
    from tests.bench.product import Site, Web
    from tests.bench.seed import Clinic

GROUP = "The assistant"
PACE, PACED = 20, 200
BURST = 1_000
PATIENCE_SECONDS = 120.0
TEXTS = (
    "Can I come in for a cleaning next Tuesday at 4?",
    "do u take delta dental",
    "My crown fell out last night and it hurts when I bite",
    "I need to cancel my appointment on Friday, sorry",
    "You charged me twice for the x-ray, please fix this",
    "Thank you so much, see you Monday!",
    "Hola, quisiera una cita para mi hija la próxima semana",
)
_TOOK = """with told as (
  select type, at, (body || '}}')::json->'data'->'message'->>'id' as message from event
  where clinic_id = '{clinic}' and type in ('message.created', 'ai.triaged') and seq > {after}
)
select extract(epoch from t.at - c.at)::float * 1000 from told t join told c using (message)
where t.type = 'ai.triaged' and c.type = 'message.created' order by 1"""


def measure(site: Site, clinic: Clinic, *, full: bool) -> list[Measure]:
    """Texts at a steady pace, then many at once, with one web and one worker."""
    texter, count = Texter([clinic], seed=41), BURST * (5 if full else 1)
    with site.web(name="triage") as web, site.worker():
        warm = _head(site, clinic)
        asyncio.run(_deliver(web, texter, 20, PACE))
        _wait(site, clinic, warm, 20)
        after = _head(site, clinic)
        asyncio.run(_deliver(web, texter, PACED, PACE))
        took = _wait(site, clinic, after, PACED)
        after, began = _head(site, clinic), time.monotonic()
        asyncio.run(_deliver(web, texter, count, count))
        _wait(site, clinic, after, count)
        rate = count / (time.monotonic() - began)
    return [
        Measure(
            group=GROUP,
            name=f"commit of a text -> commit of its tag, {PACE}/s, p95",
            value=took[int(0.95 * (len(took) - 1))],
            bar=300,
            aim=100,
            unit="ms",
            note=f"p50 {took[len(took) // 2]:.0f} ms",
        ),
        Measure(
            group=GROUP,
            name="texts stored and tagged a second",
            value=rate,
            bar=100,
            aim=500,
            more_is_better=True,
            unit="/s",
            note=f"{count} at once; one web, one worker, on two cores with the sender",
        ),
    ]


async def _deliver(web: Web, texter: Texter, count: int, rate: float) -> None:
    poster, tasks, start = Poster(web.port), [], time.monotonic()
    limit = asyncio.Semaphore(32)

    async def one(number: int) -> None:
        async with limit:
            await poster.post(texter.request(f"{TEXTS[number % len(TEXTS)]} ({number})"), 0)

    for number in range(count):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)


def _head(site: Site, clinic: Clinic) -> int:
    [(seq,)] = site.sql("select seq from clinic_log where clinic_id = %s", clinic.id)
    return int(str(seq))


def _wait(site: Site, clinic: Clinic, after: int, count: int) -> list[float]:
    """Wait until so many messages above a number of the log are tagged; returns the milliseconds each took."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        [(tagged,)] = site.sql(
            "select count(*) from event where clinic_id = %s and type = 'ai.triaged' and seq > %s", clinic.id, after
        )
        if int(str(tagged)) >= count:
            rows = site.sql(_TOOK.format(clinic=clinic.id, after=after))
            return [float(str(row[0])) for row in rows]
        if time.monotonic() > deadline:
            raise BenchError(f"Only {tagged} of {count} texts were tagged in {PATIENCE_SECONDS:.0f} s.")
        time.sleep(0.1)
