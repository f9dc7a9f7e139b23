"""The web, its clients and its database: parts that stand still, lines that break (reliability section 3).

One product for all of it; each test has a clinic of its own. Worker and provider: ``test_faults_worker.py``, Redis:
``test_faults_redis.py``. The long waits are soak tests.
"""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.journeys.faults import (
    PATIENCE_SECONDS,
    RECONNECT_SECONDS,
    Wired,
    all_refused_in_time,
    answer_of,
    at,
    close_at,
    connections,
    frozen,
    metric,
    processes_of,
    text_refused_in_time,
    texts,
    until_served,
)
from tests.journeys.support import PATIENT, a_desk, check, say, until, until_status


@pytest.fixture(scope="module")
def wired(durable_databases, tmp_path_factory):
    """The product with its links."""
    # The first web learns of others' commits by its listening connection alone: the poll is a minute away.
    made = Wired(durable_databases, tmp_path_factory.mktemp("wired"))
    made.product.web[0].environment["POLL_SECONDS"] = "60"
    made.product.start()
    yield made
    made.stop()


# -- the web


async def leave_a_frozen_web(wired, desk, seconds):
    """Clients resume elsewhere, nothing is lost after CONT (R12)."""
    (clinic, channel), (first, second) = desk, wired.product.web
    tab = await clinic.socket(url=first.url)
    path = channel.webhook_url.removeprefix(wired.product.url)
    begun = time.monotonic()
    with frozen(first.child.pid):
        async with at(clinic, first, patience=1) as http:
            with pytest.raises(httpx.TimeoutException):  # what a load balancer sees: it takes the web out
                await http.get("/health/ready")
        # The provider gave up at the first web; its fallback address leads to the second. The first one has it, too.
        channel.clinic.outside.http.timeout = httpx.Timeout(1)
        with pytest.raises(httpx.TimeoutException):
            await channel.text(PATIENT, "Anybody?", sid="SM-second")
        channel.clinic.outside.http.timeout = httpx.Timeout(30)
        channel.webhook_url, signed = wired.product.url + path, channel.clinic.outside.http.base_url
        channel.clinic.outside.http.base_url = second.url
        assert (await channel.text(PATIENT, "Anybody?", sid="SM-second")).status_code == 200
        moved = await clinic.socket(url=second.url, after=tab.seq, epoch=tab.hello["epoch"])
        assert moved.hello["resumed"]
        event = await moved.next_event("message.created")
        assert event["data"]["message"]["body"] == "Anybody?"
        await asyncio.sleep(max(0, begun + seconds - time.monotonic()))
    channel.clinic.outside.http.base_url = signed
    await until_served(clinic, first)
    assert (await channel.text(PATIENT, "Still there?", sid="SM-third")).status_code == 200
    back = await clinic.socket(url=first.url, after=tab.seq, epoch=tab.hello["epoch"])
    assert back.hello["resumed"]
    while (await back.next_event("message.created"))["data"]["message"]["body"] != "Still there?":
        pass
    await moved.until(back.seq)
    check(wired.product, wired.twilio, acked=texts(clinic, "SM-second", "SM-third"))


async def test_a_frozen_web_is_left_and_its_clients_resume_elsewhere(wired, desk):
    await leave_a_frozen_web(wired, desk, seconds=3)


@pytest.mark.soak
async def test_a_web_frozen_for_half_a_minute(wired, desk):
    await leave_a_frozen_web(wired, desk, seconds=30)


# -- the client


async def test_a_reset_line_to_the_web_is_resumed(wired, desk):
    """Events of the gap come first, then the live ones; nothing twice (the socket itself checks each number)."""
    clinic, channel = desk
    tab = await clinic.socket(url=wired.front.url)
    wired.front.reset()
    assert await tab.closed() is None  # no close frame: the line is simply gone
    assert (await channel.text(PATIENT, "In the gap", sid="SM-second")).status_code == 200
    back = await clinic.socket(url=wired.front.url, after=tab.seq, epoch=tab.hello["epoch"])
    assert back.hello["resumed"]
    assert (await channel.text(PATIENT, "Live again", sid="SM-third")).status_code == 200
    bodies = [(await back.next_event("message.created"))["data"]["message"]["body"] for _ in range(2)]
    assert bodies == ["In the gap", "Live again"]
    check(wired.product, acked=texts(clinic, "SM-second", "SM-third"))


async def notice_a_mute_client(desk, url, silence, seconds):
    """The server gives up a client that answers no ping, and the client resumes from its last number (R16)."""
    clinic, channel = desk

    async def sockets():
        return metric((await clinic.outside.get("/metrics")).text, "orasync_sockets")

    tab = await clinic.socket(url=url)
    await until_sockets(sockets, 1, 15)  # those of earlier tests have gone
    silence(tab)
    assert (await channel.text(PATIENT, "Do you hear?", sid="SM-second")).status_code == 200
    await until_sockets(sockets, 0, seconds)
    tab._connection.transport.abort()
    back = await clinic.socket(after=tab.seq, epoch=tab.hello["epoch"])
    assert back.hello["resumed"]
    while (await back.next_event("message.created"))["data"]["message"]["body"] != "Do you hear?":
        pass
    check(clinic.product, acked=texts(clinic, "SM-second"))


