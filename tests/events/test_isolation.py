"""R18, R19: the database alone keeps clinics apart, with no filter in the code."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

import asyncpg
import pytest

from app.events.service import Work, unit_of_work
from app.kit import database
from app.kit.ids import new_id
from app.kit.principal import system
from app.staff.schemas import SignUp
from app.staff.service import create_clinic

TENANT_TABLES = (
    "clinic_log",
    "staff_member",
    "invitation",
    "session",
    "connection_key",
    "audit_entry",
    "kept_answer",
    "event",
    "job",
    "reaction_position",
    "contact",
    "contact_point",
    "consent",
    "channel",
    "webhook_delivery",
    "delivery_report",
    "thread",
    "message",
    "read_mark",
    "draft",
    "saved_reply",
    "sharer",
    "contact_merge",
    "decision",
    "attachment",
    "message_template",
    "visitor",
    "mailbox_position",
    "mail_html",
    "message_part",
    "assistant",
    "ai_rule",
    "ai_answer",
    "ai_takeover",
    "clinic_fact",
    "ai_suggestion",
)


async def make(number: int) -> UUID:
    draft = SignUp(clinic_name=f"Clinic {number}", name="Ann", email=f"ann{number}@x.example", password="long enough")
    clinic_id, _, _ = await create_clinic(draft)
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        contact = new_id()
        await work.connection.execute(
            "insert into contact (id, clinic_id, name, stage, language, note, tags, created_at, updated_at) "
            "values ($1, $2, $3, 'lead', '', '', '{}', now(), now())",
            contact,
            clinic_id,
            f"canary-{number}",
        )
    return clinic_id


async def test_every_table_with_a_clinic_is_under_a_forced_policy(records):
    rows = await asyncio.to_thread(
        records.sql,
        "select c.relname, c.relrowsecurity and c.relforcerowsecurity from pg_class c join pg_attribute a on "
        "a.attrelid = c.oid "
        "where c.relkind = 'r' and a.attname = 'clinic_id' and not a.attisdropped",
    )
    assert {name for name, _ in rows} == set(TENANT_TABLES)
    assert all(is_forced for _, is_forced in rows)


async def test_without_a_filter_only_the_own_clinic_is_seen(records):
    one, two = await make(1), await make(2)
    for mine, word in ((one, "canary-1"), (two, "canary-2")):
        async with database.reading(mine) as connection:
            assert [row[0] for row in await connection.fetch("select name from contact")] == [word]
            for table in TENANT_TABLES:
                found = await connection.fetch(f"select distinct clinic_id from {table}")
                assert {row[0] for row in found} <= {mine}
            assert [row[0] for row in await connection.fetch("select id from clinic")] == [mine]


async def test_without_a_clinic_nothing_is_seen(records):
    await make(1)
    for table in (*TENANT_TABLES, "clinic"):
        assert await database.fetchval(f"select count(*) from {table}") == 0


async def test_nothing_can_be_written_into_another_clinic(records):
    one, two = await make(1), await make(2)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(one) as connection:
            await connection.execute(
                "insert into saved_reply (id, clinic_id, name, body, created_at) values ($1, $2, 'x', 'y', now())",
                new_id(),
                two,
            )
    async with database.transaction(one) as connection:
        assert await connection.execute("update contact set name = 'stolen'") == "UPDATE 1"
    async with database.reading(two) as connection:
        assert await connection.fetchval("select name from contact") == "canary-2"


async def test_a_link_to_another_clinics_row_cannot_be_written(records):
    one, two = await make(1), await make(2)
    async with database.reading(two) as connection:
        theirs = await connection.fetchval("select id from contact")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with database.transaction(one) as connection:
            await connection.execute(
                "insert into contact_point (id, clinic_id, contact_id, kind, address, created_at) "
                "values ($1, $2, $3, 'phone', '+1', now())",
                new_id(),
                one,
                theirs,
            )


async def test_the_audit_log_can_only_grow(records):
    clinic = await make(1)
    for statement in ("update audit_entry set action = 'x'", "delete from audit_entry", "truncate audit_entry"):
        with pytest.raises(asyncpg.PostgresError):
            async with database.transaction(clinic) as connection:
                await connection.execute(statement)
    with pytest.raises(Exception, match="append-only"):
        await asyncio.to_thread(records.sql, "update audit_entry set action = 'x' returning 1")


async def test_interleaved_work_on_a_pool_of_two_never_leaks(records):
    """A thousand requests of 20 clinics, some failing, some cancelled; each sees its own clinic only."""
    clinics = [await make(number) for number in range(20)]
    await database.stop()
    await database.start(records.app_dsn, name="tiny", size=2)
    picked = random.Random(7)

    async def request(number: int) -> None:
        clinic = clinics[number % 20]
        async with database.transaction(clinic) as connection:
            names = [row[0] for row in await connection.fetch("select name from contact")]
            assert names == [f"canary-{number % 20}"]
            if picked.random() < 0.1:
                await connection.execute("select 1/0")
            await asyncio.sleep(picked.random() / 500)

    tasks = [asyncio.create_task(request(number)) for number in range(1000)]
    await asyncio.sleep(0.05)
    for task in picked.sample(tasks, 60):
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        assert outcome is None or isinstance(outcome, asyncpg.DivisionByZeroError | asyncio.CancelledError), outcome
    assert (
        await database.fetchval("select coalesce(nullif(current_setting('app.clinic_id', true), ''), 'none')") == "none"
    )


async def test_a_unit_of_work_that_fails_leaves_nothing(records):
    clinic = await make(1)

    async def head() -> int:
        async with database.reading(clinic) as connection:
            return await connection.fetchval("select seq from clinic_log")

    before = await head()

    async def fail(work: Work) -> None:
        work.audit("test.failed")
        work.enqueue("message_send", message_id=new_id())
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        async with unit_of_work(clinic, system(clinic)) as work:
            await fail(work)
    assert await head() == before
    async with database.reading(clinic) as connection:
        assert await connection.fetchval("select count(*) from job") == 0
        assert await connection.fetchval("select count(*) from audit_entry where action = 'test.failed'") == 0


async def test_the_limits_of_the_environment_hold_in_the_database(records):
    """STATEMENT_TIMEOUT, LOCK_TIMEOUT and IDLE_TRANSACTION_TIMEOUT reach every connection of the pool."""
    await database.stop()
    await database.start(records.app_dsn, name="limits", size=1, limits=database.Limits(1.5, 0.25, 7))
    shown = await database.fetchrow(
        "select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock, "
        "current_setting('idle_in_transaction_session_timeout') as idle"
    )
    assert dict(shown) == {"statement": "1500ms", "lock": "250ms", "idle": "7s"}
