"""R1, R3, R23: a signed text is stored before it is acked, once, whatever is repeated."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest


async def messages(clinic):
    rows = clinic.product.sql("select provider_id from message where clinic_id = %s and direction = 'in'", clinic.id)
    return [row[0] for row in rows]


async def test_an_acked_text_is_in_the_inbox_at_once(clinic):
    channel = await clinic.channel()
    answer = await channel.text("+12025550123", "Do you have a slot on Friday?")
    assert answer.status_code == 200
    assert answer.text == "<Response/>"
    page = (await clinic.owner.get(clinic.at("threads?view=todo"))).json()
    assert [one["contact"]["phone"] for one in page["items"]] == ["+12025550123"]
    thread = page["items"][0]
    assert thread["last_message"]["body"] == "Do you have a slot on Friday?"
    assert thread["unread"] == 1
    assert thread["waiting_since"]
    stored = (await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))).json()["items"]
    assert [one["body"] for one in stored] == ["Do you have a slot on Friday?"]


async def test_the_raw_delivery_is_kept(clinic):
    channel = await clinic.channel()
    await channel.text("+12025550123", "Keep me")
    [(raw,)] = clinic.product.sql("select raw from webhook_delivery where clinic_id = %s", clinic.id)
    assert "Keep+me" in raw or "Keep%20me" in raw


async def test_a_repeat_answers_200_and_changes_nothing(clinic):
    channel = await clinic.channel()
    sid = f"SM{uuid4().hex}"
    first = await channel.text("+12025550123", "Once", sid=sid)
    told = "select count(*) from event where clinic_id = %s and type = 'message.created'"
    again = await channel.text("+12025550123", "Once", sid=sid)
    assert (first.status_code, again.status_code) == (200, 200)
    assert clinic.product.sql(told, clinic.id) == [(1,)]
    assert await messages(clinic) == [sid]


async def test_concurrent_repeats_are_stored_once(clinic):
    channel = await clinic.channel()
    sids = [f"SM{uuid4().hex}" for _ in range(5)]
    answers = await asyncio.gather(*(channel.text(f"+1202555{i % 4:04d}", "Hi", sid=sids[i % 5]) for i in range(60)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(await messages(clinic)) == sorted(sids)


async def test_many_texts_of_one_new_patient_make_one_thread(clinic):
    channel = await clinic.channel()
    answers = await asyncio.gather(*(channel.text("+12025550177", f"Line {i}") for i in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    page = (await clinic.owner.get(clinic.at("threads?view=all"))).json()
    assert len(page["items"]) == 1
    assert page["items"][0]["unread"] == 20
    rows = clinic.product.sql("select seq from event where clinic_id = %s order by seq", clinic.id)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))


async def test_a_forged_delivery_leaves_nothing(clinic):
    channel = await clinic.channel()
    answer = await channel.deliver(
        {"MessageSid": "SM1", "From": "+12025550123", "To": channel.address, "Body": "x"}, token="somebody else's"
    )
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert await messages(clinic) == []


@pytest.mark.parametrize(
    "body", ["", "a\x00b", "😀" * 1600, "\u202eevil\u202c", "' or 1=1 --", "<script>alert(1)</script>"]
)
async def test_whatever_a_patient_writes_is_kept(clinic, body):
    channel = await clinic.channel()
    answer = await channel.text("+12025550123", body)
    assert answer.status_code == 200, answer.text
    page = (await clinic.owner.get(clinic.at("threads"))).json()
    stored = (await clinic.owner.get(clinic.at(f"threads/{page['items'][0]['id']}/messages"))).json()["items"]
    assert stored[0]["body"] == body.replace("\x00", "")


async def test_too_large_a_delivery_is_refused(clinic):
    channel = await clinic.channel()
    answer = await clinic.outside.post(
        channel.webhook_url.removeprefix(clinic.product.url), content=b"Body=" + b"x" * (3 * 1024 * 1024)
    )
    assert answer.status_code == 413
    assert await messages(clinic) == []


async def test_an_unknown_channel_is_404(clinic):
    answer = await clinic.outside.post(f"/webhooks/twilio/{uuid4()}", content=b"Body=x")
    assert answer.status_code == 404


async def test_a_red_flag_is_marked_in_the_messages_own_commit(clinic):
    channel = await clinic.channel()
    socket = await clinic.socket()
    await channel.text("+12025550123", "My face is swollen and I can't breathe well")
    event = await socket.next_event("message.created")
    thread = event["data"]["thread"]
    assert (thread["urgent"], thread["escalated"]) == (True, True)
    assert thread["alert"]