async def until_sockets(sockets, number, seconds):
    """Wait until so many are open."""
    end = time.monotonic() + seconds
    while (found := await sockets()) != number:
        assert time.monotonic() < end, f"{found} sockets are open, not {number}"
        await asyncio.sleep(0.1)


def stand_still(tab):
    """As by SIGSTOP: its kernel takes what comes, nobody reads it."""
    tab._connection.transport.pause_reading()


async def test_a_client_that_stands_still_is_closed(wired, desk):
    """PING_SECONDS + PONG_SECONDS are 2 here."""
    await notice_a_mute_client(desk, wired.front.url, stand_still, seconds=8)


@pytest.mark.soak  # its neighbours show the same with less waiting
async def test_a_half_open_line_to_a_client_is_closed(wired, desk):
    await notice_a_mute_client(desk, wired.front.url, lambda _tab: wired.front.half_open(), seconds=8)


@pytest.mark.soak
async def test_a_client_that_stands_still_is_closed_within_45_seconds(start_product, new_clinic, with_twilio):
    """With the product's own times."""
    product = start_product(worker=False, **with_twilio)
    await notice_a_mute_client(await a_desk(product, new_clinic), product.url, stand_still, seconds=45)


@pytest.mark.soak  # a client that stands still is the harder case
async def test_a_slow_line_slows_only_its_own_client(wired, desk):
    """+500 ms and 50 kB/s: a page over it takes that much longer, everybody else's stays as it was (R15)."""
    clinic, channel = desk
    slow = await clinic.socket(url=wired.front.url)
    quick = await clinic.socket()
    wired.front.slow(latency=0.5, rate=50_000)
    async with at(clinic, wired.product.web[0]) as direct, at(clinic, wired.front) as far:
        times = {"direct": [], "far": []}
        for _ in range(3):
            for name, http in (("direct", direct), ("far", far)):
                status, seconds, _ = await answer_of(http, clinic.at("threads"))
                assert status == 200
                times[name].append(seconds)
        # A kept connection has one round trip; the first had one more to connect. 2 kB take 40 ms.
        assert max(times["far"][1:]) - max(times["direct"]) < 3.0
        assert max(times["direct"]) < min(times["far"])
    for number in range(20):
        assert (await channel.text(PATIENT, f"Word {number}")).status_code == 200
    begun = time.monotonic()
    await quick.until(slow.seq + 20)
    assert time.monotonic() - begun < 1
    await slow.until(quick.seq)


@pytest.mark.soak  # its neighbours show the same with less waiting
async def test_new_clients_in_a_black_hole_leave_the_others_alone(wired, desk):
    """Those inside go on; whoever waits outside gets in with the same try once the way is free."""
    clinic, channel = desk
    inside = await clinic.socket(url=wired.front.url)
    wired.front.black_hole()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(clinic.socket(url=wired.front.url), 1)
    assert (await channel.text(PATIENT, "Through", sid="SM-second")).status_code == 200
    assert (await inside.next_event("message.created"))["data"]["message"]["body"] == "Through"
    wired.front.mend()
    outside = await clinic.socket(url=wired.front.url, after=0)
    await outside.until(inside.seq)


# -- web and database


async def test_a_reset_of_the_database_line_is_over_at_once(wired, desk):
    """Broken connections leave the pool; the listening one is made again and the log read again (no poll here)."""
    (clinic, channel), link = desk, wired.web_database
    tab = await clinic.socket()
    link.refuse()
    async with at(clinic, wired.product.web[0]) as http:
        for _ in range(20):
            status, seconds, retry = await answer_of(http, clinic.at("threads"))
            assert (status, retry) == (503, "1")
            assert seconds < 1
    # Somebody else's event, while nobody here can listen; nothing comes after it that would show the gap.
    head = await close_at(clinic, wired.product.web[1])
    link.mend()
    await until_served(clinic, wired.product.web[0])
    async with at(clinic, wired.product.web[0]) as http:
        answers = await asyncio.gather(*(answer_of(http, clinic.at("threads")) for _ in range(30)))
    assert {status for status, _, _ in answers} == {200}
    await tab.until(head, timeout=RECONNECT_SECONDS)
    assert (await channel.text(PATIENT, "Again", sid="SM-second")).status_code == 200
    check(wired.product, acked=texts(clinic, "SM-second"))


@pytest.mark.soak  # its neighbours show the same with less waiting
async def test_a_black_hole_before_the_database(wired, desk):
    """open_timeout, 503 in time, health and metrics say it (the alert); afterwards all goes on."""
    (clinic, channel), link = desk, wired.web_database
    link.black_hole()
    link.reset()
    refused = asyncio.create_task(all_refused_in_time(clinic, wired.product.web[0]))
    async with at(clinic, wired.product.web[0]) as http:
        health, metrics = await asyncio.gather(http.get("/health/ready"), http.get("/metrics"))
    assert health.status_code == 503
    assert [part["name"] for part in health.json()["parts"] if not part["ok"]] == ["database"]
    assert metric(metrics.text, 'orasync_needs_attention{what="database_away"}') == 1
    await refused
    link.mend()
    await until_served(clinic, wired.product.web[0])
    assert (await channel.text(PATIENT, "Stored now", sid="SM-no")).status_code == 200
    check(wired.product, acked=texts(clinic, "SM-no"))


