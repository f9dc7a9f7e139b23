"""R14: what was fetched before, plus the events since, is what is fetched afterwards. For any acts, in any order."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.inbox.held_desk import ACTS, Desk, acts, make_desk
from tests.journeys.support import until


def the_same(value: Any) -> Any:
    """Instants are written with Z or +00:00; both mean the same."""
    if isinstance(value, dict):
        return {key: the_same(one) for key, one in value.items()}
    if isinstance(value, list):
        return [the_same(one) for one in value]
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-" and value[10:11] == "T":
        return dt.datetime.fromisoformat(value)
    return value


def differences(held: dict[str, dict[str, Any]], fresh: dict[str, dict[str, Any]], *, partly: bool = False) -> list:
    """Every field that differs. ``partly``: what was held need not have every field."""
    found = [f"{one} is held, and is not there" for one in held.keys() - fresh.keys()]
    found += [f"{one} is there, and is not held" for one in fresh.keys() - held.keys()]
    for one in held.keys() & fresh.keys():
        mine, theirs = the_same(held[one]), the_same(fresh[one])
        names = mine.keys() if partly else mine.keys() | theirs.keys()
        found += [
            f"{one} {name}: held {mine.get(name)!r}, fetched {theirs.get(name)!r}"
            for name in sorted(names)
            if mine.get(name) != theirs.get(name) or name not in theirs
        ]
    return found


async def agree(held: Desk, what: str) -> None:
    """Fetch afresh, apply the events up to there to what was held, and compare."""
    fresh = Desk(held.clinic, held.channel, held.colleague)
    await fresh.fetch()
    types = await held.hear(fresh.seq)
    found = [
        *differences(held.threads, fresh.threads),
        *differences(held.messages, fresh.messages),
        *differences(held.contacts, fresh.contacts, partly=True),
        *differences({"counts": held.count()}, {"counts": fresh.counts}),
    ]
    # What is held is right from here on, also for the next run after one that failed: it would blame the wrong acts.
    held.seq, held.threads, held.messages = fresh.seq, fresh.threads, fresh.messages
    held.contacts, held.counts = fresh.contacts, fresh.counts
    assert not found, "\n".join([f"{what}, told by {types}:", *found[:20]])


@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
async def test_snapshot_and_events_make_a_fresh_snapshot(clinic, data):
    """Acts of two people and texts of patients, three at a time; the sends they cause go on beside."""
    desk = getattr(clinic, "desk", None)
    if desk is None:
        desk = clinic.desk = await make_desk(clinic)
    todo = data.draw(acts)
    for begin in range(0, len(todo), 3):
        await asyncio.gather(*(desk.act(*one) for one in todo[begin : begin + 3]))
    await agree(desk, f"after {todo}")


async def test_every_kind_of_act_was_done_and_told(clinic):
    """Each act alone, so that none of them hides behind another."""
    desk = await make_desk(clinic)
    await desk.undo(30)
    once = {
        "inbound": [(4, 0), (0, 1), (1, 3), (1, 4)],
        "picture": [(0,), (1,)],
        "reply": [(0, "now"), (0, "later")],
        "note": [(0, 1)],
        "assign": [(0, "owner"), (0, "colleague"), (0, None)],
        "help": [(0,)],
        "snooze": [(0, 86_400), (1, 1)],
        "reopen": [(0,)],
        "close": [(0,)],
        "unread": [(0,)],
        "read": [(0,)],
        "tags": [(0, "a", False), (0, "a", True)],
        "cancel": [(0,)],
        "went": [(0,)],  # before a retry takes the ones that wait for a word
        "retry": [(0,), (1,)],
        "add_contact": [(0,)],
        "change_contact": [(0, field, 1) for field in ("name", "stage", "tags", "note", "language")],
        "consent": [(0, False), (0, True)],
        "open_thread": [(0,)],
        "undo": [(0,)],
        "draft": [(0,)],
        "bulk": [([0, 1, 2], act) for act in ("assign", "tags", "unread", "read", "snooze", "reopen", "close")],
        "rename_me": [(0,)],
        "point": [(0, 0), (1, 1)],
        "first_point": [(0,), (1,)],
        "share": [(0, 2), (1, 3), (2, 4)],
        "person": [(number, 0) for number in range(4)],
        "merge": [(0, 1), (1, 2)],
        "part": [(0,)],
        "block": [(0, True), (0, False), (1, True)],
    }
    assert once.keys() == ACTS.keys()
    for name, calls in once.items():
        for arguments in calls:
            await desk.act(name, arguments)
            await agree(desk, f"{name}{arguments}")
    missing = ACTS.keys() - desk.done.keys()
    assert missing <= {"consent"}, f"never succeeded: {missing}"


async def test_a_read_mark_does_not_bring_an_old_view_back(clinic):
    """It is written while a colleague marks the thread as done: whose event comes last must tell the last state."""
    desk = Desk(clinic, await clinic.channel(), await clinic.member())
    await desk.inbound(0, 0)
    await desk.fetch()
    with psycopg.connect(clinic.product.database.owner_dsn) as holding:
        holding.execute("lock table read_mark in exclusive mode")  # the mark stops between its look and its writing
        marking = asyncio.create_task(clinic.owner.post(clinic.at(f"{desk.thread(0)}/read")))
        waits = "select count(*) from pg_locks where not granted and relation = 'read_mark'::regclass"
        await until(lambda: clinic.product.sql(waits) == [(1,)], 20)
        assert (await desk.colleague.post(clinic.at(f"{desk.thread(0)}/close"))).status_code == 200
        holding.rollback()
    assert (await marking).status_code == 200
    await agree(desk, "a mark and a close at the same time")
