"""Jobs (R20, R21): two real workers, over SAQ on PostgreSQL and over SAQ on Redis."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import datetime as dt
import os
import random
import time
from uuid import UUID

import httpx
import pytest
from redis.asyncio import Redis as RedisClient
from saq import Job

from app.config import reset_settings
from app.events.service import unit_of_work
from app.kit import clock
from app.kit import database as kit_database
from app.kit.jobs import JobType
from app.kit.principal import system
from app.kit.queue import make_queue
from tests.journeys.support import until
from tests.support.callers import CSRF_COOKIE, CSRF_HEADER, PASSWORD
from tests.support.product import Process, Product
from tests.support.redis import TRANSPORTS, Redis
from tests.workers.jobs import TICK_SECONDS, read
from workers.main import _end
from workers.relay import Relay

BACKOFF, HEARTBEAT = 0.4, 2.0
TIMES = {"JOB_BASE_BACKOFF": str(BACKOFF), "JOB_HEARTBEAT": str(HEARTBEAT), "POLL_SECONDS": "0.25"}
PATIENCE = 40.0


class Worker(Process):
    """A worker that knows the jobs of the tests as well.

    Start it from the main thread: it gets SIGTERM when the thread that started it ends.
    """

    program = ("-c", "import tests.workers.jobs; from app.cli import main; main()")


class Floor:
    """A product with two workers on one kind of queue."""

    def __init__(self, product: Product, redis: Redis | None) -> None:
        self.product, self.redis = product, redis
        folder = product.database.folder
        self.journal = folder / "journal.jsonl"
        product.environment["JOBS_JOURNAL"] = str(self.journal)
        self.owner = httpx.Client(base_url=product.url, headers={"origin": product.url}, timeout=30, trust_env=False)
        """The owner's browser: one clinic serves all tests of a floor."""
        self.workers = [
            Worker(f"worker {number}", ["worker"], product.environment, folder / f"worker-{number}.log")
            for number in (1, 2)
        ]

    @property
    def queue_url(self) -> str:
        return self.redis.url if self.redis else self.product.database.app_dsn

    def start(self) -> None:
        self.product.start()
        for worker in self.workers:
            worker.start()
        who = {"clinic_name": "Bright Smiles", "name": "Olivia Owner", "email": "o@clinic.test", "password": PASSWORD}
        clinic = self.owner.post("/api/auth/sign-up", json=who).raise_for_status().json()["clinic"]
        self.clinic_id, self.jobs = UUID(clinic["id"]), f"/api/v1/clinics/{clinic['slug']}/jobs"

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.owner.close()
        self.product.stop()
        self.product.database.drop()
        if self.redis:
            self.redis.kill()

    def log(self) -> str:
        return "\n".join(worker.log()[-3000:] for worker in self.workers)


@pytest.fixture(scope="module", params=TRANSPORTS)
def floor(request, databases, tmp_path_factory):
    """One for each kind of queue."""
    redis = None
    if request.param == "redis":
        redis = Redis(tmp_path_factory.mktemp("redis"))
        redis.start()
    more = {"REDIS_URL": redis.url} if redis else {}
    made = Floor(Product(databases.make(), worker=False, **TIMES, **more), redis)
    made.start()
    kind = "RedisQueue" if redis else "PreparedPostgresQueue"
    assert all(f'"queue": "{kind}"' in worker.log() for worker in made.workers)
    yield made
    made.stop()


