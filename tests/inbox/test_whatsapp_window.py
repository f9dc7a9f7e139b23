"""WhatsApp's 24 hours: free text before their end, approved messages after it, and nothing stored that cannot go."""

from __future__ import annotations

import asyncio
import datetime as dt
from types import SimpleNamespace
from uuid import uuid4

import pytest

from app.inbox.service.window import is_open
from tests.support.clinic import ACCOUNT_SID

PATIENT = "+12025550161"
REMINDER = {
    "name": "appointment_reminder",
    "language": "en",
    "values": ["Maria", "Bright Smiles", "Friday", "3:00 PM"],
}


async def say(channel, body: str = "Hello") -> None:
    """The patient writes by WhatsApp."""
    answer = await channel.deliver(
        {
            "MessageSid": f"SM{uuid4().hex}",
            "AccountSid": ACCOUNT_SID,
            "From": f"whatsapp:{PATIENT}",
            "To": f"whatsapp:{channel.address}",
            "Body": body,
            "NumMedia": "0",
        }
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture
async def talk(clinic):
    """A clinic without undo time whose patient has just written by WhatsApp."""
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    channel = await clinic.channel(kind="whatsapp")
    await say(channel)
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    return SimpleNamespace(clinic=clinic, channel=channel, thread=thread)


def ends(talk, when: str) -> None:
    """Move the end of the 24 hours: ``when`` is SQL."""
    talk.clinic.product.sql(f"update thread set whatsapp_until = {when} where id = %s", talk.thread["id"])


def send(talk, **fields):
    data = {"channel": "whatsapp", "seen": talk.thread["last_seq"], **fields}
    return talk.clinic.owner.post(talk.clinic.at(f"threads/{talk.thread['id']}/messages"), json=data)


def stored(talk) -> int:
    [(count,)] = talk.clinic.product.sql(
        "select count(*) from message where thread_id = %s and direction = 'out'", talk.thread["id"]
    )
    return count


async def ended(talk, message: dict, *statuses: str) -> dict:
    """Wait until a message has come to one of these states."""
    for _ in range(300):
        page = await talk.clinic.owner.get(talk.clinic.at(f"threads/{talk.thread['id']}/messages"))
        found = next(one for one in page.json()["items"] if one["id"] == message["id"])
        if found["status"] in statuses:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


def test_at_the_very_end_it_is_over():
    end = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert is_open(end, end - dt.timedelta(microseconds=1))
    assert not is_open(end, end)
    assert not is_open(None, end)


async def test_within_the_24_hours_free_text_goes(talk):
    until = dt.datetime.fromisoformat(talk.thread["whatsapp_until"])
    left = until - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=23, minutes=55) < left <= dt.timedelta(hours=24, minutes=1)
    answer = await send(talk, body="Good morning!")
    assert answer.status_code == 201, answer.text
    assert (await ended(talk, answer.json(), "delivered"))["details"] is None


async def test_after_them_it_is_refused_with_the_reason_and_nothing_is_stored(talk):
    for when in ("now()", "now() - interval '3 days'", "null"):
        ends(talk, when)
        refused = await send(talk, body="Good morning!", anyway=True)
        assert (refused.status_code, refused.json()["code"]) == (409, "whatsapp_window_closed"), refused.text
        assert "24 hours" in refused.json()["detail"]
    assert stored(talk) == 0
    await say(talk.channel, "I am back")
    assert (await send(talk, body="Good morning!", anyway=True)).status_code == 201


async def test_an_approved_message_goes_at_any_time(talk):
    ends(talk, "now() - interval '2 days'")
    answer = await send(talk, template=REMINDER)
    assert answer.status_code == 201, answer.text
    message = answer.json()
    assert message["body"].startswith("Hello Maria, a reminder of your visit at Bright Smiles on Friday at 3:00 PM.")
    assert message["details"] == {"template": REMINDER}
    assert message["channel"] == "whatsapp"
    await ended(talk, message, "delivered")


