"""A product whose every line to another part can be broken, and how to make whole servers stand still."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from app.kit.embedded_postgres import EmbeddedPostgres
from tests.journeys.proxy import Address, Link
from tests.journeys.support import at_twilio
from tests.support.postgres import Databases
from tests.support.product import Product
from tests.support.twilio_server import RunningTwilio

SCALED = {"PING_SECONDS": "1", "PONG_SECONDS": "1"}
RECONNECT_SECONDS = 10.0
"""All parts are back within this time after the fault is over."""
PATIENCE_SECONDS = 12.0
"""Nobody waits longer for a word, even a 503: less than Twilio's 15 s."""


class Wired:
    """Two webs and a worker. The first web and the worker reach their database, and the worker Twilio, by links."""

    def __init__(self, databases: Databases, folder: Path, **environment: str) -> None:
        self.server = databases.server
        database = databases.make()
        self.twilio = RunningTwilio(folder / "journal.jsonl")
        at = self.server.socket_dir / ".s.PGSQL.5432"
        self.web_database, self.worker_database = Link(at), Link(at)
        self.provider = Link(("127.0.0.1", self.twilio.port))
        self.links = [self.web_database, self.worker_database, self.provider]
        told = {**at_twilio(self.twilio), **SCALED, "TWILIO_API_URL": self.provider.url, **environment}
        self.product = Product(database, web=2, **told)
        for part, link in ((self.product.web[0], self.web_database), (self.product.worker, self.worker_database)):
            assert part is not None
            part.environment = {
                **part.environment,
                "DATABASE_URL": through(link, database.app_dsn),
                "DATABASE_OWNER_URL": through(link, database.owner_dsn),
            }
        web = urlsplit(self.product.web[0].url)
        self.front = self.link(("127.0.0.1", web.port or 0))
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
