"""Mailboxes that nobody delivers from: the worker reads them by IMAP and takes what it finds like any delivery.

One worker reads a mailbox at a time: it holds a lock of the database's as long as its connection lives. How far it got
is written after a mail is stored, so a mail may be read twice and is stored once (its Message-ID is its key).
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import TYPE_CHECKING

import asyncpg
import structlog

from app.channels.service import (
    Imap,
    ImapError,
    came_at,
    delivery_of,
    imap_of,
    keep_unrouted,
    load_channel,
    note_trouble,
)
from app.channels.service import parse_mail as read_mail
from app.config import settings
from app.inbox.receiving import store
from app.kit import clock, database
from app.kit.errors import NotFound, OrasyncError

if TYPE_CHECKING:
    from uuid import UUID

    from app.channels.service import ConnectedChannel, InboundMessage, Item

log = structlog.get_logger()

FOLDER = "INBOX"
LARGEST = 25 * 1024 * 1024
KEPT = 65_536
"""Bytes that are kept of a mail that cannot be shown."""
LOOK_SECONDS, FIND_SECONDS = 60.0, 5.0
"""IDLE is renewed, and the mailbox looked into, this often; new channels are found this often."""
FIRST_WAIT, LONGEST_WAIT = 2.0, 300.0
TROUBLE_AFTER = 3
"""Failures in a row after which people are told."""
SIGN_IN = "The server for incoming mail refused the sign-in details. A manager can correct them in Settings, Channels."
AWAY = "The server for incoming mail cannot be reached. New mail is fetched when it is back."
_LOST = (ImapError, OSError, EOFError, TimeoutError)


class Mailboxes:
    """All mailboxes this worker reads."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._readers: dict[UUID, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for mailboxes."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop reading; what was taken is stored."""
        tasks = [self._task, *self._readers.values()] if self._task else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._readers.clear()

    async def _run(self) -> None:
        while True:
            try:
                await self._hold()
            except (*database.LOST, asyncpg.PostgresError, OrasyncError) as error:
                database.heed_cancel()
                log.warning("mailboxes.database_away", error=type(error).__name__)
            finally:
                # Without the locks another worker may be reading already.
                for task in self._readers.values():
                    task.cancel()
                self._readers.clear()
            await asyncio.sleep(FIRST_WAIT)

    async def _hold(self) -> None:
        locks = await asyncpg.connect(self._dsn, timeout=10)
        try:
            while True:
                rows = await locks.fetch("select id from channels_of('smtp')", timeout=10)
                wanted = {row["id"] for row in rows}
                for channel_id in self._readers.keys() - wanted:
                    self._readers.pop(channel_id).cancel()
                    await locks.execute("select pg_advisory_unlock(hashtextextended($1, 13))", str(channel_id))
                for channel_id, task in self._readers.items():
                    if task.done():
                        # Nothing that one mail or one moment brings may leave a mailbox unread for good.
                        log.error("mailbox.reader_ended", channel=str(channel_id), error=repr(task.exception())[:200])
                        self._readers[channel_id] = asyncio.create_task(_keep(channel_id))
                for channel_id in wanted - self._readers.keys():
                    if await locks.fetchval("select pg_try_advisory_lock(hashtextextended($1, 13))", str(channel_id)):
                        self._readers[channel_id] = asyncio.create_task(_keep(channel_id))
                await asyncio.sleep(FIND_SECONDS)
        finally:
            with contextlib.suppress(*database.LOST, asyncpg.PostgresError):
                await locks.close(timeout=2)


async def _keep(channel_id: UUID) -> None:
    """Read one mailbox for ever, and come back after every failure."""
    failures = 0
    while True:
        try:
            channel = await load_channel(channel_id)
            told = imap_of(channel.connection.credentials)
            if channel.mode == "live" and told is not None:
                mailbox = Imap(told, settings().send_timeout)
                try:
                    await mailbox.open()
                    failures = 0
                    await _follow(mailbox, channel_id)
                finally:
                    mailbox.close()
            await asyncio.sleep(FIND_SECONDS)
        except NotFound:
            await asyncio.sleep(FIND_SECONDS)
        except (*_LOST, *database.LOST, OrasyncError, asyncpg.PostgresError) as error:
            database.heed_cancel()
            failures += 1
            log.warning("mailbox.lost", channel=str(channel_id), error=type(error).__name__)
            is_sign_in = isinstance(error, ImapError) and error.is_sign_in
            if isinstance(error, _LOST) and (is_sign_in or failures == TROUBLE_AFTER):
                with contextlib.suppress(OrasyncError):
                    await note_trouble(channel, SIGN_IN if is_sign_in else AWAY)
            await asyncio.sleep(min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT))


async def _follow(mailbox: Imap, channel_id: UUID) -> None:
    """Take what is there, then what comes; ends when the channel changed its sign-in."""
    told = (await load_channel(channel_id)).connection.credentials
    while True:
        channel = await load_channel(channel_id)
        if channel.connection.credentials != told or channel.mode != "live":
            return
        await read_new(mailbox, channel)
        await mailbox.idle(LOOK_SECONDS)


async def read_new(mailbox: Imap, channel: ConnectedChannel) -> int:
    """Take all mails above the position, oldest first; return how many were read."""
    validity = await mailbox.select(FOLDER)
    async with database.reading(channel.clinic_id) as connection:
        row = await connection.fetchrow(
            "select validity, uid, checked_at from mailbox_position where clinic_id = $1 and channel_id = $2 "
            "and folder = $3",
            channel.clinic_id,
            channel.id,
            FOLDER,
        )
    if row is not None and row["validity"] == validity:
        uids, since = await mailbox.new_uids(row["uid"]), None
    else:
        # A mailbox we never saw, or numbered anew: go back a day (or to where we were), what is known is a repeat.
        since = min(clock.now(), row["checked_at"] if row else clock.now()) - dt.timedelta(days=1)
        highest = await mailbox.highest()  # asked first: what comes between the two questions is above it, and is read
        uids = await mailbox.uids_since(since.date() - dt.timedelta(days=1))
        if not uids:
            await _note_position(channel, validity, highest)
    for uid in uids:
        await _take(mailbox, channel, uid, since)
        await _note_position(channel, validity, uid)
    return len(uids)


async def _take(mailbox: Imap, channel: ConnectedChannel, uid: int, since: dt.datetime | None) -> None:
    size, at = await mailbox.size_and_time(uid)
    if since is not None and came_at(at) < since:
        return
    if size > LARGEST:
        await keep_unrouted(channel, "It is larger than 25 MiB.", b"")
        return
    raw = await mailbox.fetch(uid)
    if raw is None:
        return
    delivery = delivery_of(await asyncio.to_thread(read_mail, raw), channel.address)
    if any(_is_own(item, channel) for item in delivery.items):
        return
    try:
        await store(channel, delivery, raw[:KEPT])
    except (asyncpg.DataError, asyncpg.ProgramLimitExceededError):
        # One mail that cannot be stored must not hold up all that follow.
        await keep_unrouted(channel, "Something in it cannot be stored.", raw[:KEPT])


def _is_own(item: Item | InboundMessage, channel: ConnectedChannel) -> bool:
    """Say whether the clinic wrote it itself: a copy in its own mailbox."""
    return getattr(item, "from_address", None) == channel.address


async def _note_position(channel: ConnectedChannel, validity: int, uid: int) -> None:
    async with database.transaction(channel.clinic_id) as connection:
        await connection.execute(
            "insert into mailbox_position (clinic_id, channel_id, folder, validity, uid, checked_at) "
            "values ($1, $2, $3, $4, $5, $6) on conflict (clinic_id, channel_id, folder) do update set "
            "validity = excluded.validity, uid = excluded.uid, checked_at = excluded.checked_at",
            channel.clinic_id,
            channel.id,
            FOLDER,
            validity,
            uid,
            clock.now(),
        )