REFUSED = [
    ({"template": {**REMINDER, "name": "unknown"}}, "template"),
    ({"template": {**REMINDER, "language": "de"}}, "template"),
    ({"template": {**REMINDER, "values": ["Maria"]}}, "template.values"),
    ({"template": {**REMINDER, "values": [*REMINDER["values"], "more"]}}, "template.values"),
    ({"template": {**REMINDER, "values": ["Maria", " ", "Friday", "3"]}}, "template.values.1"),
    ({"template": {**REMINDER, "values": ["a\nb", "x", "Friday", "3"]}}, "template.values.0"),
    ({"template": {**REMINDER, "values": ["x", "x", "a\tb", "3"]}}, "template.values.2"),
    ({"template": {**REMINDER, "values": ["x", "x", "x", "a    b"]}}, "template.values.3"),
    ({"template": {**REMINDER, "values": ["x" * 1000] * 4}}, "template.values"),
    ({"template": {**REMINDER, "values": ["x" * 1025, "x", "x", "x"]}}, None),
    ({"template": {**REMINDER, "more": 1}}, None),
    ({"template": {"name": "", "language": "en"}}, None),
    ({"template": REMINDER, "body": "and more words"}, "body"),
    ({"template": REMINDER, "channel": "sms"}, None),
    ({"body": "x" * 4097}, "body"),
    ({"body": ""}, "body"),
]


async def test_what_whatsapp_would_refuse_is_refused_here(talk):
    for fields, key in REFUSED:
        answer = await send(talk, **fields)
        assert answer.status_code == 422, (fields, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        if key:
            assert [one["key"] for one in answer.json()["errors"]] == [key], fields
    assert stored(talk) == 0


async def test_only_what_is_approved_now_can_be_sent(talk):
    assert (
        await talk.clinic.owner.post(talk.clinic.at(f"channels/{talk.channel.id}/templates/sync"))
    ).status_code == 200
    talk.clinic.product.sql(
        "update message_template set status = 'PAUSED' where channel_id = %s and name = %s",
        talk.channel.id,
        REMINDER["name"],
    )
    refused = await send(talk, template=REMINDER)
    assert (refused.status_code, refused.json()["code"]) == (422, "template_not_sendable")
    assert "paused" in refused.json()["detail"]


async def test_a_later_send_that_passes_the_end_fails_with_the_reason(talk):
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3)
    message = (await send(talk, body="Are you coming?", send_at=soon.isoformat())).json()
    kept = (await send(talk, template=REMINDER, send_at=soon.isoformat())).json()
    assert message["status"] == kept["status"] == "scheduled"
    ends(talk, "now() - interval '1 second'")
    failed = await ended(talk, message, "failed", "sent", "delivered")
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "whatsapp_window_closed")
    assert "approved messages" in failed["failure"]["text"]
    await ended(talk, kept, "delivered")


async def test_a_send_that_is_meant_for_after_the_end_is_refused_at_once(talk):
    late = dt.datetime.now(dt.UTC) + dt.timedelta(hours=30)
    refused = await send(talk, body="Tomorrow?", send_at=late.isoformat())
    assert refused.json()["code"] == "whatsapp_window_closed"
    assert "By then" in refused.json()["detail"]
    assert (await send(talk, template=REMINDER, send_at=late.isoformat())).json()["status"] == "scheduled"


async def test_the_form_without_scripts_is_refused_with_the_reason_too(talk):
    ends(talk, "now()")
    await talk.clinic.owner.get("/inbox", headers={"accept": "text/html"})
    form = {"_csrf_token": talk.clinic.owner.cookies["csrftoken"], "body": "Hello again", "channel": "whatsapp"}
    refused = await talk.clinic.owner.post(
        f"/inbox/threads/{talk.thread['id']}/reply", data=form, headers={"accept": "text/html"}
    )
    assert refused.status_code == 409
    assert "only takes approved messages" in refused.text
    assert stored(talk) == 0


async def test_texts_have_a_limit_of_their_own(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hello")
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    path = clinic.at(f"threads/{thread['id']}/messages")
    refused = await clinic.owner.post(path, json={"body": "x" * 1601, "seen": thread["last_seq"]})
    assert (refused.status_code, refused.json()["errors"][0]["key"]) == (422, "body")
    assert "1,600" in refused.json()["detail"]
    sent = await clinic.owner.post(path, json={"body": "x" * 1600, "seen": thread["last_seq"]})
    assert sent.status_code == 201, sent.text
