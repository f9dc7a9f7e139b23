"""The job queue of this process: SAQ on Redis, or on the tables that `migrate` made in PostgreSQL."""

import asyncio
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from saq import Job, Queue
from saq.queue.postgres import PostgresQueue
from saq.queue.redis import RedisQueue

PATIENCE = 5.0
"""Seconds for one step of the queue. On a half-open connection SAQ would wait for ever, and with it the worker."""


async def _check(connection: AsyncConnection[Any]) -> None:
    """Look whether a pooled connection still leads anywhere, before it is used."""
    async with asyncio.timeout(PATIENCE):
        await AsyncConnectionPool.check_connection(connection)


class PreparedPostgresQueue(PostgresQueue):
    """SAQ's queue for a login that may not create tables, and on a line that may die without a word."""

    async def init_db(self) -> None:
        """Leave the tables to `migrate`, which makes them as their owner: SAQ tries at every start."""

    async def _dequeue(self) -> None:
        async with asyncio.timeout(2 * PATIENCE):
            await super()._dequeue()

    async def _enqueue(self, job: Job) -> Job | None:
        async with asyncio.timeout(2 * PATIENCE):
            return await super()._enqueue(job)

    async def _update(self, job: Job, *arguments: Any, **named: Any) -> None:
        async with asyncio.timeout(2 * PATIENCE):
            await super()._update(job, *arguments, **named)

    async def _finish(self, job: Job, *arguments: Any, **named: Any) -> None:
        async with asyncio.timeout(2 * PATIENCE):
            await super()._finish(job, *arguments, **named)


def make_queue(url: str, name: str = "orasync") -> Queue:
    """The queue at a `redis://` or `postgresql://` address, not connected yet."""
    if url.startswith(("postgresql://", "postgres://")):
        pool = AsyncConnectionPool(url, check=_check, open=False, kwargs={"connect_timeout": round(PATIENCE)})
        return PreparedPostgresQueue(pool=pool, name=name, manage_pool_lifecycle=True)
    # Longer than the 5 s for which the worker waits for a job inside one command.
    redis = Redis.from_url(
        url,
        socket_connect_timeout=PATIENCE,
        socket_timeout=2 * PATIENCE,
        socket_keepalive=True,
        retry=Retry(ExponentialBackoff(cap=2, base=0.5), 1),
    )
    return RedisQueue(redis, name=name)
