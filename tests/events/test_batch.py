"""The batched ingest: a bad row fails alone, a held thread holds up nobody else, the log stays gapless (R1, R12)."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256

import asyncpg
import pytest

from app.events.service import Batcher, read_log, unit_of_work
from app.inbox.service.inbound import COLUMNS
from app.kit import database
from app.kit.ids import new_id
from app.kit.principal import system
from app.staff.schemas import SignUp
from app.staff.service import create_clinic


class Desk:
    """A clinic with one channel, and the batcher."""

    def __init__(self, clinic_id, channel_id, batcher):
        self.clinic_id, self.channel_id, self.batcher = clinic_id, channel_id, batcher

    def row(self, number, sender="+15550000001", body="Hi", channel_id=None, *, answers=None, asks=False):
        return (
            self.clinic_id,
            channel_id or self.channel_id,
            "sms",
            "phone",
            sender,
            "",
            f"SM{number}",
            body,
            "[]",
            json.dumps({"reply_to": answers}) if answers else None,
            None,
            answers,
            asks,
            None,
            "raw",
            new_id(),
            new_id(),
            new_id(),
            new_id(),
        )


@pytest.fixture
async def desk(records):
    clinic_id, _, _ = await create_clinic(
        SignUp(clinic_name="A", name="Ann", email="a@x.example", password="long enough")
    )
    channel_id = new_id()
    async with database.transaction(clinic_id) as connection:
        await connection.execute(
            "insert into channel (id, clinic_id, kind, provider, address, mode, state, failure_count, "
            "send_per_minute, created_at) "
            "values ($1, $2, 'sms', 'twilio', '+15550009999', 'live', 'new', 0, 1000, now())",
            channel_id,
            clinic_id,
        )
    batcher = Batcher(records.app_dsn, "ingest_batch", COLUMNS)
    await batcher.start()
    yield Desk(clinic_id, channel_id, batcher)
    await batcher.stop()


STILL_OPEN = "select 1 from pg_stat_activity where datname = current_database() and application_name like '%ingest%'"
READ = (
    "select sum(idx_tup_read)::bigint from pg_stat_user_indexes where relname in ('thread', 'contact', 'contact_point')"
)


async def check_log(clinic_id):
    """Every number once, every sum chained."""
    chain, expected, after = bytes(32), 1, 0
    while events := await read_log(clinic_id, after):
        for event in events:
            chain = sha256(chain + sha256(event.body.encode()).digest()).digest()
            assert (event.seq, event.sum) == (expected, chain)
            expected += 1
        after = events[-1].seq
    return expected - 1


async def test_a_bad_row_fails_alone(desk):
    rows = [desk.row(i, f"+1555000{i:04d}") for i in range(40)]
    rows[7] = desk.row(7, channel_id=new_id())  # no such channel: the foreign key refuses it
    rows[23] = desk.row(23, body="a\x00b")  # cannot be stored
    outcomes = await asyncio.gather(*(desk.batcher.submit(row) for row in rows), return_exceptions=True)
    bad = {number for number, outcome in enumerate(outcomes) if isinstance(outcome, Exception)}
    assert bad == {7, 23}
    async with database.reading(desk.clinic_id) as connection:
        assert await connection.fetchval("select count(*) from message") == 38
    await check_log(desk.clinic_id)


async def test_two_processes_meet_the_same_new_people(records, desk):
    """Both make contacts by the hundred at the same moment: each person is made once, nothing is lost or twice."""
    people = [f"+1555{n:07d}" for n in range(150)]
    other = Batcher(records.app_dsn, "ingest_batch", COLUMNS)
    await other.start()

    async def write(batcher, name, sender):
        for turn in range(2):
            assert (await batcher.submit(desk.row(f"{name}-{sender}-{turn}", sender))).event

    try:
        await asyncio.wait_for(
            asyncio.gather(
                *(write(desk.batcher, "a", one) for one in people), *(write(other, "b", one) for one in people[::-1])
            ),
            60,
        )
    finally:
        await other.stop()
    async with database.reading(desk.clinic_id) as connection:
        counts = await connection.fetchrow(
            "select (select count(*) from contact), (select count(distinct address) from contact_point), "
            "(select count(*) from contact_point), (select count(*) from thread), (select count(*) from message), "
            "(select count(*) from thread t join contact_point p on p.clinic_id = t.clinic_id "
            " and p.contact_id = t.contact_id and p.address = t.contact_phone where t.inbound_count = 4)"
        )
    assert tuple(counts) == (150, 150, 150, 150, 600, 150)
    await check_log(desk.clinic_id)


async def test_a_first_delivery_of_many_new_people_reads_little(records, desk):
    """Plans are made while every table is empty: none may put together what has only the clinic in common."""
    records.sql("select pg_stat_reset()")
    rows = [desk.row(f"{turn}-{n}", f"+1555{n:07d}") for turn in range(2) for n in range(400)]
    await asyncio.wait_for(asyncio.gather(*(desk.batcher.submit(row) for row in rows)), 60)
    await check_log(desk.clinic_id)
    await desk.batcher.stop()  # a connection says what it has read when it ends
    for _ in range(100):
        if not records.sql(STILL_OPEN):
            break
        await asyncio.sleep(0.1)
    read = records.sql(READ)[0][0]
    # With pairs of strangers put together first it was 29 million.
    assert 0 < read < 8_000_000


async def test_what_a_message_answers_is_written_beside_it(desk):
    words = 'Shall I "come"?\n\u0001' + "é" * 200
    await desk.batcher.submit(desk.row(1, body=words))
    stored = await desk.batcher.submit(desk.row(2, answers="SM1"))
    assert stored.event.data["message"]["details"] == {"reply_to": "SM1", "reply_words": words[:120]}
    for other in (desk.row(3, answers="SM99"), desk.row(4, sender="+15550000002", answers="SM1")):
        stored = await desk.batcher.submit(other)
        assert "reply_words" not in stored.event.data["message"]["details"]


async def test_a_stranger_is_told_apart_when_asked(desk):
    """Nothing is made of one before somebody has looked whose address it is; who is known is stored at once."""
    known, stranger = await asyncio.gather(
        desk.batcher.submit(desk.row(1)), desk.batcher.submit(desk.row(2, sender="+15550000002", asks=True))
    )
    assert known.event
    assert (stranger.is_stranger, stranger.event) == (True, None)
    async with database.reading(desk.clinic_id) as connection:
        assert await connection.fetchval("select count(*) from contact_point") == 1
    assert (await desk.batcher.submit(desk.row(2, sender="+15550000002"))).event
    assert (await desk.batcher.submit(desk.row(3, sender="+15550000002", asks=True))).event
    repeat = await desk.batcher.submit(desk.row(3, sender="+15550000002", asks=True))
    assert (repeat.is_stranger, repeat.event) == (False, None)


async def test_a_held_thread_waits_alone(desk):
    await desk.batcher.submit(desk.row(1, "+15550000001"))
    async with database.reading(desk.clinic_id) as connection:
        held = await connection.fetchval("select id from thread")
    async with unit_of_work(desk.clinic_id, system(desk.clinic_id)) as work:
        await work.connection.execute(
            "select 1 from thread where clinic_id = $1 and id = $2 for no key update", desk.clinic_id, held
        )
        waiting = asyncio.create_task(desk.batcher.submit(desk.row(2, "+15550000001")))
        others = await asyncio.wait_for(
            asyncio.gather(*(desk.batcher.submit(desk.row(100 + i, f"+1555111{i:04d}")) for i in range(20))), 10
        )
        assert all(outcome.event for outcome in others)
        assert not waiting.done()
    assert (await asyncio.wait_for(waiting, 10)).event
    await check_log(desk.clinic_id)


async def test_staff_acts_and_the_batch_share_one_order(desk):
    for number in range(8):
        await desk.batcher.submit(desk.row(number, f"+1555222{number:04d}"))
    async with database.reading(desk.clinic_id) as connection:
        threads = sorted(row[0] for row in await connection.fetch("select id from thread"))

    async def staff(number):
        for turn in range(15):
            pair = sorted((threads[(number + turn) % 8], threads[(number * 3 + turn * 5) % 8]))
            async with unit_of_work(desk.clinic_id, system(desk.clinic_id)) as work:
                for thread_id in pair:
                    await work.connection.execute(
                        "select 1 from thread where clinic_id = $1 and id = $2 for no key update",
                        desk.clinic_id,
                        thread_id,
                    )
                work.audit("test.act")

    async def patient(number):
        for turn in range(15):
            await desk.batcher.submit(desk.row(f"{number}-{turn}", f"+1555222{(number + turn) % 8:04d}"))

    await asyncio.wait_for(asyncio.gather(*(staff(i) for i in range(6)), *(patient(i) for i in range(6))), 60)
    head = await check_log(desk.clinic_id)
    async with database.reading(desk.clinic_id) as connection:
        assert await connection.fetchval("select count(*) from message") == 98
        assert await connection.fetchval("select seq from clinic_log") == head
        assert await connection.fetchval(
            "select array_agg(n order by n) = array(select generate_series(1, max(n))) from audit_entry"
        )


async def test_another_clinics_row_is_refused_past_the_door(records, desk):
    connection = await asyncpg.connect(records.app_dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "insert into event (clinic_id, seq, type, body, digest, sum, at) values ($1, 99, 'x', '', '', "
                "'', now())",
                desk.clinic_id,
            )
    finally:
        await connection.close()


async def test_a_thread_that_is_always_busy_lets_the_patient_in(desk):
    """Six writers hand one thread to each other without a pause; the patient's texts queue like everybody (R3)."""
    await desk.batcher.submit(desk.row(0))
    async with database.reading(desk.clinic_id) as connection:
        thread = await connection.fetchval("select id from thread")
    going = True

    async def hold():
        while going:
            async with unit_of_work(desk.clinic_id, system(desk.clinic_id)) as work:
                await work.connection.execute(
                    "select 1 from thread where clinic_id = $1 and id = $2 for no key update", desk.clinic_id, thread
                )
                await asyncio.sleep(0.02)

    holders = [asyncio.create_task(hold()) for _ in range(6)]
    try:
        for number in range(1, 6):
            assert (await asyncio.wait_for(desk.batcher.submit(desk.row(number)), 5)).event
    finally:
        going = False
        await asyncio.gather(*holders)
    await check_log(desk.clinic_id)
