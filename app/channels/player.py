"""Plays the simulated provider's part after a send: signed calls about each message's state, to our own webhook.

Runs in the worker, once a folder (a file lock decides). What to play follows from the journal alone, so a restart goes
on where the last player stopped; what it repeats, the webhook takes as the repeat it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import fcntl
import heapq
import os
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import structlog

from app.channels.adapters.journal import Follower, Journal
from app.channels.adapters.simulated import UNREACHABLE, SimulatedAdapter, WeatherStation
from app.channels.service import load_channel, post_signed
from app.kit import clock
from app.kit.errors import OrasyncError
from app.kit.weather import Weather

log = structlog.get_logger()

LOOK_SECONDS = 0.1
REMEMBER = dt.timedelta(hours=1)
"""How far back a new player looks for calls that were not made."""
GIVE_UP_SECONDS = 120.0
AT_ONCE = 16


class Call(msgspec.Struct, frozen=True):
    """One report to make. ``due`` and ``until`` are clock times in seconds."""

    due: float
    until: float
    channel_id: UUID
    provider_id: str
    to: str
    from_: str
    callback: str
    word: str
    code: str | None = None


def plan(line: dict[str, Any], kind: str, weather: Weather) -> list[Call]:
    """Return the reports that one accepted message will cause, in this weather."""
    draw = weather.draw(f"life:{line['provider_id']}")
    life: list[tuple[float, str, str | None]] = [(0.1, "queued", None), (draw.uniform(0.4, 0.9), "sent", None)]
    if line["to"] == UNREACHABLE:
        life.append((draw.uniform(1.2, 2.5), "undelivered", "30003"))
    else:
        life.append((draw.uniform(1.2, 2.8), "delivered", None))
        if kind == "whatsapp" and draw.random() < 0.7:
            life.append((draw.uniform(5, 25), "read", None))
    calls: list[Call] = []
    for after, word, code in life:
        key = f"{line['provider_id']} {word}"
        if weather.has("lose", key):
            continue
        due = line["at"] + after + weather.delay(key)
        times = [due, due + draw.uniform(0.01, 2)] if weather.has("duplicate", key) else [due]
        calls += [
            Call(
                at,
                at + GIVE_UP_SECONDS,
                UUID(line["channel"]),
                line["provider_id"],
                line["to"],
                line["from_"],
                line["callback"],
                word,
                code,
            )
            for at in times
        ]
    return calls


class Player:
    """Follows the journal and makes the calls when they are due."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._journal = Journal(folder)
        self._station = WeatherStation(folder)
        self._due: list[tuple[float, int, Call]] = []
        self._number = count()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._calls: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._client: httpx.AsyncClient | None = None

    def start(self) -> None:
        """Begin to play in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; what is not played yet will be after the next start."""
        tasks = [task for task in (self._task, *self._calls) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _run(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._folder / "player.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _locked(lock):  # noqa: ASYNC110 - another worker plays; take over when it ends
                await asyncio.sleep(2)
            self._client = httpx.AsyncClient(timeout=15, trust_env=False)
            await asyncio.to_thread(self._journal.tidy)
            follower = Follower(self._journal, clock.now() - REMEMBER)
            while True:
                try:
                    await self._look(await asyncio.to_thread(follower.read))
                    self._play()
                except (OSError, OrasyncError, msgspec.DecodeError) as error:
                    log.warning("player.stumbled", error=str(error))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            os.close(lock)

    async def _look(self, lines: list[dict[str, Any]]) -> None:
        made = {(line["provider_id"], line["word"]) for line in lines if line["act"] == "called"}
        for line in lines:
            if line["act"] != "accepted" or not line["callback"]:
                continue
            with contextlib.suppress(OrasyncError):  # its channel may be gone
                channel = await load_channel(UUID(line["channel"]))
                for call in plan(line, channel.kind, self._station.read()):
                    if (call.provider_id, call.word) not in made:
                        self._put(call)

    def _put(self, call: Call) -> None:
        heapq.heappush(self._due, (call.due, next(self._number), call))

    def _play(self) -> None:
        now = clock.now().timestamp()
        while self._due and self._due[0][0] <= now:
            task = asyncio.create_task(self._make(heapq.heappop(self._due)[2]))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _make(self, call: Call) -> None:
        async with self._slots:
            try:
                again = await self._try(call)
            except OrasyncError:
                return
            if not again:
                return
        now = clock.now().timestamp()
        if now < call.until:
            self._put(msgspec.structs.replace(call, due=now + 1))
        else:
            log.warning("player.gave_up", provider_id=call.provider_id, word=call.word)

    async def _try(self, call: Call) -> bool:
        """Make one call; says whether to try it again."""
        channel = await load_channel(call.channel_id)
        adapter = channel.adapter
        if not isinstance(adapter, SimulatedAdapter) or self._client is None:
            return False
        pairs = [
            ("MessageSid", call.provider_id),
            ("SmsSid", call.provider_id),
            ("MessageStatus", call.word),
            ("SmsStatus", call.word),
            ("To", adapter.prefix + call.to),
            ("From", adapter.prefix + call.from_),
            ("AccountSid", adapter.account_sid),
            ("ApiVersion", "2010-04-01"),
        ]
        if call.code:
            pairs.append(("ErrorCode", call.code))
        suffix = call.callback.removeprefix(adapter.webhook_url)
        try:
            answer = await post_signed(self._client, adapter, suffix, pairs)
        except httpx.HTTPError:
            return True
        if answer.status_code >= 500:
            return True
        if answer.is_success:
            await asyncio.to_thread(
                self._journal.append,
                durable=False,
                act="called",
                channel=call.channel_id,
                provider_id=call.provider_id,
                word=call.word,
                status=_OURS.get(call.word, call.word),
                code=call.code,
            )
        else:
            log.warning("player.refused", status=answer.status_code, provider_id=call.provider_id)
        return False


_OURS = {"undelivered": "failed"}


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
