"""What the benches need besides the product: two small C programs, and socket.io where Node is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.bench.product import HERE, ROOT, BenchError, Site

KEPT = ROOT / "var" / "bench-tools"
PEERS = ("socket.io@4.8.4", "ws@8", "bufferutil@4")


def compiled(name: str) -> str:
    """Return a program of ``native/``, compiled if its source is newer."""
    source, program = HERE / "native" / f"{name}.c", KEPT / name
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise BenchError("No C compiler: install gcc (Debian: apt-get install gcc libc6-dev).")
    KEPT.mkdir(parents=True, exist_ok=True)
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([compiler, "-O2", "-o", str(program), str(source)], check=True)
    return str(program)


def node_modules() -> Path | None:
    """Return where socket.io lies, installing it once; None where there is no Node, no npm or no registry."""
    if not shutil.which("node") or not shutil.which("npm"):
        return None
    modules = KEPT / "node" / "node_modules"
    if not (modules / "socket.io").exists():
        modules.parent.mkdir(parents=True, exist_ok=True)
        (modules.parent / "package.json").write_text('{"private": true}')
        done = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", *PEERS],
            cwd=modules.parent,
            capture_output=True,
            check=False,
            timeout=180,
        )
        if done.returncode != 0:
            return None
    return modules


def websockets(port: int, path: str, count: int, mode: str, *options: str) -> dict[str, Any]:
    """Run the websocket load to its end and return what it measured."""
    done = subprocess.run(
        [compiled("wsload"), "client", str(port), path, str(count), mode, *options],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"wsload: {done.stderr.strip()[-400:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def start_websockets(port: int, path: str, count: int, mode: str, *options: str) -> subprocess.Popen[str]:
    """Start the websocket load and return once all its sockets are in."""
    child = subprocess.Popen(
        [compiled("wsload"), "client", str(port), path, str(count), mode, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    if not child.stdout.readline().startswith('{"ready"'):
        raise BenchError(f"wsload: {child.communicate()[1].strip()[-400:]}")
    return child


def result_of(child: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a load and return what it measured."""
    out, error = child.communicate(timeout=180)
    if child.returncode != 0:
        raise BenchError(f"wsload: {error.strip()[-400:]}")
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    return answer


def requests(port: int, file: Path, connections: int, seconds: float, *, skip: int) -> dict[str, Any]:
    """Run the HTTP load and return what it measured; a single refusal makes the run worthless."""
    done = subprocess.run(
        [compiled("httpload"), str(port), str(file), str(connections), str(seconds), f"skip={skip}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"httpload: {done.stderr.strip()[-400:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer["refused"]:
        raise BenchError(f"httpload: {answer['refused']} deliveries were refused; {done.stderr.strip()[-400:]}")
    return answer


def fdatasync_ms(site: Site) -> float:
    """What one durable write costs on this disk: the unit in which commits are paid."""
    done = subprocess.run(
        [site.program("pg_test_fsync"), "-s", "1", "-f", str(site.folder / "fsync")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    for line in done.stdout.splitlines():
        parts = line.split()
        if parts[:1] == ["fdatasync"] and "ops/sec" in line:
            return 1000 / float(parts[1])
    return float("nan")


def path_environment() -> dict[str, str]:
    """The caller's environment, for programs that are not the product."""
    return dict(os.environ)
