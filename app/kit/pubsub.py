"""The bus between processes: short texts on topics, over PostgreSQL LISTEN/NOTIFY or Redis.

What travels here is only a hint ("clinic X has reached n") or a live frame that may be lost; the log in the database is
the truth. So a lost, doubled or late text is harmless, and after every reconnect the subscribers are told to look again
(:data:`RESYNC`). Litestar's own channel backends were not used: after the loss of their connection they are silently
dead (seen in 2.25).

All topics share one database channel, so a process holds one listening connection whatever it subscribes to.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import asyncpg
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.kit import database

log = structlog.get_logger()

RESYNC = ""
"""The text every subscriber gets after a (re)connect: something may have been missed."""

CHANNEL = "orasync"
MAX_TEXT = 7_900
"""Longest text in bytes: PostgreSQL refuses a NOTIFY payload of 8,000 bytes."""
TICK_SECONDS = 0.001
QUIET_SECONDS, ANSWER_SECONDS = 15.0, 5.0
"""A connection that brought nothing for so long is asked whether it is alive; who does not answer in time is lost."""

Callback = Callable[[str], None]


class Bus(Protocol):
    """Publish and subscribe. Callbacks run on the event loop and must not block."""

    async def start(self) -> None:
        """Begin to listen; returns after the first attempt to connect, successful or not."""

    async def stop(self) -> None:
        """Stop listening and close connections."""

    def subscribe(self, topic: str, callback: Callback) -> None:
        """Call ``callback(text)`` for each text, and with :data:`RESYNC` after each reconnect."""

    def publish(self, topic: str, text: str) -> None:
        """Send a text of one line: at once when idle, else with what follows in the same millisecond. Never raises."""

    @property
    def in_commit(self) -> bool:
        """Say whether a database transaction can send by its own commit (``pg_notify`` on :data:`CHANNEL`)."""

    @property
    def connected(self) -> bool:
        """Say whether texts of other processes arrive at the moment."""


class _Base:
    """What both transports share: callbacks, the queue of outgoing texts, the reconnecting reader."""

    name = "bus"
    in_commit = False

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callback]] = defaultdict(list)
        self._outgoing: list[str] = []
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._first = asyncio.Event()
        self.connected = False

    def subscribe(self, topic: str, callback: Callback) -> None:
        self._callbacks[topic].append(callback)

    def publish(self, topic: str, text: str) -> None:
        self._outgoing.append(f"{topic} {text}")
        self._wake.set()

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._read_for_ever()), asyncio.create_task(self._write_for_ever())]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._first.wait(), 5)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _deliver(self, lines: str) -> None:
        for line in lines.split("\n"):
            topic, _, text = line.partition(" ")
            self._tell(topic, text)

    def _resync(self) -> None:
        for topic in list(self._callbacks):
            self._tell(topic, RESYNC)

    def _tell(self, topic: str, text: str) -> None:
        for callback in self._callbacks.get(topic, ()):
            try:
                callback(text)
            except Exception:  # who cannot read a text must not cost the others theirs, nor the bus its reader
                log.exception("bus.text_failed", transport=self.name, topic=topic)

    async def _read_for_ever(self) -> None:
        delay = 0.1
        while True:
            try:
                async with self._listening():
                    self.connected = True
                    delay = 0.1
                    self._first.set()
                    self._resync()
                    await self._until_lost()
            except (*database.LOST, asyncpg.PostgresError, RedisError) as error:
                database.heed_cancel()
                log.warning("bus.lost", transport=self.name, error=type(error).__name__)
            finally:
                self.connected = False
                self._first.set()
            await asyncio.sleep(delay * random.uniform(0.5, 1))  # noqa: S311 - jitter
            delay = min(delay * 2, 5.0)

    async def _write_for_ever(self) -> None:
        sent = 0.0
        while True:
            await self._wake.wait()
            if time.monotonic() - sent < TICK_SECONDS:
                await asyncio.sleep(TICK_SECONDS)
            self._wake.clear()
            lines, self._outgoing = list(dict.fromkeys(self._outgoing)), []
            try:
                await asyncio.wait_for(self._send(_packed(lines)), 5)
            except (*database.LOST, asyncpg.PostgresError, RedisError) as error:
                database.heed_cancel()
                # A lost hint is healed by the reader's poll of the log; do not hold business up for it.
                log.warning("bus.not_sent", transport=self.name, error=type(error).__name__)
                await self._drop_writer()
            sent = time.monotonic()

    def _listening(self) -> contextlib.AbstractAsyncContextManager[None]:
        raise NotImplementedError

    async def _until_lost(self) -> None:
        raise NotImplementedError

    async def _send(self, texts: list[str]) -> None:
        raise NotImplementedError

    async def _drop_writer(self) -> None:
        raise NotImplementedError


def _packed(lines: list[str]) -> list[str]:
    """Join lines into as few texts as their longest length allows."""
    texts: list[str] = []
    size = MAX_TEXT
    for line in lines:
        length = len(line.encode()) + 1
        if size + length > MAX_TEXT:
            texts.append(line)
            size = length
        else:
            texts[-1] += "\n" + line
            size += length
    return texts


class PostgresBus(_Base):
    """LISTEN/NOTIFY on two own connections, one for each direction.

    An own connection for sending keeps notifications out of business transactions: a NOTIFY takes a lock of the whole
    server at commit. Only the batch of webhooks, one commit for many, sends its own.
    """

    name = "postgres"
    in_commit = True

    def __init__(self, dsn: str) -> None:
        super().__init__()
        self._dsn = dsn
        self._reader: asyncpg.Connection | None = None
        self._writer: asyncpg.Connection | None = None
        self._lost = asyncio.Event()

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        self._lost.clear()
        self._reader = await asyncpg.connect(self._dsn, timeout=5, server_settings={"application_name": "orasync bus"})
        try:
            self._reader.add_termination_listener(lambda _connection: self._lost.set())
            await self._reader.add_listener(CHANNEL, lambda _c, _pid, _channel, line: self._deliver(str(line)))
            yield
        finally:
            self._reader.terminate()

    async def _until_lost(self) -> None:
        assert self._reader is not None  # noqa: S101 - set by _listening
        while not self._lost.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), QUIET_SECONDS)
                return
            await self._reader.fetchval("select 1", timeout=ANSWER_SECONDS)  # a half-open connection shows itself here

    async def _send(self, texts: list[str]) -> None:
        if self._writer is None or self._writer.is_closed():
            # A hint that is lost with the server is found by the poll: it need not wait for the disk.
            quick = {"application_name": "orasync bus", "synchronous_commit": "off"}
            self._writer = await asyncpg.connect(self._dsn, timeout=5, server_settings=quick)
        await self._writer.execute("select pg_notify($1, text) from unnest($2::text[]) as text", CHANNEL, texts)

    async def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.terminate()
        self._writer = None

    async def stop(self) -> None:
        await super().stop()
        await self._drop_writer()


class RedisBus(_Base):
    """PUBLISH/SUBSCRIBE of Redis. Nothing is kept there that could not be lost."""

    name = "redis"

    def __init__(self, url: str) -> None:
        super().__init__()
        # No retries inside the client: our own loop reconnects and then tells the subscribers to look again.
        self._redis = Redis.from_url(
            url, socket_connect_timeout=5, socket_keepalive=True, retry=Retry(NoBackoff(), 0), health_check_interval=0
        )
        self._pubsub = self._redis.pubsub()

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        self._pubsub = self._redis.pubsub()
        try:
            await self._pubsub.subscribe(CHANNEL)
            await self._next(ANSWER_SECONDS)  # subscribed is who was told so: only then the log may be read
            yield
        finally:
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _until_lost(self) -> None:
        while True:
            try:
                message = await self._next(QUIET_SECONDS)
            except TimeoutError:
                # Sending works for long on a half-open connection: only an answer says that it is alive.
                await asyncio.wait_for(self._pubsub.ping(), ANSWER_SECONDS)
                message = await self._next(ANSWER_SECONDS)
            if message["type"] == "pong":
                continue
            if message["type"] == "message":
                self._deliver(message["data"].decode(errors="replace"))
            else:
                self._resync()  # the client has connected again by itself

    async def _next(self, seconds: float) -> dict[str, Any]:
        message: dict[str, Any] | None = await self._pubsub.get_message(timeout=seconds)
        if message is None:
            raise TimeoutError
        return message

    async def _send(self, texts: list[str]) -> None:
        pipe = self._redis.pipeline(transaction=False)
        for text in texts:
            pipe.publish(CHANNEL, text)
        await pipe.execute()

    async def _drop_writer(self) -> None:
        with contextlib.suppress(RedisError, OSError):  # it waits for the other side, and complains
            await self._redis.connection_pool.disconnect(inuse_connections=False)

    async def stop(self) -> None:
        await super().stop()
        with contextlib.suppress(RedisError, OSError):
            await self._redis.aclose()


def make_bus(database_dsn: str, redis_url: str | None) -> Bus:
    """Return the bus for the configured parts: Redis when there is one, else PostgreSQL."""
    return RedisBus(redis_url) if redis_url else PostgresBus(database_dsn)
