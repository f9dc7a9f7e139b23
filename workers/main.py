"""The worker's main: one queue, the relay, the reactions, the schedules; a clean stop on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import structlog
from saq import Worker
from saq.types import PartialTimersDict

from app.channels import lifecycle as channels
from app.config import settings
from app.events.service import use_bus
from app.features import parts
from app.inbox import lifecycle as inbox
from app.kit import database
from app.kit.logs import configure_logs
from app.kit.migrate import app_dsn, refuse_bypass
from app.kit.pubsub import make_bus
from app.kit.queue import make_queue
from workers.relay import ReactionFeed, Relay
from workers.runner import drain, run_job
from workers.schedules import run_schedules

log = structlog.get_logger()

JOB_STATEMENT_SECONDS = 60.0
"""A job's statement may run longer than a request's."""

CONCURRENCY = 20
GRACE_SECONDS = 10


async def serve() -> None:
    """Run the worker until SIGTERM or SIGINT."""
    said = settings()
    configure_logs(said)
    dsn = app_dsn(said)
    for part in ("jobs", "reactions"):
        parts(part)
    await _connect(dsn)
    bus = make_bus(dsn, said.redis_url)
    use_bus(bus)
    await bus.start()
    await channels.start(dsn)
    await channels.start_player()
    await inbox.start(dsn)  # the batch: what providers could not deliver is fetched here
    await inbox.start_mailboxes(dsn)
    queue = make_queue(said.redis_url or dsn)
    await queue.connect()
    worker = Worker(
        queue,
        functions=[run_job],
        concurrency=CONCURRENCY,
        dequeue_timeout=5,
        shutdown_grace_period_s=0,
        timers=PartialTimersDict(sweep=30, schedule=1, worker_info=60, abort=5),
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    relay, feed = Relay(queue, said.poll_seconds), ReactionFeed(said.poll_seconds)
    tasks = [asyncio.create_task(work) for work in (relay.run(), feed.run(), run_schedules(), _work(worker))]
    log.info("worker.ready", queue=type(queue).__name__)
    waiting = asyncio.create_task(stop.wait())
    ended, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in ended - {waiting}:
        # Whoever started us starts us again; the reason must not be lost.
        log.error("worker.part_ended", exc_info=None if task.cancelled() else task.exception())
    log.info("worker.stopping")
    await drain(GRACE_SECONDS)
    await _end(tasks)
    with contextlib.suppress(Exception):
        await asyncio.wait_for(queue.disconnect(), 3)
    await inbox.stop_mailboxes()
    await inbox.stop()
    await channels.stop_player()
    await channels.stop()
    await bus.stop()
    await database.stop()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until it is done: Python 3.11's ``wait_for`` and the start of SAQ's worker can swallow a cancellation."""
    for _ in range(5):
        for task in tasks:
            task.cancel()
        if not (await asyncio.wait(tasks, timeout=1))[1]:
            return
    log.warning("worker.not_ended")


async def _connect(dsn: str) -> None:
    """Open the pool, waiting for a database that is still starting."""
    for attempt in range(60):
        try:
            said = settings()
            limits = database.Limits(JOB_STATEMENT_SECONDS, said.lock_timeout, said.idle_transaction_timeout)
            await database.start(dsn, name="worker", limits=limits)
        except database.LOST:
            if attempt == 59:
                raise
            await asyncio.sleep(0.5)
        else:
            break
    async with database.pool().acquire() as connection:
        await refuse_bypass(connection)


async def _work(worker: Worker) -> None:
    """Run SAQ's worker without its own signal handlers: the process stops in one order, ours."""
    worker.SIGNALS = []
    await worker.start()


def main() -> None:
    """Run the worker process."""
    asyncio.run(serve())
