"""A11: what did not arrive is counted until somebody takes care of it, and goes another way once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from tests.support.pictures import photo

UNREACHABLE = "+15005550001"  # refused at once
MAIL = "dora@patients.test"


async def ended(talk, message_id: str, *statuses: str) -> dict:
    """Wait until a message has come to one of these states."""
    for _ in range(400):
        page = await talk.clinic.owner.get(talk.clinic.at(f"threads/{talk.thread}/messages"))
        found = next(one for one in page.json()["items"] if one["id"] == message_id)
        if found["status"] in statuses:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


@pytest.fixture
async def talk(clinic):
    """A clinic with a number and a mailbox, and a text of it that did not arrive."""
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    channel = await clinic.channel()
    await clinic.channel("hello@clinic.test", kind="email", provider="smtp", credentials={})
    person = {"name": "Dora Novak", "phone": UNREACHABLE, "email": MAIL}
    made = (await clinic.owner.post(clinic.at("contacts"), json=person)).json()["id"]
    thread = (await clinic.owner.post(clinic.at("threads"), json={"contact_id": made})).json()["id"]
    draft = {"channel": "sms", "body": "Your crown is ready."}
    sent = await clinic.owner.post(clinic.at(f"threads/{thread}/messages"), json=draft)
    assert sent.status_code == 201, sent.text
    talk = SimpleNamespace(clinic=clinic, channel=channel, contact=made, thread=thread, lost=sent.json()["id"])
    await ended(talk, talk.lost, "failed")
    return talk


def again(talk, message_id: str | None = None, **how):
    return talk.clinic.owner.post(talk.clinic.at(f"messages/{message_id or talk.lost}/retry"), json=how or None)


async def row(talk) -> dict:
    return (await talk.clinic.owner.get(talk.clinic.at(f"threads/{talk.thread}"))).json()


async def lost(talk) -> tuple[int, list[str]]:
    """The count of the tab, and who is in the list of what was not delivered."""
    counts = (await talk.clinic.owner.get(talk.clinic.at("threads/counts"))).json()
    page = (await talk.clinic.owner.get(talk.clinic.at("threads?failed=true"))).json()
    return counts["lost"], [one["contact"]["name"] for one in page["items"]]


async def outgoing(talk) -> list[tuple[str, str]]:
    return talk.clinic.product.sql(
        "select channel, status from message where thread_id = %s and direction = 'out' order by created_at",
        talk.thread,
    )


async def test_many_clicks_send_one_mail_instead_of_the_text(talk):
    answers = await asyncio.gather(*(again(talk, channel="email") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    mail = answers[0].json()
    assert (mail["channel"], mail["body"], mail["retry_of"]) == ("email", "Your crown is ready.", talk.lost)
    await ended(talk, mail["id"], "delivered")
    assert [channel for channel, _ in await outgoing(talk)] == ["sms", "email"]
    first = await ended(talk, talk.lost, "failed")
    assert first["retried_as"] == {"id": mail["id"], "channel": "email"}
    reason = (await talk.clinic.owner.get(talk.clinic.at(f"messages/{mail['id']}/decision"))).json()
    assert (reason["channel"], reason["to_address"]) == ("email", MAIL)
    assert reason["rule"] == "Sent by Olivia Owner, instead of a text that could not be delivered"
    assert await lost(talk) == (0, [])
    for how in ({}, {"channel": "sms"}, {"channel": "whatsapp"}):
        answer = await again(talk, **how)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_retryable"), how


async def test_what_was_taken_back_can_go_again(talk):
    await talk.clinic.owner.patch(talk.clinic.at("clinic"), json={"undo_seconds": 10})
    mail = (await again(talk, channel="email")).json()
    assert mail["status"] == "scheduled"
    assert await lost(talk) == (0, [])
    assert (await talk.clinic.owner.post(talk.clinic.at(f"messages/{mail['id']}/cancel"))).status_code == 200
    assert await lost(talk) == (1, ["Dora Novak"])
    second = (await again(talk, channel="email")).json()
    assert second["id"] != mail["id"]


async def test_a_picture_goes_along_and_comes_back(talk):
    """The file belongs to one message at a time: taken back, it is there again for the same way."""
    files = {"file": ("form.png", photo(), "image/png")}
    file = (await talk.clinic.owner.post(talk.clinic.at("attachments"), files=files)).json()["id"]
    draft = {"channel": "sms", "body": "Your form", "attachments": [{"id": file}]}
    sent = await talk.clinic.owner.post(talk.clinic.at(f"threads/{talk.thread}/messages"), json=draft)
    first = (await ended(talk, sent.json()["id"], "failed"))["id"]
    await talk.clinic.owner.patch(talk.clinic.at("clinic"), json={"undo_seconds": 10})
    mail = (await again(talk, first, channel="email")).json()
    assert [one["id"] for one in mail["attachments"]] == [file]
    where = "select message_id::text from attachment where id = %s"
    assert talk.clinic.product.sql(where, file) == [(mail["id"],)]
    await talk.clinic.owner.post(talk.clinic.at(f"messages/{mail['id']}/cancel"))
    assert (await again(talk, first)).json()["status"] == "queued"
    assert talk.clinic.product.sql(where, file) == [(first,)]


async def test_it_does_not_go_when_the_first_arrived_after_all(talk):
    await talk.clinic.owner.patch(talk.clinic.at("clinic"), json={"undo_seconds": 5})
    mail = (await again(talk, channel="email")).json()
    talk.clinic.product.sql("update message set status = 'delivered' where id = %s", talk.lost)
    talk.clinic.product.sql("update message set send_at = now() where id = %s", mail["id"])
    ended_as = await ended(talk, mail["id"], "cancelled", "sent", "delivered")
    assert (ended_as["status"], ended_as["failure"]["code"]) == ("cancelled", "not_needed")


async def test_the_fence_and_the_law_hold(talk):
    seen = (await row(talk))["last_seq"]
    await talk.channel.text(UNREACHABLE, "Is it ready?")
    answer = await again(talk, channel="email", seen=seen)
    assert (answer.status_code, answer.json()["code"]) == (409, "thread_moved_on")
    stopped = {"channel": "email", "granted": False}
    await talk.clinic.owner.put(talk.clinic.at(f"contacts/{talk.contact}/consent"), json=stopped)
    answer = await again(talk, channel="email", seen=seen, anyway=True)
    assert (answer.status_code, answer.json()["code"]) == (409, "opted_out")
    assert [channel for channel, _ in await outgoing(talk)] == ["sms"]


async def test_the_other_ways_say_why_not(talk):
    await talk.clinic.channel(kind="whatsapp")
    path = talk.clinic.at(f"messages/{talk.lost}/ways")
    ways = {way["channel"]: way["reason"] for way in (await talk.clinic.owner.get(path)).json()}
    assert set(ways) == {"email", "whatsapp"}
    assert ways["email"] is None
    assert "24 hours" in ways["whatsapp"]
    answer = await again(talk, channel="whatsapp")
    assert (answer.status_code, answer.json()["code"]) == (409, "whatsapp_window_closed")
    assert (await again(talk, channel="webchat")).status_code == 422
    assert (await again(talk, channel="pigeon")).status_code in {400, 422}
    viewer = await talk.clinic.member("viewer")
    refused = await viewer.post(talk.clinic.at(f"messages/{talk.lost}/retry"), json={"channel": "email"})
    assert refused.status_code == 403


async def test_lost_until_sent_again_or_done(talk):
    assert await lost(talk) == (1, ["Dora Novak"])
    await talk.channel.text(UNREACHABLE, "Hello?")
    assert (await row(talk))["lost"] == 1  # the patient's words do not hide it
    assert (await again(talk)).json()["status"] == "queued"
    assert await lost(talk) == (0, [])
    await ended(talk, talk.lost, "failed")
    assert await lost(talk) == (1, ["Dora Novak"])
    await talk.clinic.owner.post(talk.clinic.at(f"threads/{talk.thread}/close"))
    assert await lost(talk) == (0, [])
    await talk.clinic.owner.post(talk.clinic.at(f"threads/{talk.thread}/reopen"))
    assert (await row(talk))["lost"] == 0
