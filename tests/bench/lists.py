"""The inbox page, the thread view and the word search, on little and on much: the product's own queries and login."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from app.inbox import queries
from app.kit import database
from tests.bench.product import HERE
from tests.bench.report import OUT, Measure

if TYPE_CHECKING:
    from tests.bench.product import Site

GROUP = "Lists"
CALLS = 200
Step = Callable[[UUID], Awaitable[object]]


def load(site: Site, name: str, threads: int, messages: int) -> str:
    """Make a database of that size and return the address of the application's login for it."""
    site.sql(f"create database {name} template empty")
    dsn, app = site.server.dsn(database=name), site.server.dsn("orasync_app", database=name)
    began = time.monotonic()
    with psycopg.connect(dsn, autocommit=True) as connection:
        # Links are not checked and indexes come last: the rows are made right, and a million take minutes already.
        connection.execute("set session_replication_role = replica")
        connection.execute("set synchronous_commit = off")
        connection.execute("set maintenance_work_mem = '1GB'")
        indexes = connection.execute(
            "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i "
            "where i.indrelid in ('thread'::regclass, 'message'::regclass) and not i.indisprimary"
        ).fetchall()
        for index, _ in indexes:
            connection.execute(f"drop index {index}".encode())
        for statement in (HERE / "floor" / "lists.sql").read_text().split(";\n"):
            if statement.strip():
                connection.execute(
                    statement.replace("THREADS", str(threads)).replace("MESSAGES", str(messages)).encode()
                )
        for _, definition in indexes:
            connection.execute(definition.encode())
        connection.execute("vacuum analyze")
    OUT.print(f"[dim]  lists: {threads:,} threads and {messages:,} messages loaded in {time.monotonic() - began:.0f} s")
    return app


async def _median(clinics: list[UUID], step: Step) -> float:
    """Milliseconds of one call, each in a snapshot of its clinic, as a request has it; the first calls do not count."""
    pick, took = random.Random(1), []
    for number in range(CALLS + 40):
        clinic_id = pick.choice(clinics)
        async with database.reading(clinic_id):
            began = time.perf_counter()
            await step(clinic_id)
            if number >= 40:
                took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


async def _times(app_dsn: str) -> dict[str, float]:
    """Median milliseconds of the three reads in one database."""
    await database.start(app_dsn, name="bench")
    pick, staff = random.Random(2), None
    try:
        rows = await database.pool().fetch("select clinic_id from bench.clinics")
        clinics = [row["clinic_id"] for row in rows]
        large: dict[UUID, list[UUID]] = {}
        for clinic_id in clinics:
            async with database.reading(clinic_id) as connection:
                found = await connection.fetch(
                    "select thread_id from message where clinic_id = $1 group by 1 having count(*) >= 60 limit 50",
                    clinic_id,
                )
                large[clinic_id] = [row["thread_id"] for row in found]
        deep = [clinic_id for clinic_id in clinics if large[clinic_id]]

        async def inbox(clinic_id: UUID) -> object:
            return await queries.list_threads(clinic_id, staff, view="all")

        async def view(clinic_id: UUID) -> object:
            return await queries.list_messages(clinic_id, pick.choice(large[clinic_id]), None, 50)

        async def search(clinic_id: UUID) -> object:
            ids = await queries.search_thread_ids(clinic_id, f"w{pick.randint(3500, 3999)}", 50)
            return await queries.list_threads(clinic_id, staff, view="all", ids=ids)

        return {
            "inbox": await _median(clinics, inbox),
            "view": await _median(deep, view),
            "search": await _median(clinics, search),
        }
    finally:
        await database.stop()


def measure(site: Site, *, full: bool) -> list[Measure]:
    """Two sizes a hundred-fold apart (ten-fold in the short profile), in turns."""
    large = (1_000_000, 10_000_000) if full else (50_000, 500_000)
    # The database as the migrations leave it; nobody may be connected while it is copied.
    site.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()", "empty"
    )
    apps = {"small": load(site, "small", 10_000, 100_000), "large": load(site, "large", *large)}
    runs: dict[str, list[dict[str, float]]] = {"small": [], "large": []}
    for _ in range(3):
        for size, app in apps.items():
            runs[size].append(asyncio.run(_times(app)))

    def ratio(what: str) -> float:
        return statistics.median(b[what] / a[what] for a, b in zip(runs["small"], runs["large"], strict=True))

    def ms(size: str, what: str) -> float:
        return statistics.median(run[what] for run in runs[size])

    search = statistics.median(run["search"] / run["inbox"] for run in runs["large"])
    threads, messages = (f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M" for count in large)
    short = "" if full else "; scaled down, FULL=1 measures 1M and 10M"
    return [
        Measure(
            group=GROUP,
            name=f"inbox page at {threads} threads / at 10k",
            value=ratio("inbox"),
            bar=1.5,
            aim=1.2,
            note=f"{ms('large', 'inbox'):.2f} / {ms('small', 'inbox'):.2f} ms{short}",
        ),
        Measure(
            group=GROUP,
            name=f"thread view at {messages} messages / at 100k",
            value=ratio("view"),
            bar=2,
            aim=1.6,
            note=f"{ms('large', 'view'):.2f} / {ms('small', 'view'):.2f} ms{short}",
        ),
        Measure(
            group=GROUP,
            name=f"word search at {messages} messages / inbox page",
            value=search,
            bar=40,
            aim=20,
            note=f"{ms('large', 'search'):.2f} ms{short}",
        ),
    ]
