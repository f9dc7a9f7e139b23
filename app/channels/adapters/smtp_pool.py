"""Connections to mail servers, kept for the next mail: a sign-in costs more than a mail.

Adapters are made anew every few seconds, so the pools are kept here: one for each channel and sign-in.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import aiosmtplib

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
    from uuid import UUID

MOST_IDLE = 4
IDLE_SECONDS = 20.0
"""A server may hang up on those that say nothing for longer; most wait for minutes."""
MOST_MAILS = 50
"""Mails over one connection: many servers allow no more."""

_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, Pool]] = WeakKeyDictionary()


class Pool:
    """The idle connections of one channel."""

    def __init__(self, key: Hashable, make: Callable[[], Awaitable[aiosmtplib.SMTP]]) -> None:
        self.key = key
        self.make = make
        self._idle: list[tuple[aiosmtplib.SMTP, float, int]] = []

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """Lend a connection that is signed in. It is kept only when all went well with it."""
        client, used = await self._take()
        done = False
        try:
            yield client
            done = True
        except aiosmtplib.SMTPResponseException:
            # The server refused this mail and goes on talking.
            done = client.is_connected and await _reset(client)
            raise
        finally:
            if done and client.is_connected and used + 1 < MOST_MAILS and len(self._idle) < MOST_IDLE:
                self._idle.append((client, time.monotonic(), used + 1))
            else:
                client.close()

    async def _take(self) -> tuple[aiosmtplib.SMTP, int]:
        while self._idle:
            client, since, used = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and client.is_connected and await _reset(client):
                return client, used
            client.close()
        return await self.make(), 0

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop()[0].close()


def pool_of(channel_id: UUID, key: Hashable, make: Callable[[], Awaitable[aiosmtplib.SMTP]]) -> Pool:
    """Return a channel's pool on the running event loop; with another sign-in a fresh one."""
    pools = _pools.setdefault(asyncio.get_running_loop(), {})
    found = pools.get(channel_id)
    if found is None or found.key != key:
        if found is not None:
            found.close()
        found = pools[channel_id] = Pool(key, make)
    found.make = make
    return found


async def _reset(client: aiosmtplib.SMTP) -> bool:
    """Say whether the other side is still there and ready for the next mail."""
    try:
        await client.rset(timeout=3)
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        client.close()
        return False
    return True


def close_mail_connections() -> None:
    """Hang up on all servers of this process's loop."""
    for pool in _pools.pop(asyncio.get_running_loop(), {}).values():
        pool.close()
