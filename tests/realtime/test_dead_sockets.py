"""R16: sockets that are dead are noticed, those that live stay, and a restart loses nobody a single event."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.journeys.breaking import CLEAN
from tests.journeys.support import until
from tests.support.callers import Caller

PING, PONG = 1.0, 1.5
BOUND = 30.0
"""Generous: one ping and one pong are 2.5 s here, and a busy machine has other things to do."""
CROWD = 300
BACK = 60.0


@pytest.fixture
async def quick(start_product, new_clinic):
    """A clinic at a product that pings often."""
    product = start_product(worker=False, PING_SECONDS=str(PING), PONG_SECONDS=str(PONG))
    return await new_clinic(product)


async def open_sockets(clinic) -> int:
    """How many sockets the product says it has."""
    text = (await clinic.outside.get("/metrics")).text
    return int(float(next(line for line in text.splitlines() if line.startswith("orasync_sockets ")).split()[1]))


async def see_online(socket, names: set[str]) -> None:
    """Wait until just these people are shown to be there."""
    while {
        one["name"] for one in (await socket.next_live("thread.presence", timeout=BOUND))["data"]["online"]
    } != names:
        pass


async def test_a_socket_that_answers_no_ping_is_closed_and_is_not_shown_any_more(quick):
    clinic, colleague = quick, await quick.member(name="Priya Nair")
    alive, dead = await clinic.socket(), await clinic.socket(colleague)
    await see_online(alive, {"Olivia Owner", "Priya Nair"})
    transport = dead._connection.transport
    transport.pause_reading()  # a laptop whose lid was closed: no pong, no goodbye
    await see_online(alive, {"Olivia Owner"})
    assert await open_sockets(clinic) == 1
    # It lives for as long as it answers, however little happens.
    await outlive_pings(alive)
    transport.resume_reading()
    with suppress(ConnectionError, ConnectionClosed):
        assert await dead.closed(timeout=BOUND) in {None, 1011}


async def outlive_pings(socket) -> None:
    """Be pinged three times and still be there. The client answers by itself; what counts is what it was asked."""
    connection, pings = socket._connection, []
    protocol = connection.protocol
    process = connection.process_event

    def count(event):
        if event.opcode.name == "PING":
            pings.append(event)
        process(event)

    connection.process_event = count
    begun = time.monotonic()
    await until(lambda: len(pings) >= 3, BOUND, "nobody asks whether it lives")
    assert time.monotonic() - begun >= PING
    await socket.send({"t": "ping"})
    assert (await socket.next_answer(timeout=BOUND))["t"] == "pong"
    assert protocol.state.name == "OPEN"


@pytest.mark.soak  # the silent one shows the same
async def test_a_socket_that_talks_but_answers_no_ping_is_closed_too(quick):
    """Only an answer to the ping shows that it still hears."""
    socket = await quick.socket()
    socket._connection.transport.pause_reading()

    async def talk():
        while True:
            await socket.send({"t": "ping"})
            await asyncio.sleep(PING / 4)

    talking = asyncio.create_task(talk())
    try:
        end = time.monotonic() + BOUND
        while await open_sockets(quick):
            assert time.monotonic() < end, "it is still there"
            await asyncio.sleep(0.1)
    finally:
        talking.cancel()
        with suppress(asyncio.CancelledError, ConnectionError, ConnectionClosed):
            await talking


class Tab:
    """A browser tab: comes back by itself with the last number it saw, and notes every number it gets."""

    def __init__(self, clinic, key, url: str) -> None:
        self.clinic, self.key, self.url = clinic, key, url
        self.seen: list[int] = []
        self.last: int | None = None
        self.epoch: str | None = None
        self.connects = 0
        self.unresumed = 0

    async def live(self) -> None:
        """Connect, listen, come back; until cancelled."""
        delay = 0.1
        while True:
            with suppress(OSError, TimeoutError, WebSocketException):
                socket = await self.clinic.socket(self.key, url=self.url, after=self.last, epoch=self.epoch)
                self.connects += 1
                delay = 0.1
                if self.last is None:
                    self.last = socket.hello["seq"]
                elif not socket.hello["resumed"]:
                    self.unresumed += 1
                self.epoch = socket.hello["epoch"]
                while True:
                    event = await socket.next_event(timeout=3600)
                    self.last = event["seq"]
                    self.seen.append(event["seq"])
            await asyncio.sleep(delay * random.uniform(0.5, 1))
            delay = min(delay * 2, 2)


@pytest.mark.soak  # the rolling restart under load is the short one
async def test_a_restart_under_300_sockets_loses_nobody_anything(start_product, new_clinic):
    """Stopped in order, then killed; another replica goes on taking texts all the while."""
    product = start_product(web=2, worker=False)
    clinic = await new_clinic(product)
    channel, key = await clinic.channel(), await clinic.key()
    other = Caller(product.web[1].url)
    mine, clinic.outside = clinic.outside, other
    tabs = [Tab(clinic, key, product.web[0].url) for _ in range(CROWD)]
    living = [asyncio.create_task(tab.live()) for tab in tabs]
    sent = 0

    async def texts(count):
        nonlocal sent
        answers = await asyncio.gather(*(channel.text(f"+1202556{i:04d}", f"Text {sent + i}") for i in range(count)))
        assert {answer.status_code for answer in answers} == {200}
        sent += count

    async def all_have_everything(connects):
        """Everybody is there for the n-th time and has what was committed by now, or more."""
        [(head,)] = product.sql("select seq from clinic_log where clinic_id = %s", clinic.id)

        def late():
            return [(tab.connects, tab.last) for tab in tabs if tab.last < head or tab.connects < connects]

        try:
            await until(lambda: not late(), BACK)
        except AssertionError:
            raise AssertionError(f"{len(late())} tabs have not reached {head}: {late()[:5]}") from None

    try:
        await until(lambda: all(tab.last is not None for tab in tabs), BACK, "not everybody got in")
        first = max(tab.last for tab in tabs)
        await texts(5)
        await all_have_everything(1)
        assert await asyncio.to_thread(product.web[0].stop) in CLEAN
        await texts(5)
        restart = asyncio.create_task(asyncio.to_thread(product.web[0].start))
        await texts(5)
        await restart
        await all_have_everything(2)
        product.web[0].kill()
        await texts(5)
        restart = asyncio.create_task(asyncio.to_thread(product.web[0].start))
        await texts(5)
        await restart
        await all_have_everything(3)
        assert not any(task.done() for task in living), "a tab saw a gap or a repeat"
        for tab in tabs:
            assert tab.seen == list(range(tab.seen[0], tab.last + 1))
            assert tab.seen[0] <= first + 1
            assert tab.unresumed == 0
    finally:
        for task in living:
            task.cancel()
        await asyncio.gather(*living, return_exceptions=True)
        clinic.outside = mine
        await other.close()
