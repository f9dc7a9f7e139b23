"""The bus between processes, the same tests over PostgreSQL and over Redis. Each bus stands for one process."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis as RedisClient

from app.kit import pubsub
from app.kit.pubsub import CHANNEL, MAX_TEXT, RESYNC, PostgresBus, RedisBus, _packed, make_bus
from tests.journeys.breaking import kill_server
from tests.journeys.proxy import Link
from tests.journeys.support import until
from tests.support.postgres import Databases
from tests.support.redis import TRANSPORTS, Redis

LARGEST_PAYLOAD = 7_999
"""PostgreSQL refuses one byte more."""


class OverPostgres:
    """The bus on a server that may be killed."""

    kind = PostgresBus

    def __init__(self) -> None:
        self.databases = Databases()
        self.server = self.databases.server
        self.dsn = self.server.dsn(database="postgres")

    def start(self) -> None:
        self.server.start()

    def kill(self) -> None:
        kill_server(self.server)

    def remove(self) -> None:
        self.databases.stop()

    @property
    def address(self) -> Path:
        return self.server.socket_dir / ".s.PGSQL.5432"

    def bus(self, port: int | None = None) -> PostgresBus:
        bus = make_bus(f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable" if port else self.dsn, None)
        assert isinstance(bus, PostgresBus)
        return bus

    async def cut_listeners(self) -> None:
        """End every listening connection, and nothing else."""
        connection = await asyncpg.connect(self.dsn)
        ended = await connection.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where application_name = 'orasync bus' and query ilike 'listen%'"
        )
        await connection.close()
        assert ended

    async def send_rubbish(self) -> None:
        """What is on the channel and not from us."""
        connection = await asyncpg.connect(self.dsn)
        for text in ("", "\n\n", " a", "\x01"):
            await connection.execute("select pg_notify($1, $2)", CHANNEL, text)
        await connection.close()

    async def connections(self) -> int:
        connection = await asyncpg.connect(self.dsn)
        try:
            return await connection.fetchval(
                "select count(*) from pg_stat_activity where application_name = 'orasync bus'"
            )
        finally:
            await connection.close()


class OverRedis:
    """The same on Redis."""

    kind = RedisBus

    def __init__(self, folder) -> None:
        self.server = Redis(folder)
        self.client = RedisClient.from_url(self.server.url)

    def start(self) -> None:
        self.server.start()

    def kill(self) -> None:
        self.server.kill()

    def remove(self) -> None:
        self.client.close()
        self.server.kill()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.server.port

    def bus(self, port: int | None = None) -> RedisBus:
        url = f"redis://127.0.0.1:{port}/0" if port else self.server.url
        bus = make_bus("postgresql://nobody@nowhere/nothing", url)
        assert isinstance(bus, RedisBus)
        return bus

    async def cut_listeners(self) -> None:
        assert self.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

    async def send_rubbish(self) -> None:
        for text in (b"", b"\n\n", b" a", b"\xff\x00\xfe", b"c " + b"x" * 100_000):
            self.client.publish(CHANNEL, text)

    async def connections(self) -> int:
        return len(self.client.client_list()) - 1  # without the one that asks


@pytest.fixture(scope="module", params=TRANSPORTS)
def carrier(request, tmp_path_factory):
    """A server of this file's own: it is killed."""
    made = OverPostgres() if request.param == "postgres" else OverRedis(tmp_path_factory.mktemp("redis"))
    made.start()
    yield made
    made.remove()


@pytest.fixture
async def new_bus(carrier):
    """Start the bus of one more process."""
    made = []

    async def start(*topics):
        bus = carrier.bus()
        made.append(bus)
        heard = {topic: Heard(bus, topic) for topic in topics}
        await bus.start()
        assert bus.connected
        for ear in heard.values():
            assert ear.texts == [RESYNC]  # a first connect says the same as a later one
            ear.texts.clear()
        return bus, *heard.values()

    yield start
    for bus in made:
        await bus.stop()


class Heard:
    """What came on one topic, in order."""

    def __init__(self, bus, topic: str) -> None:
        self.texts: list[str] = []
        bus.subscribe(topic, self.texts.append)

    async def all(self, texts: list[str]) -> None:
        """Exactly these have come, and nothing else."""
        await until(lambda: len(self.texts) >= len(texts), what=f"heard {len(self.texts)} of {len(texts)}")
        assert self.texts == texts