class Desk:
    """A clinic whose jobs are put in by use cases of this very process."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.id = floor, floor.clinic_id

    async def put(self, kind: str, mark: str, *, run_at: dt.datetime | None = None, **payload) -> UUID:
        """Put one in and commit."""
        async with unit_of_work(self.id, system(self.id)) as work:
            return work.enqueue(kind, mark=mark, run_at=run_at, **payload)

    def row(self, job_id: UUID) -> tuple[str, int, str | None]:
        """Status, attempts, error."""
        found = self.floor.product.sql("select status, attempts, error from job where id = %s", job_id)
        return found[0] if found else ("missing", 0, None)

    async def until_status(self, job_id: UUID, *statuses: str) -> tuple[str, int, str | None]:
        """Wait for a status."""
        try:
            return await until(lambda: (row := self.row(job_id))[0] in statuses and row, PATIENCE)
        except AssertionError:
            raise AssertionError(f"{self.row(job_id)} is not {statuses}: {self.floor.log()}") from None

    def lines(self, mark: str, what: str | None = None) -> list[dict]:
        """What the jobs wrote down."""
        return read(self.floor.journal, mark, what)

    def dead_jobs(self) -> dict[str, dict]:
        """As the API lists them, by id."""
        answer = self.floor.owner.get(f"{self.floor.jobs}?status=dead").raise_for_status()
        return {one["id"]: one for one in answer.json()["items"]}

    def retry(self, job_id: UUID) -> httpx.Response:
        """By hand."""
        headers = {CSRF_HEADER: self.floor.owner.cookies[CSRF_COOKIE]}
        return self.floor.owner.post(f"{self.floor.jobs}/{job_id}/retry", headers=headers)


@pytest.fixture
async def desk(floor, monkeypatch):
    """The floor's clinic; use cases of this very process are at its database."""
    for name in list(os.environ):
        if name not in floor.product.environment:
            monkeypatch.delenv(name)
    for name, value in floor.product.environment.items():
        monkeypatch.setenv(name, value)
    reset_settings()
    await kit_database.start(floor.product.database.app_dsn, name="test")
    yield Desk(floor)
    await kit_database.stop()
    reset_settings()


# -- the row and its commit


async def test_a_job_leaves_with_its_commit_and_never_without(desk):
    class Changed(Exception):
        """Somebody's mind."""

    gone = None
    with contextlib.suppress(Changed):
        async with unit_of_work(desk.id, system(desk.id)) as work:
            gone = work.enqueue("test_usual", mark="rolled back")
            await work.close()  # it is written, and not committed
            elsewhere = asyncio.create_task(desk.put("test_usual", "meanwhile"), context=contextvars.Context())
            await desk.until_status(await elsewhere, "completed")
            raise Changed
    assert gone is not None
    assert desk.row(gone)[0] == "missing"
    async with unit_of_work(desk.id, system(desk.id)) as work:
        kept = work.enqueue("test_usual", mark="committed")
        assert desk.row(kept)[0] == "missing"
    assert (await desk.until_status(kept, "completed"))[1] == 1
    assert len(desk.lines("committed", "ended")) == 1
    await desk.until_status(await desk.put("test_usual", "afterwards"), "completed")
    assert desk.lines("rolled back") == []


# -- failing


async def test_a_failing_job_is_tried_three_times_and_then_waits_for_a_hand(desk, tmp_path):
    repaired = tmp_path / "repaired"
    job_id = await desk.put("test_usual", "fails", fail_until=str(repaired))
    status, attempts, error = await desk.until_status(job_id, "dead", "completed")
    assert (status, attempts, error) == ("dead", 3, "RuntimeError: fails cannot be done yet")
    first, second, third = [line["at"] for line in desk.lines("fails", "began")]
    assert second - first >= BACKOFF
    assert third - second >= 2 * BACKOFF
    listed = desk.dead_jobs()[str(job_id)]
    assert (listed["type"], listed["attempts"]) == ("test_usual", 3)
    assert (listed["payload"]["mark"], listed["error"]) == ("fails", error)
    assert listed["finished_at"]

    answer = desk.retry(job_id)
    assert (answer.status_code, answer.json()["attempts"]) == (200, 0)
    assert (await desk.until_status(job_id, "dead", "completed"))[:2] == ("dead", 3), "a hand gives all attempts again"
    repaired.touch()
    assert desk.retry(job_id).json()["status"] == "pending"
    assert await desk.until_status(job_id, "dead", "completed") == ("completed", 1, None)
    assert len(desk.lines("fails", "ended")) == 1
    assert str(job_id) not in desk.dead_jobs()
    assert desk.retry(job_id).status_code == 409


