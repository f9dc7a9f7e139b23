"""Jobs and a schedule for the tests of the workers, loaded only by workers that a test starts.

What they do they write down: one line each in a journal, which is the judge.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from app.kit.errors import Unavailable
from app.kit.jobs import Refused, job, schedule

JOURNAL = Path(os.environ.get("JOBS_JOURNAL", os.devnull))
TICK_SECONDS = 1.0


def write(what: str, mark: str) -> None:
    """Add a line; short ones to a file opened for appending never mix."""
    line = json.dumps({"what": what, "mark": mark, "at": time.time(), "pid": os.getpid()}) + "\n"
    with JOURNAL.open("ab", buffering=0) as journal:
        journal.write(line.encode())


def read(journal: Path, mark: str, what: str | None = None) -> list[dict[str, Any]]:
    """The lines about one job."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    return [line for line in lines if line["mark"] == mark and what in {None, line["what"]}]


async def work(mark: str, seconds: float, fail_until: str | None) -> None:
    """Take a while; fail as long as a file is not there."""
    write("began", mark)
    await asyncio.sleep(seconds)
    if fail_until is not None and not await asyncio.to_thread(Path(fail_until).exists):
        write("failed", mark)
        raise RuntimeError(f"{mark} cannot be done yet")
    write("ended", mark)


@job("test_usual")
async def usual(_clinic_id: UUID, mark: str, seconds: float = 0, fail_until: str | None = None) -> None:
    """With the attempts every job has."""
    await work(mark, seconds, fail_until)


@job("test_once", retries=1)
async def once(_clinic_id: UUID, mark: str, fail_until: str | None = None) -> None:
    """One attempt."""
    await work(mark, 0, fail_until)


@job("test_often", retries=5, backoff=0.05)
async def often(_clinic_id: UUID, mark: str, fail_until: str | None = None) -> None:
    """More attempts, sooner after another."""
    await work(mark, 0, fail_until)


@job("test_short", retries=1, timeout=0.5)
async def short(_clinic_id: UUID, mark: str) -> None:
    """Takes longer than it may."""
    await work(mark, 60, None)


@job("test_refused")
async def refused(_clinic_id: UUID, mark: str) -> None:
    """Will never do."""
    write("began", mark)
    raise Refused("This is no job for anybody.")


@job("test_database_away", backoff=0.05)
async def database_away(_clinic_id: UUID, mark: str) -> None:
    """Loses the database more often than a job may fail."""
    write("began", mark)
    if len(await asyncio.to_thread(read, JOURNAL, mark)) <= 5:
        raise Unavailable("The database is away.")
    write("ended", mark)


@job("test_first_is_long")
async def first_is_long(_clinic_id: UUID, mark: str) -> None:
    """Would take for ever at the first time: whoever runs it is killed."""
    await work(mark, 0 if await asyncio.to_thread(read, JOURNAL, mark) else 3600, None)


@schedule("test_tick", seconds=TICK_SECONDS)
async def tick() -> None:
    """Tick."""
    write("ticked", "tick")
