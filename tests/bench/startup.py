"""How soon somebody can sign in: from nothing, and again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.product import ROOT, BenchError, Site, free_port
from tests.bench.report import Measure

GROUP = "Set-up"
_READY = b"Orasync is ready"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache", ".hypothesis", "reports"
)


def until_ready(argv: list[str], folder: Path, environment: dict[str, str], seconds: float) -> float:
    """Start, wait for the greeting, stop in order, and return the seconds until the greeting."""
    began = time.monotonic()
    child = subprocess.Popen(
        argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    said = b""
    assert child.stdout is not None
    os.set_blocking(child.stdout.fileno(), False)
    try:
        while time.monotonic() - began < seconds:
            said += child.stdout.read() or b""
            if _READY in said:
                return time.monotonic() - began
            if child.poll() is not None:
                break
            time.sleep(0.01)
        raise BenchError(f"{argv[0]} was not ready: {said.decode(errors='replace')[-800:]}")
    finally:
        os.killpg(child.pid, signal.SIGINT)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def measure(site: Site, *, full: bool) -> list[Measure]:
    """`orasync up` with an empty folder and again; with FULL=1 also `make run` on a bare copy of the checkout."""
    folder = site.folder / "fresh"
    environment = {
        **site.environment(VAR_DIR=str(folder), PORT=str(free_port()), LOG_LEVEL="warning"),
        "COLUMNS": "160",
    }
    argv = [sys.executable, "-m", "app.cli", "up"]
    cold = until_ready(argv, ROOT, environment, 60)
    warm = until_ready(argv, ROOT, environment, 60)
    found = [
        Measure(group=GROUP, name="orasync up, demo and all, empty folder", value=cold, bar=60, unit="s"),
        Measure(group=GROUP, name="orasync up, again (warm)", value=warm, bar=5, unit="s"),
    ]
    if full:
        with tempfile.TemporaryDirectory(prefix="orasync-cold-") as name:
            copy = Path(name) / "orasync"
            shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
            bare = {k: v for k, v in environment.items() if k not in {"VAR_DIR", "PYTHONPATH"}}
            found.append(
                Measure(
                    group=GROUP,
                    name="make run from nothing",
                    value=until_ready(["make", "run"], copy, bare, 300),
                    bar=60,
                    unit="s",
                )
            )
            found.append(
                Measure(
                    group=GROUP,
                    name="make run, warm",
                    value=until_ready(["make", "run"], copy, bare, 60),
                    bar=5,
                    unit="s",
                )
            )
    return found
