"""A19, A39: who takes part in a conversation, and going on with what a colleague began, without two answers."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import pytest


@pytest.fixture
async def talk(clinic):
    """A clinic with two people and one conversation."""
    channel = await clinic.channel()
    await channel.text("+12025550123", "Hello")
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]["id"]
    fiona = await clinic.member()
    return SimpleNamespace(clinic=clinic, channel=channel, thread=thread, owner=clinic.owner, fiona=fiona)


def at(talk, path: str) -> str:
    return talk.clinic.at(f"threads/{talk.thread}{path}")


async def people(talk) -> list[str]:
    return (await talk.owner.get(at(talk, ""))).json()["participants"]


async def draft(talk, who) -> dict:
    return (await who.get(at(talk, "/draft"))).json()


async def test_who_writes_or_is_named_takes_part(talk):
    assert await people(talk) == []
    seen = {"body": "Ask @Fiona Front", "mentions": [str(talk.fiona.staff_id)]}
    await talk.owner.post(at(talk, "/notes"), json=seen)
    both = [str(talk.owner.staff_id), str(talk.fiona.staff_id)]
    assert await people(talk) == both
    socket = await talk.clinic.socket()
    answer = await talk.fiona.post(at(talk, "/participants"), json={"remove": both})
    assert answer.json()["participants"] == []
    event = await socket.next_event("thread.updated")
    assert event["data"]["changes"] == {"participants": [both, []]}
    await talk.fiona.post(at(talk, "/messages"), json={"channel": "sms", "body": "Good morning"})
    assert await people(talk) == [str(talk.fiona.staff_id)]
    event = await socket.next_event("message.created")
    assert event["data"]["thread"]["participants"] == [str(talk.fiona.staff_id)]
    key = await talk.clinic.key()
    await key.post(at(talk, "/messages"), json={"channel": "sms", "body": "Sent by a program"})
    assert await people(talk) == [str(talk.fiona.staff_id)]


async def test_strangers_and_viewers_change_nothing(talk):
    for wrong in ({"add": [str(uuid4())]}, {"add": "everybody"}, {"who": []}):
        assert (await talk.owner.post(at(talk, "/participants"), json=wrong)).status_code in {400, 422}, wrong
    viewer = await talk.clinic.member("viewer")
    assert (await viewer.post(at(talk, "/participants"), json={"add": [str(viewer.staff_id)]})).status_code == 403
    assert await people(talk) == []


async def test_a_reply_is_continued_by_one_colleague(talk):
    await talk.fiona.put(at(talk, "/draft"), json={"body": "Dear Maria, your"})
    await talk.fiona.put(at(talk, "/draft"), json={"body": "Your visit", "kind": "subject"})
    await talk.owner.put(at(talk, "/draft"), json={"body": "Good morning!"})
    mine = await draft(talk, talk.owner)
    assert [(one["staff"]["name"], one["body"]) for one in mine["others"]] == [("Fiona Front", "Dear Maria, your")]
    third = await talk.clinic.member(name="Gina Gray")
    whose = {"staff_id": str(talk.fiona.staff_id)}
    answers = await asyncio.gather(
        *(who.post(at(talk, "/draft/continue"), json=whose) for who in (talk.owner, third, talk.owner, third))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"draft_gone"}
    taker = talk.owner if answers[0].is_success or answers[2].is_success else third
    kept = await draft(talk, taker)
    expected = "Dear Maria, your\nGood morning!" if taker is talk.owner else "Dear Maria, your"
    assert (kept["reply"], kept["subject"]) == (expected, "Your visit")
    assert (await draft(talk, talk.fiona))["reply"] == ""


async def test_what_is_begun_is_for_those_who_may_answer(talk):
    await talk.fiona.put(at(talk, "/draft"), json={"body": "Dear Maria"})
    viewer = await talk.clinic.member("viewer")
    assert (await draft(talk, viewer))["others"] == []
    whose = {"staff_id": str(talk.fiona.staff_id)}
    assert (await viewer.post(at(talk, "/draft/continue"), json=whose)).status_code == 403
    assert (await talk.fiona.post(at(talk, "/draft/continue"), json=whose)).status_code == 422
    await talk.fiona.put(at(talk, "/draft"), json={"body": ""})
    assert (await draft(talk, talk.owner))["others"] == []
    line = {"body": "Two\nlines", "kind": "subject"}
    assert (await talk.owner.put(at(talk, "/draft"), json=line)).status_code == 422
