"""N1, R5-R7: the reply fence, sending once, undo, and how far a message has come."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest


@pytest.fixture
async def talk(clinic):
    """A clinic without undo time, its number, and one thread with one text."""
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    channel = await clinic.channel()
    await channel.text("+12025550123", "Hello")
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    return clinic, channel, thread


def reply(clinic, thread, caller=None, **fields):
    data = {"body": "Good morning!", "seen": thread["last_seq"], **fields}
    return (caller or clinic.owner).post(clinic.at(f"threads/{thread['id']}/messages"), json=data)


async def test_a_reply_goes_all_the_way(talk):
    clinic, _, thread = talk
    socket = await clinic.socket()
    answer = await reply(clinic, thread)
    assert answer.status_code == 201
    message = answer.json()
    assert (message["direction"], message["status"], message["mode"]) == ("out", "queued", "simulated")
    seen = []
    while not seen or seen[-1] != "delivered":
        event = await socket.next_event("message.status_changed", timeout=20)
        assert event["data"]["message"]["id"] == message["id"]
        seen.append(event["data"]["message"]["status"])
    assert seen == ["sending", "sent", "delivered"]


async def test_an_answered_patient_waits_no_more(talk):
    clinic, _, thread = talk
    await reply(clinic, thread)
    after = (await clinic.owner.get(clinic.at(f"threads/{thread['id']}"))).json()
    assert after["waiting_since"] is None
    assert (await clinic.owner.get(clinic.at("threads?view=todo"))).json()["items"] == []


async def test_the_fence_refuses_what_the_author_had_not_seen(talk):
    clinic, channel, thread = talk
    await channel.text("+12025550123", "And one more thing")
    answer = await reply(clinic, thread)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "thread_moved_on"
    assert [one["body"] for one in problem["messages"]] == ["And one more thing"]
    assert clinic.product.sql("select count(*) from message where clinic_id = %s and direction = 'out'", clinic.id) == [
        (0,)
    ]
    assert (await reply(clinic, thread, anyway=True)).status_code == 201


async def test_the_fence_holds_between_colleagues(talk):
    clinic, _, thread = talk
    colleague = await clinic.member()
    answers = await asyncio.gather(*(reply(clinic, thread, caller) for caller in (clinic.owner, colleague) * 4))
    by_author = {}
    for answer in answers:
        if answer.status_code == 201:
            by_author.setdefault(answer.json()["author"]["id"], []).append(answer.json()["seq"])
        else:
            assert answer.json()["code"] == "thread_moved_on"
    assert len(by_author) == 1


async def test_own_messages_never_trip_the_fence(talk):
    clinic, _, thread = talk
    assert (await reply(clinic, thread, body="One")).status_code == 201
    assert (await reply(clinic, thread, body="Two")).status_code == 201


async def test_the_same_client_id_sends_once(talk):
    clinic, _, thread = talk
    client_id = str(uuid4())
    answers = await asyncio.gather(*(reply(clinic, thread, client_id=client_id) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert clinic.product.sql("select count(*) from message where clinic_id = %s and direction = 'out'", clinic.id) == [
        (1,)
    ]


async def test_undo_takes_a_scheduled_reply_back(clinic):
    channel = await clinic.channel()
    await channel.text("+12025550123", "Hello")
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    message = (await reply(clinic, thread)).json()
    assert message["status"] == "scheduled"
    taken = await clinic.owner.post(clinic.at(f"messages/{message['id']}/cancel"))
    assert taken.json()["status"] == "cancelled"
    again = await clinic.owner.get(clinic.at(f"threads/{thread['id']}"))
    assert again.json()["waiting_since"] == thread["waiting_since"]
    assert again.json()["last_message"]["body"] == "Hello"
    assert (await clinic.owner.post(clinic.at(f"messages/{message['id']}/cancel"))).status_code == 200


async def test_a_message_on_its_way_cannot_be_taken_back(talk):
    clinic, _, thread = talk
    socket = await clinic.socket()
    message = (await reply(clinic, thread)).json()
    while (await socket.next_event("message.status_changed"))["data"]["message"]["status"] != "sent":
        pass
    answer = await clinic.owner.post(clinic.at(f"messages/{message['id']}/cancel"))
    assert (answer.status_code, answer.json()["code"]) == (409, "already_on_its_way")


async def test_late_and_doubled_reports_never_move_a_message_back(talk):
    clinic, channel, thread = talk
    socket = await clinic.socket()
    message = (await reply(clinic, thread)).json()
    while (await socket.next_event("message.status_changed", timeout=20))["data"]["message"]["status"] != "delivered":
        pass
    provider_id = (await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))).json()["items"][0][
        "provider_id"
    ]
    for status in ("queued", "sent", "failed", "delivered", "sending"):
        answer = await channel.deliver(
            {
                "MessageSid": provider_id,
                "MessageStatus": status,
                "To": "+12025550123",
                "From": channel.address,
                "AccountSid": "AC" + "0" * 32,
            },
            suffix="/status",
        )
        assert answer.status_code == 200
    [stored] = [
        one
        for one in (await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))).json()["items"]
        if one["id"] == message["id"]
    ]
    assert stored["status"] == "delivered"


async def test_a_report_for_an_unknown_message_is_kept(talk):
    clinic, channel, _ = talk
    answer = await channel.deliver(
        {"MessageSid": "SM" + "7" * 32, "MessageStatus": "delivered", "AccountSid": "AC" + "0" * 32}, suffix="/status"
    )
    assert answer.status_code == 200
    assert clinic.product.sql("select status from delivery_report where clinic_id = %s", clinic.id) == [("delivered",)]


async def test_notes_are_for_the_team_and_mention_colleagues(talk):
    clinic, _, thread = talk
    colleague = await clinic.member(name="Priya Nair")
    answer = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/notes"),
        json={"body": "@Priya Nair please call", "mentions": [str(colleague.staff_id)]},
    )
    assert answer.status_code == 201
    assert (answer.json()["kind"], answer.json()["mentions"]) == ("note", [str(colleague.staff_id)])
    assert (await clinic.owner.get(clinic.at(f"threads/{thread['id']}"))).json()["waiting_since"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"body": "   ", "seen": 1}, 422),
        ({"body": "x", "seen": -1}, 422),
        ({"body": "x", "seen": "soon"}, 422),
        ({"body": "x" * 10_001, "seen": 1}, 422),
        ({"body": "x", "sent": 1}, 422),
        ({"body": "x", "channel": "fax"}, 422),
        ({"body": "x", "channel": "email"}, 422),
        ({"body": "\ud800", "seen": 1}, 400),
        ({}, 422),
    ],
)
async def test_what_cannot_be_sent_is_refused_and_changes_nothing(talk, data, status):
    clinic, _, thread = talk
    # What the patient's own words bring about is told at any moment; this is about what the caller did.
    told = """select count(*) from event where clinic_id = %s and body ~ '"actor":\\{"type" ?: ?"staff"'"""
    before = clinic.product.sql(told, clinic.id)
    assert before != [(0,)], "they set the undo time"
    answer = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        content=json.dumps(data),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert clinic.product.sql(told, clinic.id) == before
