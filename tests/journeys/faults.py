"""A product whose every line to another part can be broken, and how to make whole servers stand still."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from app.kit.embedded_postgres import EmbeddedPostgres
from tests.journeys.checker import Acked
from tests.journeys.proxy import Address, Link
from tests.journeys.support import PATIENT, LiveChannel, at_twilio
from tests.support.clinic import Clinic
from tests.support.postgres import Databases
from tests.support.product import Product, Web
from tests.support.twilio_server import RunningTwilio

SCALED = {"PING_SECONDS": "1", "PONG_SECONDS": "1"}
RECONNECT_SECONDS = 10.0
"""All parts are back within this time after the fault is over."""
PATIENCE_SECONDS = 12.0
"""Nobody waits longer for a word, even a 503: less than Twilio's 15 s."""


class Wired:
    """Webs and a worker. The first web and the worker reach their database, and the worker Twilio, by links."""

    def __init__(self, databases: Databases, folder: Path, *, web: int = 2, **environment: str) -> None:
        self.server = databases.server
        database = databases.make()
        self.twilio = RunningTwilio(folder / "journal.jsonl")
        at = self.server.socket_dir / ".s.PGSQL.5432"
        self.web_database, self.worker_database = Link(at), Link(at)
        self.provider = Link(("127.0.0.1", self.twilio.port))
        self.links = [self.web_database, self.worker_database, self.provider]
        told = {**at_twilio(self.twilio), **SCALED, "TWILIO_API_URL": self.provider.url, **environment}
        self.product = Product(database, web=web, **told)
        for part, link in ((self.product.web[0], self.web_database), (self.product.worker, self.worker_database)):
            assert part is not None
            part.environment = {
                **part.environment,
                "DATABASE_URL": through(link, database.app_dsn),
                "DATABASE_OWNER_URL": through(link, database.owner_dsn),
            }
        self.front = self.link(("127.0.0.1", self.product.web[0].port))
        """From the clients to the first web."""
        self._numbers = iter(range(200, 1000))

    def link(self, to: Address) -> Link:
        """One more link that is mended and closed with the others."""
        made = Link(to)
        self.links.append(made)
        return made

    @property
    def address(self) -> str:
        """A number no clinic has yet."""
        return f"+1202555{next(self._numbers):04d}"

    def mend(self) -> None:
        """Let everything pass again."""
        for link in self.links:
            link.mend()

    def stop(self) -> None:
        """End all of it."""
        self.mend()
        self.twilio.process.send_signal(signal.SIGCONT)
        self.server.start()
        self.product.stop()
        self.product.database.drop()
        self.twilio.stop()
        for link in self.links:
            link.close()


def through(link: Link, dsn: str) -> str:
    """The same database, reached by a link."""
    parts = urlsplit(dsn)
    return f"postgresql://{parts.username}@127.0.0.1:{link.port}{parts.path}"


@contextlib.contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """SIGSTOP for as long as the block runs."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def processes_of(server: EmbeddedPostgres) -> list[int]:
    """PostgreSQL's parent first, so that it starts no more of them, then all its children."""
    parent = server.pid()
    assert parent is not None
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=True)
    return [parent, *map(int, listed.stdout.split())]


async def answer_of(http: httpx.AsyncClient, path: str, **options: object) -> tuple[int, float, str | None]:
    """Status, seconds and Retry-After of one GET."""
    begun = time.monotonic()
    answer = await http.get(path, **options)  # type: ignore[arg-type]
    return answer.status_code, time.monotonic() - begun, answer.headers.get("retry-after")


def metric(text: str, name: str) -> float:
    """One number of /metrics."""
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(f"{name} "))


def texts(clinic: Clinic, *sids: str) -> list[Acked]:
    """These texts were acked."""
    return [Acked(str(clinic.id), sid) for sid in ("SM-first", *sids)]


@contextlib.asynccontextmanager
async def at(clinic: Clinic, web: Web | Link, patience: float = 20.0) -> AsyncIterator[httpx.AsyncClient]:
    """The owner at one of the webs, on connections of their own."""
    headers = {"origin": clinic.product.url}
    async with httpx.AsyncClient(
        base_url=web.url, cookies=clinic.owner.cookies, headers=headers, timeout=patience, trust_env=False
    ) as http:
        yield http


async def until_served(clinic: Clinic, web: Web, seconds: float = RECONNECT_SECONDS) -> None:
    """Wait until a web answers 200 again; meanwhile nothing but "come back later"."""
    end = time.monotonic() + seconds
    async with at(clinic, web) as http:
        while True:
            status, _, retry_after = await answer_of(http, clinic.at("threads"))
            if status == 200:
                return
            assert (status, retry_after) == (503, "1")
            assert time.monotonic() < end, f"still {status}"
            await asyncio.sleep(0.1)


async def all_refused_in_time(clinic: Clinic, web: Web, number: int = 30) -> None:
    """Ask many times at once while the database is away: each gets a 503 with Retry-After before it loses patience."""
    async with at(clinic, web) as http:
        answers = await asyncio.gather(*(answer_of(http, clinic.at("threads")) for _ in range(number)))
    assert {(status, retry) for status, _, retry in answers} == {(503, "1")}
    assert max(seconds for _, seconds, _ in answers) < PATIENCE_SECONDS


async def text_refused_in_time(channel: LiveChannel) -> None:
    """A delivery is not acked while the database is away."""
    begun = time.monotonic()
    text = await channel.text(PATIENT, "Lost?", sid="SM-no")
    assert (text.status_code, text.headers["retry-after"]) == (503, "1")
    assert time.monotonic() - begun < PATIENCE_SECONDS


async def close_at(clinic: Clinic, web: Web) -> int:
    """Close the patient's conversation at a web; returns the number of that event, after which nothing happens."""
    async with at(clinic, web) as http:
        thread = (await http.get(clinic.at("threads?view=all"))).json()["items"][0]
        token = {"x-csrftoken": clinic.owner.cookies["csrftoken"]}
        answer = await http.post(clinic.at(f"threads/{thread['id']}/close"), headers=token)
    assert answer.status_code == 200, answer.text
    [(head,)] = clinic.product.sql("select seq from clinic_log where clinic_id = %s", clinic.id)
    return int(head)


def connections(product: Product) -> int:
    """How many the product has."""
    return int(product.sql("select count(*) from pg_stat_activity where datname = current_database()")[0][0])


def taken(twilio: RunningTwilio, body: str) -> int:
    """How often the provider took a text."""
    return sum(line["body"] == body for line in twilio.accepted())
