"""Those who break things: kill -9, SIGSTOP, SIGTERM, for each part of a running product."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from app.kit.embedded_postgres import EmbeddedPostgres
from tests.support.product import Process, Product, free_port

CLEAN = {0, -signal.SIGTERM}
"""Exit statuses of an orderly end: uvicorn ends by the signal it was sent, once everything is closed."""


class Redis:
    """A redis-server on a free port; it comes back on the same one, empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        program = shutil.which("redis-server")
        assert program is not None, "no redis-server on this machine"
        self.child = subprocess.Popen(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(OSError):
            ping = subprocess.run(
                ["redis-cli", "-p", str(self.port), "ping"], capture_output=True, timeout=5, check=False
            )
            return ping.stdout.strip() == b"PONG"
        return False

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()


def kill_server(server: EmbeddedPostgres) -> None:
    """``kill -9`` of PostgreSQL's parent; its backends notice and end."""
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    if server.process is not None:
        server.process.wait()


def kill_backend(product: Product, draw: random.Random) -> None:
    """``kill -9`` of one connection's process: PostgreSQL restarts all of them."""
    with suppress(psycopg.Error):
        pids = product.sql(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        if pids:
            with suppress(ProcessLookupError):
                os.kill(draw.choice(pids)[0], signal.SIGKILL)


class Breaker:
    """Breaks one thing after the other, and puts it right again."""

    def __init__(self, product: Product, server: EmbeddedPostgres, seed: int) -> None:
        self.product, self.server = product, server
        self.random = random.Random(seed)
        self.done: list[str] = []

    async def kill(self, part: Process) -> None:
        """``kill -9``, and a new one after a moment."""
        self.done.append(f"kill -9 {part.name}")
        part.kill()
        await asyncio.sleep(self.random.uniform(0, 1.5))
        await asyncio.to_thread(part.start)

    async def stop(self, part: Process) -> None:
        """SIGTERM, and a new one."""
        self.done.append(f"stop {part.name}")
        status = await asyncio.to_thread(part.stop)
        assert status in CLEAN, f"{status}: {part.log()[-2000:]}"
        await asyncio.to_thread(part.start)

    async def freeze(self, part: Process, seconds: float) -> None:
        """SIGSTOP for a while."""
        self.done.append(f"freeze {part.name} for {seconds:.1f} s")
        part.signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        part.signal(signal.SIGCONT)

    async def kill_postgres(self) -> None:
        """``kill -9`` of the database, and a new one after a moment."""
        self.done.append("kill -9 postgres")
        kill_server(self.server)
        await asyncio.sleep(self.random.uniform(0, 2))
        await asyncio.to_thread(self.server.start)

    async def kill_connection(self) -> None:
        """``kill -9`` of one of the database's processes."""
        self.done.append("kill -9 of a connection")
        await asyncio.to_thread(kill_backend, self.product, self.random)

    async def break_something(self) -> None:
        """One fault, or two of different parts at a time."""
        worker = self.product.worker
        assert worker is not None
        web = self.random.choice(self.product.web)
        other = next(one for one in self.product.web if one is not web)
        choices = [
            lambda: [self.kill(web)],
            lambda: [self.kill(worker)],
            lambda: [self.kill(web), self.kill(worker)],
            lambda: [self.kill(web), self.freeze(other, 1)],
            lambda: [self.freeze(web, self.random.uniform(0.5, 4))],
            lambda: [self.freeze(worker, self.random.choice([1, 3, 8]))],
            lambda: [self.stop(web)],
            lambda: [self.stop(worker)],
            lambda: [self.kill_connection()],
            lambda: [self.kill_postgres()],
            lambda: [self.kill_postgres(), self.freeze(worker, 2)],
        ]
        await asyncio.gather(*self.random.choice(choices)())
