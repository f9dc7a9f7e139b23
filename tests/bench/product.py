"""The product as a machine runs it: its own PostgreSQL with fsync on, migrated by its own command, real processes."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from app.kit.embedded_postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
NOWHERE = "http://127.0.0.1:9"
"""The discard port: a provider that nobody can reach, so that no bench ever calls a real one."""

START_SECONDS = 60.0
STOP_SECONDS = 15.0


class BenchError(Exception):
    """A measurement could not be made; the text says why."""


class Site:
    """One folder, one database server, and the processes that run on it. Everything in it is thrown away at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = EmbeddedPostgres(folder / "postgres")
        self._children: list[subprocess.Popen[bytes]] = []

    # -- the database

    def start(self) -> None:
        """Start the server and bring its database up to date."""
        self.server.stop()  # one that an interrupted run left behind
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.server.start()
        self.run_cli("migrate")

    def close(self) -> None:
        """Stop everything and remove it."""
        self.stop_children()
        with contextlib.suppress(Exception):
            self.server.stop()
        shutil.rmtree(self.server.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def owner_dsn(self) -> str:
        """The superuser's address: seeds and floors, never the product."""
        return self.server.dsn()

    @property
    def app_dsn(self) -> str:
        """The login the product uses: row level security binds it."""
        return self.server.dsn("orasync_app")

    def sql(self, text: str, *arguments: object) -> list[tuple[object, ...]]:
        """Run statements as the owner and return the rows of the last one."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            cursor = connection.execute(text, arguments or None)
            return cursor.fetchall() if cursor.description else []

    def program(self, name: str) -> str:
        """Return the path of one of PostgreSQL's own programs."""
        return str(self.server._bin() / name)

    # -- processes

    def environment(self, **more: str) -> dict[str, str]:
        """Return what every process of the product is told here; nothing of the caller's own configuration leaks in."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "VAR_DIR": str(self.folder),
            "RATE_LIMITS": "false",
            "LOG_LEVEL": "error",
            **dict.fromkeys(("TWILIO_API_URL", "WHATSAPP_API_URL", "SENDGRID_API_URL"), NOWHERE),
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def run_cli(self, *arguments: str, **environment: str) -> str:
        """Run one command of the product to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=ROOT,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode != 0:
            raise BenchError(f"`orasync {arguments[0]}` failed: {(done.stderr or done.stdout).strip()[-1500:]}")
        return done.stdout

    def spawn(self, argv: list[str], name: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a process that ends with this site; its words go to a log file in the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                argv, cwd=ROOT, env=self.environment(**environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._children.append(child)
        return child

    def stop_children(self) -> None:
        """End what was started, newest first."""
        while self._children:
            stop(self._children.pop())

    @contextlib.contextmanager
    def web(
        self, *, app: str | None = None, name: str = "web", port: int | None = None, **environment: str
    ) -> Iterator[Web]:
        """Have one `orasync web` process serve on a free port; ``app`` names a bench script that wraps it."""
        port = port or free_port()
        argv = [sys.executable, "-m", app] if app else [sys.executable, "-m", "app.cli", "web"]
        child = self.spawn(
            [*argv, "--port", str(port)], name, PORT=str(port), **{"PUBLIC_URL": public_url(), **environment}
        )
        try:
            wait_for_port(child, port, self.folder / f"{name}.log")
            yield Web(child, port)
        finally:
            self._children.remove(child)
            stop(child)

    @contextlib.contextmanager
    def worker(self, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Have one `orasync worker` process run."""
        child = self.spawn(
            [sys.executable, "-m", "app.cli", "worker"],
            "worker",
            LOG_LEVEL="info",
            **{"PUBLIC_URL": public_url(), **environment},
        )
        log = self.folder / "worker.log"
        deadline = time.monotonic() + START_SECONDS
        try:
            while "worker.ready" not in log.read_text(errors="replace"):
                if child.poll() is not None or time.monotonic() > deadline:
                    raise BenchError(f"`orasync worker` did not start: {tail(log)}")
                time.sleep(0.05)
            yield child
        finally:
            self._children.remove(child)
            stop(child)


class Web:
    """One serving process."""

    def __init__(self, child: subprocess.Popen[bytes], port: int) -> None:
        self.child = child
        self.port = port
        self.pid = child.pid

    @property
    def url(self) -> str:
        """The address on this machine; what is signed is ``public_url``."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """CPU time of all its threads."""
        return cpu_seconds(self.pid)

    def memory_mb(self) -> float:
        """Resident memory."""
        return memory_mb(self.pid)


def public_url() -> str:
    """The address providers sign: fixed, so that signed bodies can be made once for all processes."""
    return "http://bench.orasync.test"


def cpu_seconds(pid: int) -> float:
    """On-CPU time of a process, from the scheduler's own count (nanoseconds)."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e9


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    match = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) / 1024 if match else 0.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the process accepts connections and has finished starting."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise BenchError(f"The process ended while starting: {tail(log)}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                # The listening socket is open before the application is up: only an answer counts.
                probe.sendall(b"GET /health/live HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                if probe.recv(16).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise BenchError(f"Nobody answers on port {port}: {tail(log)}")


def tail(log: Path, size: int = 1500) -> str:
    """The end of a log file."""
    return log.read_text(errors="replace")[-size:].strip() if log.exists() else ""


def stop(child: subprocess.Popen[bytes]) -> None:
    """End one process in order; kill it if it does not go."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
