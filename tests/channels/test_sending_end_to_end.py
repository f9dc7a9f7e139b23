"""A reply on its whole way: web, worker, provider, callback, web. The provider's journal is the judge (R6, R7)."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from uuid import uuid4

import pytest

from app.channels.service import Journal, WeatherStation
from app.kit import clock
from app.kit.weather import Weather
from tests.support.twilio_server import SID, TOKEN, RunningTwilio

PATIENT = "+12025550111"


async def reply(clinic, body, *, address=PATIENT, channel=None, **channel_options):
    """Have a patient write and staff answer; returns the message sent and how to look at it again."""
    channel = channel or await clinic.channel(**channel_options)
    assert (await channel.text(address, "Hello?")).status_code == 200
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})).status_code == 200
    threads = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"]
    thread = next(one for one in threads if one["contact"]["phone"] == address)
    sent = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={"body": body, "seen": thread["last_seq"], "client_id": str(uuid4())},
    )
    assert sent.status_code == 201, sent.text
    return sent.json()["id"], thread["id"]


async def until(clinic, thread_id, message_id, *statuses, seconds=30):
    """Wait until the message has one of the states."""
    end = time.monotonic() + seconds
    while True:
        messages = (await clinic.owner.get(clinic.at(f"threads/{thread_id}/messages"))).json()["items"]
        message = next(one for one in messages if one["id"] == message_id)
        if message["status"] in statuses:
            return message
        assert time.monotonic() < end, message
        await asyncio.sleep(0.1)


async def test_a_simulated_reply_walks_all_the_way(clinic):
    message_id, thread_id = await reply(clinic, "A practice answer")
    message = await until(clinic, thread_id, message_id, "delivered")
    assert message["mode"] == "simulated"
    journal = Journal(clinic.product.database.folder / "simulated")
    lines = [line for line in journal.read(clock.now() - dt.timedelta(minutes=10)) if line.get("message") == message_id]
    assert [line["act"] for line in lines] == ["accepted"]
    assert lines[0]["provider_id"] == message["provider_id"]


@pytest.mark.parametrize(("number", "code"), [("+15005550001", "21211"), ("+15005550004", "21610")])
async def test_a_simulated_refusal_says_why(clinic, number, code):
    message_id, thread_id = await reply(clinic, "Nobody gets this", address=number)
    message = await until(clinic, thread_id, message_id, "failed")
    assert message["failure"]["code"] == code
    assert message["failure"]["text"].endswith(".")


async def test_a_simulated_phone_that_is_off_fails_later(clinic):
    message_id, thread_id = await reply(clinic, "Are you there?", address="+15005550003")
    message = await until(clinic, thread_id, message_id, "failed")
    assert message["failure"]["code"] == "30003"


@pytest.fixture(scope="module")
def twilio(tmp_path_factory):
    server = RunningTwilio(tmp_path_factory.mktemp("twilio") / "journal.jsonl")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def live_product(databases, twilio):
    """A product whose Twilio is the stand-in, with times scaled down."""
    from tests.support.product import Product  # noqa: PLC0415 - only here

    running = Product(
        databases.make(),
        TWILIO_API_URL=twilio.url,
        SEND_TIMEOUT="1",
        UNKNOWN_AFTER="2",
        REVIEW_AFTER="9",
        JOB_BASE_BACKOFF="0.2",
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def live_clinic(new_clinic, live_product):
    return await new_clinic(live_product)


async def live_channel(clinic):
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "sms",
            "provider": "twilio",
            "mode": "live",
            "address": "+12025550100",
            "credentials": {"account_sid": SID, "auth_token": TOKEN},
        },
    )
    assert made.status_code == 201, made.text
    assert made.json()["mode"] == "live"
    from tests.support.clinic import Channel  # noqa: PLC0415 - the view is ours here

    class Live(Channel):
        async def text(self, sender, body, *, sid=None):
            form = {
                "MessageSid": sid or f"SM{uuid4().hex}",
                "AccountSid": SID,
                "From": sender,
                "To": self.address,
                "Body": body,
            }
            return await self.deliver(form, token=TOKEN)

    return Live(clinic, made.json())


@pytest.mark.parametrize(
    ("mood", "status"),
    [
        ("ok", "delivered"),
        ("double", "delivered"),
        ("late", "delivered"),
        ("fast", "delivered"),
        ("hang", "delivered"),
        ("reset", "delivered"),
        ("500", "delivered"),
        ("429", "delivered"),
        ("503", "delivered"),
        ("undelivered", "failed"),
        ("21610", "failed"),
        ("20003", "failed"),
        ("silent", "sent"),
    ],
)
async def test_whatever_the_provider_does_it_is_sent_once_and_not_lost(live_clinic, twilio, mood, status):
    """Refusals that pass are tried again, answers that never came are found by their callback; never a second send."""
    channel, body = await live_channel(live_clinic), f"{mood} {uuid4().hex}"
    twilio.set_mood("ok")
    twilio.set_mood(mood, 1)
    message_id, thread_id = await reply(live_clinic, body, channel=channel)
    message = await until(live_clinic, thread_id, message_id, status)
    accepted = [line for line in twilio.accepted() if line["body"] == body]
    assert len(accepted) == (0 if mood in {"21610", "20003"} else 1)
    if accepted:
        assert message["provider_id"] == accepted[0]["sid"]
    else:
        assert message["failure"]["code"] == mood
    await asyncio.sleep(0.3)
    assert len([line for line in twilio.accepted() if line["body"] == body]) == len(accepted)
    assert not twilio.lines("bad_request")


async def test_an_answer_that_never_came_and_no_callback_is_found_in_the_provider_s_list(live_clinic, twilio):
    """Accepted, then silence: no answer and no callback. Only the list of sent messages is left to ask."""
    channel, body = await live_channel(live_clinic), f"evidence {uuid4().hex}"
    twilio.set_mood("lost", 1)
    message_id, thread_id = await reply(live_clinic, body, channel=channel)
    message = await until(live_clinic, thread_id, message_id, "sent", seconds=40)
    accepted = [line for line in twilio.accepted() if line["body"] == body]
    assert [line["sid"] for line in accepted] == [message["provider_id"]]


async def test_an_unknown_send_that_nobody_looks_for_any_more_is_looked_for(live_clinic, twilio):
    """R7: the jobs that were to look got lost, hours ago. The sweep looks, and finds what the provider has."""
    channel, body = await live_channel(live_clinic), f"forgotten {uuid4().hex}"
    twilio.set_mood("silent", 1)
    message_id, thread_id = await reply(live_clinic, body, channel=channel)
    await until(live_clinic, thread_id, message_id, "sent")
    live_clinic.product.sql(
        "update message set status = 'unknown', unknown_since = now() - interval '2 hours', provider_id = null, "
        "sent_at = null where body = %s",
        body,
    )
    message = await until(live_clinic, thread_id, message_id, "sent", seconds=40)
    assert [line["sid"] for line in twilio.accepted() if line["body"] == body] == [message["provider_id"]]


async def test_wrong_credentials_show_on_the_channel(live_clinic, twilio):
    channel = await live_channel(live_clinic)
    twilio.set_mood("20003", 1)
    message_id, thread_id = await reply(live_clinic, f"refused {uuid4().hex}", channel=channel)
    await until(live_clinic, thread_id, message_id, "failed")
    for _ in range(50):
        view = (await live_clinic.owner.get(live_clinic.at(f"channels/{channel.id}"))).json()
        if view["state"] == "attention":
            break
        await asyncio.sleep(0.1)
    assert view["state"] == "attention"
    assert "sign-in details" in view["last_error"]


async def write_to(clinic, kind, person, body, whatsapp):
    """Write to somebody on a channel of this kind, on WhatsApp as an answer; returns the message and its thread."""
    address = {"email": f"patient{person}@mail.example"} if kind == "email" else {"phone": f"+1202555{person:04d}"}
    contact = await clinic.owner.post(clinic.at("contacts"), json={"name": f"Patient {person}", **address})
    if kind == "whatsapp":
        arrived = await whatsapp.text(f"whatsapp:{address['phone']}", "Hello?", to=f"whatsapp:{whatsapp.address}")
        assert arrived.status_code == 200
    thread = (await clinic.owner.post(clinic.at("threads"), json={"contact_id": contact.json()["id"]})).json()
    sent = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={"channel": kind, "body": body, "seen": thread["last_seq"], "client_id": str(uuid4())},
    )
    assert sent.status_code == 201, sent.text
    return sent.json()["id"], thread["id"]


async def test_at_dial_ten_every_reply_is_taken_once_and_none_is_lost(live_clinic):
    """Row N10 for what goes out: refused, hanging, dropped, doubled, late and lost, and still one of each."""
    folder = live_clinic.product.database.folder / "simulated"
    assert (await live_clinic.owner.patch(live_clinic.at("clinic"), json={"undo_seconds": 0})).status_code == 200
    await live_clinic.channel()
    whatsapp = await live_clinic.channel(kind="whatsapp")
    await live_clinic.channel(kind="email", provider="smtp", address="hello@clinic.test", credentials={})
    WeatherStation(folder).set(Weather(10, seed=11))
    try:
        bodies = {f"storm {i} {uuid4().hex}": ("sms", "email", "whatsapp")[i % 3] for i in range(15)}
        sent = [
            await write_to(live_clinic, kind, 150 + i, body, whatsapp) for i, (body, kind) in enumerate(bodies.items())
        ]
        for message_id, thread_id in sent:
            await until(live_clinic, thread_id, message_id, "sent", "delivered", seconds=60)
    finally:
        WeatherStation(folder).clear()
    lines = Journal(folder).read(clock.now() - dt.timedelta(minutes=10))
    accepted = [line["body"] for line in lines if line["act"] == "accepted" and line["body"].startswith("storm")]
    assert sorted(accepted) == sorted(bodies)