async def test_every_process_hears_every_text_once_and_in_order(new_bus):
    one, first = await new_bus("a")
    two, second = await new_bus("a")
    _, third = await new_bus("a")
    for number in range(200):
        one.publish("a", f"one {number}")
        if number % 50 == 0:
            await asyncio.sleep(0.002)  # some in the same tick, some in the next
    await third.all([f"one {number}" for number in range(200)])
    two.publish("a", "and back")
    texts = [*(f"one {number}" for number in range(200)), "and back"]
    for heard in (first, second, third):
        await heard.all(texts)


async def test_what_one_tick_joins_is_split_again(new_bus, carrier):
    """Over the longest payload, with characters of one to four bytes, with texts as long as may be."""
    sender, _ = await new_bus("a")
    _, heard = await new_bus("a")
    texts = [f"{number} {'aß語🦷'[number % 4] * (number % 400)} end" for number in range(1_000)]
    texts[500:500] = ["x" * MAX_TEXT, "", "🦷" * (MAX_TEXT // 4), "after the long ones"]
    payloads = await listen_raw(carrier, lambda: [sender.publish("a", text) for text in texts], texts[-1])
    await heard.all(texts)
    assert len(payloads) < len(texts) / 5, "they travelled one by one"
    assert max(len(payload) for payload in payloads) <= LARGEST_PAYLOAD


async def listen_raw(carrier, act, last: str) -> list[bytes]:
    """The payloads that travel while something happens, up to the one with the last text."""
    payloads: list[bytes] = []
    if isinstance(carrier, OverPostgres):
        connection = await asyncpg.connect(carrier.dsn)
        await connection.add_listener(CHANNEL, lambda _c, _p, _n, text: payloads.append(text.encode()))
        act()
        await until(lambda: payloads and payloads[-1].decode().endswith(last))
        await connection.close()
        return payloads
    ear = carrier.client.pubsub(ignore_subscribe_messages=True)
    ear.subscribe(CHANNEL)
    act()

    def take():
        while (message := ear.get_message()) is not None:
            payloads.append(message["data"])
        return payloads and payloads[-1].decode().endswith(last)

    await until(take)
    ear.close()
    return payloads


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=MAX_TEXT // 4)))
def test_packing_loses_nothing_and_keeps_the_limit(lines):
    packed = _packed(lines)
    assert "\n".join(packed).split("\n") == ("\n".join(lines)).split("\n")
    assert all(len(text.encode()) <= MAX_TEXT for text in packed)


async def test_topics_are_kept_apart(new_bus):
    sender, *_ = await new_bus()
    _, short, long, other = await new_bus("a", "aa", "b")
    for topic, text in [("a", "b aa"), ("aa", "a b"), ("nobody", "a x"), ("b", ""), ("a", "last"), ("b", "last")]:
        sender.publish(topic, text)
    await other.all(["", "last"])
    await short.all(["b aa", "last"])
    await long.all(["a b"])


async def test_a_subscriber_that_fails_costs_the_others_nothing(new_bus, carrier):
    sender, *_ = await new_bus()
    bus = (await new_bus())[0]

    def fail(_text):
        raise ValueError("cannot read this")

    bus.subscribe("a", fail)
    heard, other = Heard(bus, "a"), Heard(bus, "b")
    for number in range(3):
        await carrier.send_rubbish()
        sender.publish("a", str(number))
        sender.publish("b", str(number))
        await until(lambda number=number: other.texts[-1:] == [str(number)])
    assert heard.texts == other.texts == ["0", "1", "2"]
    await carrier.cut_listeners()
    await until(lambda: heard.texts[3:] == other.texts[3:] == [RESYNC], what="not everybody was told to look again")
    assert bus.connected


async def test_after_the_loss_of_its_connection_it_listens_again(new_bus, carrier):
    """It says so: something may have been missed meanwhile."""
    sender, *_ = await new_bus()
    _, heard, other = await new_bus("a", "b")
    for turn in range(2):
        await carrier.cut_listeners()
        await until(lambda: heard.texts and other.texts, what="nobody was told to look again")
        assert (heard.texts, other.texts) == ([RESYNC], [RESYNC])
        sender.publish("a", f"turn {turn}")
        await heard.all([RESYNC, f"turn {turn}"])
        heard.texts.clear()
        other.texts.clear()


async def test_while_the_server_is_away_nobody_waits_and_nothing_fails(new_bus, carrier):
    sender, own = await new_bus("a")
    bus, heard = await new_bus("a")
    carrier.kill()
    try:
        await until(lambda: not sender.connected and not bus.connected)
        for number in range(30):  # over many failed sends, not just the first
            begun = time.monotonic()
            for text in range(100):
                sender.publish("a", f"lost {number} {text}")
            assert time.monotonic() - begun < 1, "publishing waited"
            await asyncio.sleep(0.01)
        assert not any(task.done() for task in [*sender._tasks, *bus._tasks]), "a loop has ended"
        assert heard.texts == []
    finally:
        await asyncio.to_thread(carrier.start)
    await until(lambda: sender.connected and bus.connected, what="it did not come back")
    assert (heard.texts[0], own.texts[0]) == (RESYNC, RESYNC)
    sender.publish("a", "again")
    await until(lambda: heard.texts[-1] == own.texts[-1] == "again", what="nothing arrives after the server came back")


async def test_a_server_that_comes_late_is_found(carrier):
    """A process starts without it, and is not held up for long."""
    carrier.kill()
    bus = carrier.bus()
    heard = Heard(bus, "a")
    try:
        begun = time.monotonic()
        await bus.start()
        assert time.monotonic() - begun < 10
        assert not bus.connected
        bus.publish("a", "into the void")
    finally:
        await asyncio.to_thread(carrier.start)
    try:
        await until(lambda: bus.connected)
        assert heard.texts[0] == RESYNC
        bus.publish("a", "there")
        await until(lambda: heard.texts[-1] == "there")
    finally:
        await bus.stop()


async def test_a_line_that_died_without_a_word_is_given_up(carrier, monkeypatch):
    """Half-open: sending works and nothing comes. Only a question that nobody answers shows it."""
    monkeypatch.setattr(pubsub, "QUIET_SECONDS", 0.5)
    monkeypatch.setattr(pubsub, "ANSWER_SECONDS", 2.0)
    link = Link(carrier.address)
    bus, sender = carrier.bus(link.port), carrier.bus()
    heard = Heard(bus, "a")
    try:
        await bus.start()
        await sender.start()
        await asyncio.sleep(1.2)  # a quiet line that answers is no dead one
        assert heard.texts == [RESYNC]
        link.half_open()
        sender.publish("a", "lost on the way")
        await until(lambda: heard.texts == [RESYNC, RESYNC], what="it listens to a dead line")
        sender.publish("a", "again")
        await heard.all([RESYNC, RESYNC, "again"])
    finally:
        await bus.stop()
        await sender.stop()
        link.close()


@pytest.mark.parametrize("server", ["here", "away"])
async def test_stop_ends_everything(carrier, server):
    before = asyncio.all_tasks()
    bus = carrier.bus()
    heard = Heard(bus, "a")
    await bus.start()
    bus.publish("a", "open the other direction")
    await heard.all([RESYNC, "open the other direction"])
    if server == "away":
        carrier.kill()
    try:
        bus.publish("a", "in the middle of a send")
        await asyncio.wait_for(bus.stop(), 10)
        assert not bus.connected
        await until(lambda: asyncio.all_tasks() <= before, 10, "tasks are left")
    finally:
        if server == "away":
            await asyncio.to_thread(carrier.start)
    end = time.monotonic() + 20
    while await carrier.connections():
        assert time.monotonic() < end, "connections are left"
        await asyncio.sleep(0.05)


async def test_a_hint_sent_by_the_commit_comes_with_it_and_never_without(new_bus, carrier):
    bus, heard = await new_bus("log")
    if not isinstance(carrier, OverPostgres):
        assert not bus.in_commit  # Redis knows nothing of transactions: nobody may rely on it
        return
    assert bus.in_commit
    connection = await asyncpg.connect(carrier.dsn)
    try:
        gone = connection.transaction()
        await gone.start()
        await connection.execute("select pg_notify($1, 'log of a rollback')", CHANNEL)
        await gone.rollback()
        kept = connection.transaction()
        await kept.start()
        await connection.execute("select pg_notify($1, 'log of a commit')", CHANNEL)
        bus.publish("log", "in between")
        await heard.all(["in between"])
        await kept.commit()
        await heard.all(["in between", "of a commit"])
    finally:
        await connection.close()
