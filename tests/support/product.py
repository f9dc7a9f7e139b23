"""The product as it runs: its own web and worker processes on a database of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from app.config import ROOT
from tests.support.postgres import Database
from tests.support.trust import TLS

START_SECONDS = 60.0
STOP_SECONDS = 20.0


class Process:
    """One part of the product that can be stopped, killed, frozen and started again."""

    program: tuple[str, ...] = ("-m", "app.cli")

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.log_path = log
        self.child: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        """Start it, with more environment if given; returns when it is ready."""
        seen = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, *self.program, "--parent", str(os.getpid()), *self.arguments],
                cwd=ROOT,
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready(seen):
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start: {self.log()[-3000:]}")
            time.sleep(0.02)

    def _is_ready(self, seen: int) -> bool:
        return b"worker.ready" in self.log_path.read_bytes()[seen:]

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self.child is not None
        self.child.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.child is not None
        self.child.kill()
        self.child.wait()

    def stop(self) -> int | None:
        """End it in order; returns the exit status."""
        if self.child is None or self.child.poll() is not None:
            return self.child.returncode if self.child else None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not stop within {STOP_SECONDS} s") from None

    def log(self) -> str:
        """Everything it wrote."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""


class Web(Process):
    """One web process on a port of its own."""

    def __init__(self, port: int, environment: dict[str, str], log: Path) -> None:
        super().__init__(f"web {port}", ["web", "--port", str(port)], environment, log)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def _is_ready(self, seen: int) -> bool:  # noqa: ARG002 - a web process answers, it need not say so
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5, trust_env=False, verify=TLS).status_code == 200
        except httpx.HTTPError:
            return False


class Product:
    """Web processes and a worker on one database. All of them share ``PUBLIC_URL``, the address of the first."""

    def __init__(self, database: Database, *, web: int = 1, worker: bool = True, **environment: str) -> None:
        self.database = database
        ports = [free_port() for _ in range(web)]
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.environment = {
            **database.environment,
            "RATE_LIMITS": "false",
            "LOG_FORMAT": "json",
            "PUBLIC_URL": self.url,
            "PORT": str(ports[0]),
            **environment,
        }
        folder = database.folder
        self.web = [Web(port, self.environment, folder / f"web-{port}.log") for port in ports]
        self.worker = Process("worker", ["worker"], self.environment, folder / "worker.log") if worker else None

    @property
    def parts(self) -> list[Process]:
        """All processes, in the order they are started."""
        return [*self.web, *([self.worker] if self.worker else [])]

    def start(self) -> None:
        """Start all parts."""
        for part in self.parts:
            part.start()

    def stop(self) -> None:
        """Stop all parts."""
        for part in reversed(self.parts):
            part.stop()

    def sql(self, text: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Look at its database as the superuser."""
        return self.database.sql(text, *arguments)

    def log(self) -> str:
        """Everything its processes wrote."""
        return "\n".join(part.log() for part in self.parts)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
