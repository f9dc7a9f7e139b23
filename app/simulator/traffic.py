"""Patients who write: signed deliveries through the real webhook, at a rate, in some weather, answering staff.

Answers are seen where a patient would see them: in the simulated provider's journal.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import msgspec

from app.channels.service import Follower, Journal, SimulatedAdapter, load_channel, post_signed, simulated_folder
from app.kit import clock
from app.simulator.people import Person, make_person
from app.simulator.stories import Talk, choose_story

if TYPE_CHECKING:
    from app.kit.weather import Weather

AT_ONCE = 64
GIVE_UP_SECONDS = 60.0
PATIENCE = (240.0, 900.0)
"""After so many seconds without an answer a patient asks again, once."""
THINKING = (4.0, 25.0)
"""So long a patient takes to answer."""
FORGET_SECONDS = 1800.0
MOST_TALKS = 500


WEIGHTS = {"sms": 0.6, "whatsapp": 0.25, "email": 0.15}
"""How people write to a clinic."""


def address_of(person: Person, adapter: SimulatedAdapter) -> str:
    """Return where a person writes from on this kind of channel."""
    return person.email if adapter.kind == "email" else person.phone


class Counts(msgspec.Struct):
    """What happened so far. ``doubled`` deliveries are repeats of an id that was delivered before."""

    written: int = 0
    delivered: int = 0
    doubled: int = 0
    late: int = 0
    refused: int = 0
    lost: int = 0
    answers: int = 0


class _Open(msgspec.Struct):
    talk: Talk
    channel: SimulatedAdapter
    since: float
    patience: float
    answer_at: float | None = None
    reply: str = ""
    chased: bool = False


class Traffic:
    """The patients of one clinic."""

    def __init__(
        self, channels: list[UUID], *, rate: float, weather: Weather, seed: int, regulars: list[Person]
    ) -> None:
        self._channels = channels
        self._rate = rate
        self._weather = weather
        self._seed = seed
        self._draw = random.Random(f"{seed}:traffic")  # noqa: S311 - a demo
        self._regulars = regulars
        self._strangers = count(len(regulars) + 200)
        self._open: dict[tuple[str, str], _Open] = {}
        self._due: list[tuple[float, int, Callable[[], Any]]] = []
        self._number = count()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._client = httpx.AsyncClient(timeout=20, trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE))
        self.counts = Counts()

    async def run(self, seconds: float | None, stop: asyncio.Event) -> None:
        """Write until the time is over or somebody stops it; then wait for what is on its way."""
        loaded = [(await load_channel(channel)).adapter for channel in self._channels]
        adapters = [adapter for adapter in loaded if isinstance(adapter, SimulatedAdapter)]
        follower = Follower(Journal(simulated_folder()), clock.now())
        began = time.monotonic()
        next_at = began
        while not stop.is_set() and (seconds is None or time.monotonic() - began < seconds):
            now = time.monotonic()
            self._hear(await asyncio.to_thread(follower.read), now)
            while next_at <= now:
                self._somebody_writes(adapters, now)
                next_at += self._draw.expovariate(self._rate)
            self._play(now)
            wait = min(0.1, max(0.0, next_at - time.monotonic()))
            try:
                await asyncio.wait_for(stop.wait(), max(wait, 0.005))
            except TimeoutError:
                continue
        while (self._due or self._tasks) and not stop.is_set():
            self._play(time.monotonic())
            await asyncio.sleep(0.05)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    # -- who writes

    def _somebody_writes(self, adapters: list[SimulatedAdapter], now: float) -> None:
        """The rate counts all messages: who has an answer to give comes first, else somebody new begins."""
        for key, opened in list(self._open.items()):
            if opened.answer_at is not None and opened.answer_at <= now:
                self._write(opened, opened.talk.answer(opened.reply), now)
                opened.answer_at, opened.since = None, now
                self.counts.answers += 1
            elif not opened.chased and opened.answer_at is None and now - opened.since > opened.patience:
                opened.chased = True
                self._write(opened, opened.talk.chase(), now)
            elif now - opened.since < FORGET_SECONDS and not (opened.talk.finished and opened.answer_at is None):
                continue
            else:
                del self._open[key]
                continue
            if opened.talk.finished:
                del self._open[key]
            return
        person = self._somebody()
        adapter = self._draw.choices(adapters, [WEIGHTS[one.kind] for one in adapters])[0]
        opened = _Open(
            Talk(person, choose_story(person, self._draw), self._draw), adapter, now, self._draw.uniform(*PATIENCE)
        )
        if len(self._open) < MOST_TALKS:
            self._open[adapter.webhook_url, address_of(person, adapter)] = opened
        self._write(opened, opened.talk.open(), now)

    def _somebody(self) -> Person:
        talking = {opened.talk.person.phone for opened in self._open.values()}
        for _ in range(5):
            person = self._draw.choice(self._regulars) if self._regulars else None
            if person is not None and person.phone not in talking and self._draw.random() < 0.7:
                return person
        return make_person(next(self._strangers), self._seed)

    def _hear(self, lines: list[dict[str, Any]], now: float) -> None:
        """Notice what staff sent; the patient answers after a while, to the last of several messages."""
        for line in lines:
            if line["act"] != "accepted":
                continue
            for (webhook_url, address), opened in self._open.items():
                if address == line["to"] and webhook_url.endswith(line["channel"]):
                    opened.reply = line["body"]
                    opened.answer_at = now + self._draw.uniform(*THINKING)

    # -- how it travels

    def _write(self, opened: _Open, body: str, now: float) -> None:
        person, adapter = opened.talk.person, opened.channel
        sid = f"SM{uuid4().hex}"
        pairs = [
            ("MessageSid", sid),
            ("SmsMessageSid", sid),
            ("SmsSid", sid),
            ("SmsStatus", "received"),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("Body", body),
            ("From", adapter.prefix + address_of(person, adapter)),
            ("To", adapter.prefix + adapter.address),
            ("AccountSid", adapter.account_sid),
            ("ApiVersion", "2010-04-01"),
        ]
        if adapter.kind != "sms":
            pairs += [("ProfileName", person.name), ("WaId", person.phone[1:]), ("MessageType", "text")]
        self.counts.written += 1
        key = f"inbound {self.counts.written}"
        delay = self._weather.delay(key)
        self.counts.late += delay > 0
        self._at(now + delay, lambda: self._deliver(adapter, pairs, first=True))
        if self._weather.has("duplicate", key):
            again = now + delay + self._weather.draw(f"again {key}").uniform(0, 3)
            self._at(again, lambda: self._deliver(adapter, pairs, first=False))

    def _at(self, when: float, act: Callable[[], Any]) -> None:
        heapq.heappush(self._due, (when, next(self._number), act))

    def _play(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            task = asyncio.ensure_future(heapq.heappop(self._due)[2]())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, adapter: SimulatedAdapter, pairs: list[tuple[str, str]], *, first: bool) -> None:
        """Deliver once, trying again while the desk is away: a demo must get over a restart."""
        until = time.monotonic() + GIVE_UP_SECONDS
        async with self._slots:
            while True:
                try:
                    status = (await post_signed(self._client, adapter, "", pairs)).status_code
                except httpx.HTTPError:
                    status = 0
                if status and status < 500:
                    break
                if time.monotonic() > until:
                    self.counts.lost += 1
                    return
                await asyncio.sleep(0.5)
        if status >= 400:
            self.counts.refused += 1
        elif first:
            self.counts.delivered += 1
        else:
            self.counts.doubled += 1