async def freeze_postgres(wired, desk, seconds):
    """All of its processes at once; the pool does not pile connections up, and all is back after CONT."""
    (clinic, channel), web = desk, wired.product.web[0]
    body = f"frozen {uuid4().hex}"
    pool = 15 + 3  # POOL_SIZE; ingest, and the bus in both directions
    begun = time.monotonic()
    with frozen(*processes_of(wired.server)):
        opened = wired.web_database.opened
        await asyncio.gather(all_refused_in_time(clinic, web), text_refused_in_time(channel))
        while time.monotonic() < begun + seconds:
            await asyncio.gather(all_refused_in_time(clinic, web, number=5), text_refused_in_time(channel))
        rounds = max(1.0, (time.monotonic() - begun) / 5)  # each connection is given up after 5 s, then made anew
        assert wired.web_database.opened - opened < pool * (rounds + 1)
    for each in wired.product.web:
        await until_served(clinic, each)
    assert (await channel.text(PATIENT, "Lost?", sid="SM-no")).status_code == 200
    await say(clinic, body)
    await until_status(wired.product, body, "delivered")
    await until(lambda: connections(wired.product) <= 3 * pool, what="connections piled up")
    check(wired.product, wired.twilio, acked=texts(clinic, "SM-no"))


async def test_a_frozen_postgres_is_a_503_in_bounded_time(wired, desk):
    await freeze_postgres(wired, desk, seconds=0)


@pytest.mark.soak
async def test_a_postgres_frozen_for_half_a_minute(wired, desk):
    await freeze_postgres(wired, desk, seconds=30)


@pytest.mark.parametrize("latency", [0.15, pytest.param(0.5, marks=pytest.mark.soak)])
async def test_a_slow_line_to_the_database_needs_no_more_connections(wired, desk, latency):
    """Each round trip takes longer: slower, not wrong, and never more connections than the pool may have."""
    (clinic, channel), link = desk, wired.web_database
    link.slow(latency=latency)
    async with at(clinic, wired.product.web[0]) as http:
        *answers, text = await asyncio.gather(
            *(answer_of(http, clinic.at("threads")) for _ in range(30)), channel.text(PATIENT, "Slow", sid="SM-slow")
        )
    assert {status for status, _, _ in answers} <= {200, 503}
    assert 200 in {status for status, _, _ in answers}
    assert max(seconds for _, seconds, _ in answers) < PATIENCE_SECONDS
    assert text.status_code == 200
    assert len({wire for wire in link._wires if not wire.near.is_closing()}) <= 15 + 3
    check(wired.product, acked=texts(clinic, "SM-slow"))


async def test_a_statement_that_waits_for_a_lock_is_given_up(wired, desk):
    """Somebody holds a table: 503 after the lock's time, and what does not need the table is answered as ever."""
    clinic, _ = desk
    with psycopg.connect(wired.product.database.owner_dsn) as holder:
        holder.execute("lock table thread in access exclusive mode")
        async with at(clinic, wired.product.web[0]) as http:
            waiting = [asyncio.create_task(answer_of(http, clinic.at("threads"))) for _ in range(10)]
            await asyncio.sleep(0.3)
            status, seconds, _ = await answer_of(http, clinic.at("clinic"))
            assert (status, seconds < 1.5) == (200, True)
            answers = await asyncio.gather(*waiting)
    assert {(status, retry) for status, _, retry in answers} == {(503, "1")}
    assert max(seconds for _, seconds, _ in answers) < 6


@pytest.mark.soak
async def test_a_half_open_line_to_the_database_is_given_up(wired, desk):
    """Nobody is told that the connections are dead: each is found out by its first use, the silent one by its pulse."""
    (clinic, channel), link = desk, wired.web_database
    tab = await clinic.socket()
    link.half_open()
    head = await close_at(clinic, wired.product.web[1])
    async with at(clinic, wired.product.web[0]) as http:
        for _ in range(3):
            answers = await asyncio.gather(*(answer_of(http, clinic.at("threads")) for _ in range(20)))
            assert {(status, retry) for status, _, retry in answers} <= {(200, None), (503, "1")}
            assert max(seconds for _, seconds, _ in answers) < PATIENCE_SECONDS
    assert {status for status, _, _ in answers} == {200}
    # The listening connection looks every 15 s whether it still hears anything.
    await tab.until(head, timeout=40)
    text = await channel.text(PATIENT, "Hm", sid="SM-second")
    if text.status_code != 200:
        assert (text.status_code, text.headers["retry-after"]) == (503, "1")
        assert (await channel.text(PATIENT, "Hm", sid="SM-second")).status_code == 200
    check(wired.product, wired.twilio, acked=texts(clinic, "SM-second"))
