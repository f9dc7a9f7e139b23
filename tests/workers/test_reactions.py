"""Reactions share one reading of the log, and none depends on another one."""

from __future__ import annotations

from app.events.registry import REACTIONS, Reaction
from tests.support.inside import Inside
from workers import relay


async def test_one_that_fails_stays_and_the_others_go_on(records, monkeypatch):
    desk = await Inside(records).open()
    shown, reads = [], []

    async def fails(_clinic_id, events):
        shown.append([event.seq for event in events])
        if len(shown) == 1:
            raise ValueError

    async def read(*arguments):
        reads.append(arguments[1])
        return await read_log(*arguments)

    read_log = relay.read_log
    monkeypatch.setattr(relay, "read_log", read)
    monkeypatch.setitem(REACTIONS, "x.fails", Reaction("x.fails", REACTIONS["ai.triage"].types, fails))
    names = ["x.fails", *(name for name in REACTIONS if name != "x.fails")]
    await desk.write("Hello")
    assert await relay._step(desk.id, names) == []
    assert (len(shown), len(reads), desk.jobs("ai_triage")) == (1, 1, ["pending"])
    places = dict(desk.sql("select name, seq from reaction_position"))
    assert places.keys() == set(names) - {"x.fails"}
    assert len(set(places.values())) == 1
    await desk.write("Are you there?")
    await relay._step(desk.id, names)
    assert shown[1] == [*shown[0], shown[1][-1]], "it is shown again what it failed on"
    assert desk.jobs("ai_triage") == ["pending", "pending"]
    assert dict(desk.sql("select name, seq from reaction_position")).keys() == set(names)
    await desk.close()