@pytest.mark.parametrize(("kind", "attempts"), [("test_once", 1), ("test_often", 5)])
async def test_a_kind_of_job_has_its_own_attempts(desk, kind, attempts):
    job_id = await desk.put(kind, kind, fail_until="/nowhere")
    assert (await desk.until_status(job_id, "dead", "completed"))[:2] == ("dead", attempts)
    assert len(desk.lines(kind, "began")) == attempts
    assert desk.retry(job_id).status_code == 200
    await until(lambda: len(desk.lines(kind, "began")) == 2 * attempts, PATIENCE)
    assert (await desk.until_status(job_id, "dead", "completed"))[:2] == ("dead", attempts)


def test_the_wait_doubles_with_each_attempt():
    usual = JobType("usual", None, 3, 30, None)  # type: ignore[arg-type]
    own = JobType("own", None, 3, 30, 0.5)  # type: ignore[arg-type]
    assert [usual.delay_after(attempt, 5) for attempt in (1, 2, 3, 4)] == [5, 10, 20, 40]
    assert [own.delay_after(attempt, 5) for attempt in (1, 2, 3)] == [0.5, 1, 2]


@pytest.mark.parametrize(
    ("kind", "attempts", "words"),
    [
        ("test_refused", 1, "This is no job for anybody."),
        ("test_short", 1, "TimeoutError: "),
        ("test_unheard_of", 1, "No program here knows this kind of job."),
    ],
)
async def test_what_cannot_succeed_is_not_tried_again(desk, kind, attempts, words):
    assert await desk.until_status(await desk.put(kind, kind), "dead", "completed") == ("dead", attempts, words)


async def test_a_payload_nobody_can_read_is_a_failure_like_any_other(desk):
    job_id = await desk.put("test_once", "odd", colour="blue")
    status, attempts, error = await desk.until_status(job_id, "dead", "completed")
    assert (status, attempts, error.partition(":")[0]) == ("dead", 1, "TypeError")


async def test_a_database_that_is_away_uses_no_attempts_up(desk):
    job_id = await desk.put("test_database_away", "away")
    assert (await desk.until_status(job_id, "dead", "completed"))[0] == "completed"
    assert len(desk.lines("away", "began")) > 3


# -- two workers


async def test_a_killed_workers_job_is_taken_over(desk):
    job_id = await desk.put("test_first_is_long", "long")
    [began] = await until(lambda: desk.lines("long", "began"), PATIENCE)
    holder = next(one for one in desk.floor.workers if one.child.pid == began["pid"])
    other = next(one for one in desk.floor.workers if one is not holder)
    holder.kill()
    try:
        assert desk.row(job_id)[0] == "processing"
        status, attempts, _ = await desk.until_status(job_id, "completed", "dead")
        assert (status, attempts) == ("completed", 2)
        [_, again] = desk.lines("long", "began")
        assert again["pid"] == other.child.pid
    finally:
        holder.start()


async def test_no_job_runs_twice_at_a_time(desk):
    """Whatever the queue says: each is handed over again and again; the long one outlives its lease."""
    long = await desk.put("test_usual", "no twin", seconds=2.5 * HEARTBEAT)
    marks = [f"no twin {number}" for number in range(60)]
    ids = [await desk.put("test_usual", mark, seconds=0.05) for mark in marks]
    queue = make_queue(desk.floor.queue_url)
    await queue.connect()
    try:
        for turn in range(5):
            for job_id in [long, *ids] if turn == 0 else [long, *ids[turn::5]]:
                await queue.enqueue(hand_over(desk.id, job_id))
    finally:
        await queue.disconnect()
    for job_id in [*ids, long]:
        assert (await desk.until_status(job_id, "completed", "dead"))[:2] == ("completed", 1)
    pids = set()
    for mark in [*marks, "no twin"]:
        lines = desk.lines(mark)
        assert [line["what"] for line in lines] == ["began", "ended"], lines
        pids |= {line["pid"] for line in lines}
    assert pids == {worker.child.pid for worker in desk.floor.workers}, f"one worker did everything: {desk.floor.log()}"


