"""Replies by WhatsApp: out, and what the provider says of them afterwards."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from app.channels.adapters.gallabox_wire import signature as gallabox_signature
from tests.channels.whatsapp_cases import (
    ADDRESS,
    PATIENT,
    value,
)
from tests.inbox.whatsapp.support import Number, connect
from tests.journeys.support import until
from tests.support.whatsapp_server import API_KEY, API_SECRET


async def reply(clinic: Any, body: str) -> str:
    [thread] = (await clinic.owner.get(clinic.at("threads"))).json()["items"]
    sent = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={"channel": "whatsapp", "body": body, "seen": thread["last_seq"], "client_id": str(uuid4())},
    )
    assert sent.status_code == 201, sent.text
    return sent.json()["id"]


async def wait(clinic: Any, message_id: str, *states: str, seconds: float = 30) -> tuple[Any, ...]:
    until = time.monotonic() + seconds
    while True:
        [row] = clinic.product.sql(
            "select status, provider_id, failure_code, failure_text from message where id = %s", message_id
        )
        if row[0] in states or time.monotonic() > until:
            assert row[0] in states, row
            return row
        await asyncio.sleep(0.05)


async def live(clinic: Any) -> Number:
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})).status_code == 200
    number = await connect(clinic, mode="live")
    await number.write("Do you have a slot?", timestamp=str(int(time.time())))
    return number


async def report(number: Number, wamid: str, status: str, code: int | None = None) -> None:
    told: dict[str, Any] = {
        "id": wamid,
        "status": status,
        "timestamp": str(int(time.time())),
        "recipient_id": PATIENT[1:],
    }
    if code:
        told["errors"] = [{"code": code, "title": "x"}]
    assert (await number.bring(value(number.number, statuses=[told]))).status_code == 200


async def test_a_reply_goes_out_and_its_states_come_back_only_forward(clinic, provider):
    number = await live(clinic)
    sent = await reply(clinic, "Friday at 3")
    _, wamid, _, _ = await wait(clinic, sent, "sent")
    assert provider.accepted[-1]["text"]["body"] == "Friday at 3"
    for status, then in (("delivered", "delivered"), ("sent", "delivered"), ("read", "read"), ("delivered", "read")):
        await report(number, wamid, status)
        assert (await wait(clinic, sent, then))[0] == then
    await report(number, wamid, "failed", 131026)
    told = "select count(*) from event where clinic_id = %s and type = 'message.status_changed'"
    before = clinic.product.sql(told, clinic.id)
    await report(number, wamid, "read")
    assert (await wait(clinic, sent, "read"))[0] == "read"
    assert clinic.product.sql(told, clinic.id) == before
    assert provider.problems == []


async def test_the_closed_window_is_told_in_the_answer_or_later(clinic, provider):
    number = await live(clinic)
    provider.moods = ["131047"]
    status, _, code, text = await wait(clinic, await reply(clinic, "now"), "failed")
    assert (status, code) == ("failed", "131047")
    assert "24 hours" in text
    sent = await reply(clinic, "later")
    _, wamid, _, _ = await wait(clinic, sent, "sent")
    await report(number, wamid, "failed", 131047)
    assert (await wait(clinic, sent, "failed"))[2:] == (code, text)


async def test_a_send_without_an_answer_is_never_repeated_and_asks_a_person(clinic, provider):
    await live(clinic)
    before = len(provider.accepted)
    provider.moods = ["reset"]
    sent = await reply(clinic, "hello?")
    await wait(clinic, sent, "needs_review")
    assert len(provider.accepted) == before + 1


async def test_too_fast_is_tried_again(clinic, provider):
    await live(clinic)
    provider.moods = ["130429"]
    before = len(provider.accepted)
    await wait(clinic, await reply(clinic, "patience"), "sent")
    assert len(provider.accepted) == before + 1


async def test_an_expired_token_is_the_channel_s_matter(clinic, provider):
    number = await live(clinic)
    provider.moods = ["190"]
    await wait(clinic, await reply(clinic, "x"), "failed")

    # The message is settled first.
    asked = "select last_error from channel where id = %s and state = 'attention'"
    assert "connect it again" in (await until(lambda: clinic.product.sql(asked, number.id)))[0][0]


async def test_through_gallabox(clinic, provider):
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})).status_code == 200
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "whatsapp",
            "provider": "gallabox",
            "mode": "live",
            "address": ADDRESS,
            "credentials": {"api_key": API_KEY, "api_secret": API_SECRET, "channel_id": "c01"},
        },
    )
    assert made.status_code == 201, made.text
    path = urlsplit(made.json()["webhook_url"]).path

    async def bring(event: str, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        headers = {"x-event-name": event, "x-gallabox-signature": gallabox_signature(API_SECRET, body)}
        assert (await clinic.outside.post(path, content=body, headers=headers)).status_code == 200

    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    text = {"id": "wamid.g", "from": PATIENT[1:], "time": now, "type": "text", "text": {"body": "Hi"}}
    await bring("Message.Received", {"id": "1", "channelId": "c01", "whatsapp": text, "contact": {"name": "Ann"}})
    sent = await reply(clinic, "Hello from us")
    _, found, _, _ = await wait(clinic, sent, "sent")
    assert provider.accepted[-1]["whatsapp"] == {"type": "text", "text": {"body": "Hello from us"}}
    assert provider.accepted[-1]["recipient"] == {"name": "Ann", "phone": PATIENT[1:]}
    await bring("Message.WA.Status.Received", {"id": found, "status": "read", "timestamp": "1789999997"})
    assert (await wait(clinic, sent, "read"))[0] == "read"
    assert provider.problems == []