def hand_over(clinic_id: UUID, job_id: UUID) -> Job:
    """What the relay puts into the queue."""
    kwargs = {"clinic_id": str(clinic_id), "job_id": str(job_id)}
    return Job(function="run_job", kwargs=kwargs, timeout=60, heartbeat=0, retries=1, ttl=1)


async def test_a_job_for_later_runs_then_and_not_before(desk):
    due = clock.now() + dt.timedelta(seconds=2)
    job_id = await desk.put("test_usual", "later", run_at=due)
    queue = make_queue(desk.floor.queue_url)
    await queue.connect()
    try:
        for _ in range(3):  # a queue in a hurry changes nothing
            await queue.enqueue(hand_over(desk.id, job_id))
    finally:
        await queue.disconnect()
    await desk.until_status(await desk.put("test_usual", "at once"), "completed")
    assert (await desk.until_status(job_id, "completed", "dead"))[:2] == ("completed", 1)
    [began] = desk.lines("later", "began")
    assert began["at"] >= due.timestamp()
    [at_once] = desk.lines("at once", "began")
    assert at_once["at"] < began["at"]


async def test_a_schedule_runs_once_a_period_over_both_workers(desk):
    """All the time since they were started, also when one was killed."""
    await until(lambda: len(desk.lines("tick")) >= 6, PATIENCE)
    times = [line["at"] for line in desk.lines("tick")]
    assert times[-1] - times[0] >= (len(times) - 1) * TICK_SECONDS - 1, "it ran more often than once a period"


# -- stopping


async def test_a_part_that_swallows_a_cancellation_cannot_keep_the_worker():
    """Seen with SAQ's worker, told to stop while it starts: it hung until it was killed."""

    async def deaf():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await asyncio.wait_for(_end([task]), 10)
    assert task.cancelled()


@pytest.mark.soak
def test_a_worker_ends_whenever_it_is_told_to(floor):
    """Just started, above all: 30 times, at any moment of its first half second."""
    worker, draw = floor.workers[0], random.Random(1)
    for turn in range(30):
        worker.stop()
        worker.start()
        time.sleep(draw.uniform(0, 0.06 if turn % 2 else 0.5))
    worker.stop()
    worker.start()


# -- the queue itself


async def flush(floor: Floor) -> int:
    """Empty the queue; returns how much there was in it."""
    if floor.redis is None:
        [(there,)] = floor.product.sql("with gone as (delete from saq_jobs returning 1) select count(*) from gone")
        return there
    client = RedisClient.from_url(floor.redis.url)
    there = await client.dbsize()
    await client.flushall()
    await client.aclose()
    return there


@pytest.mark.soak  # waits for two heartbeats; the crash point relay.after_take is near it
async def test_an_emptied_queue_costs_time_and_nothing_else(desk):
    for worker in desk.floor.workers:
        worker.kill()
    queue = make_queue(desk.floor.queue_url)
    await queue.connect()
    try:
        ids = [await desk.put("test_usual", f"flushed {number}") for number in range(25)]
        relay = asyncio.create_task(Relay(queue, 0.1).run())
        handed = "select count(*) from job where clinic_id = %s and enqueued_at is not null"
        await until(lambda: desk.floor.product.sql(handed, desk.id) == [(25,)], PATIENCE)
        relay.cancel()
        await asyncio.wait([relay])
        assert await flush(desk.floor) >= 25
    finally:
        await queue.disconnect()
        for worker in desk.floor.workers:
            worker.start()
    for job_id in ids:
        assert (await desk.until_status(job_id, "completed", "dead"))[:2] == ("completed", 1)
    for number in range(25):
        assert len(desk.lines(f"flushed {number}", "ended")) == 1
    begun = time.monotonic()
    await desk.until_status(await desk.put("test_usual", "after the flush"), "completed")
    assert time.monotonic() - begun < PATIENCE
