"""A reply with several files by WhatsApp: as many messages there, each sent once, and one state for people."""

from __future__ import annotations

import asyncio
import json
import time
from uuid import uuid4

import pytest

from tests.channels.whatsapp_cases import value
from tests.inbox.files.support import upload
from tests.inbox.whatsapp.support import connect
from tests.support.pictures import photo
from tests.support.product import Product
from tests.support.whatsapp_server import WhatsAppServer


@pytest.fixture(scope="module")
def meta():
    server = WhatsAppServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def live_product(databases, meta):
    running = Product(databases.make(), WHATSAPP_API_URL=meta.url, JOB_BASE_BACKOFF="0.05", SEND_TIMEOUT="3")
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def talk(new_clinic, live_product, meta):
    """A clinic with a number at Meta, and a patient who has just written to it."""
    clinic = await new_clinic(live_product)
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    talk = await connect(clinic, mode="live")
    await talk.write("Can you send me my pictures?", timestamp=str(int(time.time())))
    (talk.thread,) = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"]
    meta.accepted.clear()
    yield talk
    assert meta.problems == []


async def reply(talk, *names, body="Here they are"):
    files = [(await upload(talk.clinic, photo(), name)).json() for name in names]
    told = {"body": body, "channel": "whatsapp", "attachments": [{"id": one["id"]} for one in files]}
    sent = await talk.clinic.owner.post(talk.clinic.at(f"threads/{talk.thread['id']}/messages"), json=told)
    assert sent.status_code == 201, sent.text
    return sent.json()


async def ended(talk, message, status):
    for _ in range(400):
        page = await talk.clinic.owner.get(talk.clinic.at(f"threads/{talk.thread['id']}/messages"))
        found = next(one for one in page.json()["items"] if one["id"] == message["id"])
        if found["status"] == status:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def report(talk, sent, status, **more):
    told = {"id": sent["id"], "status": status, "timestamp": str(int(time.time())), "recipient_id": "1", **more}
    assert (await talk.bring(value(talk.number, statuses=[told]))).status_code == 200


async def test_three_files_leave_in_order_and_the_worst_of_them_is_what_people_see(talk, meta):
    message = await reply(talk, "one.jpg", "two.jpg", "three.jpg")
    await ended(talk, message, "sent")
    assert [(one["type"], one["image"].get("caption")) for one in meta.accepted] == [
        ("image", "Here they are"),
        ("image", None),
        ("image", None),
    ]
    assert len({one["image"]["link"] for one in meta.accepted}) == 3
    first, second, third = meta.accepted
    await report(talk, first, "read")
    await report(talk, second, "delivered")
    assert (await ended(talk, message, "sent"))["delivered_at"] is None, "one of them has not arrived"
    await report(talk, third, "delivered")
    await ended(talk, message, "delivered")
    await report(talk, second, "read")
    await report(talk, third, "read")
    await ended(talk, message, "read")


async def test_a_part_that_was_refused_is_tried_again_without_those_before_it(talk, meta):
    meta.moods += ["ok", "131016", "131016"]
    message = await reply(talk, "one.jpg", "two.jpg")
    done = await ended(talk, message, "sent")
    first, second = meta.accepted
    assert done["provider_id"] == first["id"]
    assert [one["image"].get("caption") for one in (first, second)] == ["Here they are", None]
    [(attempts,)] = talk.clinic.product.sql("select attempt from message where id = %s", message["id"])
    assert attempts == 3
    await report(talk, first, "delivered")
    await report(talk, second, "delivered")
    await ended(talk, message, "delivered")


async def test_a_part_that_did_not_arrive_fails_the_message_and_only_it_is_sent_again(talk, meta):
    message = await reply(talk, "one.jpg", "two.jpg")
    await ended(talk, message, "sent")
    first, second = meta.accepted
    await report(talk, first, "delivered")
    await report(talk, second, "failed", errors=[{"code": 131053, "title": "Media upload error"}])
    failed = await ended(talk, message, "failed")
    assert "does not take this file" in failed["failure"]["text"]
    retried = await talk.clinic.owner.post(talk.clinic.at(f"messages/{message['id']}/retry"))
    assert retried.status_code in {200, 201}, retried.text
    await ended(talk, message, "sent")
    assert "caption" not in meta.accepted[2]["image"], "it is the second one"
    assert len(meta.accepted) == 3
    await report(talk, meta.accepted[2], "delivered")
    await ended(talk, message, "delivered")


async def test_what_nobody_answered_is_asked_of_a_person_and_the_rest_follows_once(talk, meta):
    meta.moods += ["ok", "reset"]
    message = await reply(talk, "one.jpg", "two.jpg", "three.jpg", body="")
    await ended(talk, message, "unknown")
    assert len(meta.accepted) == 2
    talk.clinic.product.sql("update message set unknown_since = now() - interval '1 hour' where id = %s", message["id"])
    talk.clinic.product.sql("update job set run_at = now() where type = 'message_reconcile' and status = 'pending'")
    await ended(talk, message, "needs_review")
    again = await talk.clinic.owner.post(talk.clinic.at(f"messages/{message['id']}/retry"))
    assert again.status_code in {200, 201}, again.text
    await ended(talk, message, "sent")
    links = [one["image"]["link"] for one in meta.accepted]
    assert len(links) == 4
    assert links.count(links[0]) == 1, "the first had left for certain"


async def test_a_report_of_an_unknown_part_waits_for_it(talk, meta):
    """Meta may tell what became of a part before the answer to its send is written down."""
    talk.clinic.product.sql(
        "insert into delivery_report (id, clinic_id, channel_id, provider_id, status, received_at) "
        "values (%s, %s, %s, 'wamid.early', 'read', now())",
        uuid4(), talk.clinic.id, talk.id,
    )  # fmt: skip
    message = await reply(talk, "one.jpg", "two.jpg")
    await ended(talk, message, "sent")
    talk.clinic.product.sql(
        "update message_part set provider_id = 'wamid.other' where message_id = %s and position = 1", message["id"]
    )
    await report(talk, {"id": "wamid.other"}, "delivered")
    await report(talk, meta.accepted[0], "delivered")
    await ended(talk, message, "delivered")


PARTS = [
    {"type": "HEADER", "format": "IMAGE"},
    {"type": "BODY", "text": "Your X-ray, {{1}}."},
    {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Book", "url": "https://book.example.com/{{1}}"}]},
]


async def test_an_approved_message_takes_a_file_of_ours_along(talk, meta):
    clinic = talk.clinic
    clinic.product.sql(
        "insert into message_template (id, clinic_id, channel_id, name, language, status, components, synced_at) "
        "values (%s, %s, %s, 'xray', 'en', 'APPROVED', %s, now())",
        uuid4(), clinic.id, talk.id, json.dumps(PARTS),
    )  # fmt: skip
    picture = (await upload(clinic, photo(), "x-ray.jpg")).json()
    paper = (await upload(clinic, b"%PDF-1.7\n", "plan.pdf")).json()
    template = {"name": "xray", "language": "en", "values": ["Ann", "77"]}
    link = "https://files.example.com/x.jpg"
    path = clinic.at(f"threads/{talk.thread['id']}/messages")
    for wrong, key in (
        ({"template": template}, "attachments"),
        ({"template": template, "attachments": [{"id": paper["id"]}]}, "attachments"),
        ({"template": template, "attachments": [{"id": picture["id"]}] * 2}, "attachments"),
        ({"template": template, "attachments": [{"id": str(uuid4())}]}, "attachments"),
        ({"template": {**template, "link": link}, "attachments": [{"id": picture["id"]}]}, "attachments"),
        ({"template": {**template, "link": "http://plain.example.com/x.jpg"}}, "template.link"),
        ({"template": {**template, "values": ["Ann", "a b"], "link": link}}, "template.values.1"),
    ):
        refused = await clinic.owner.post(path, json={"channel": "whatsapp", **wrong})
        assert (refused.status_code, refused.json()["errors"][0]["key"]) == (422, key), refused.text
    told = {"channel": "whatsapp", "template": template, "attachments": [{"id": picture["id"]}]}
    sent = await clinic.owner.post(path, json=told)
    assert sent.status_code == 201, sent.text
    await ended(talk, sent.json(), "sent")
    (taken,) = meta.accepted
    header, body, button = taken["template"]["components"]
    (shown,) = header["parameters"]
    fetched = await clinic.outside.get(shown["image"]["link"].removeprefix(clinic.product.url))
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/jpeg")
    assert body["parameters"] == [{"type": "text", "text": "Ann"}]
    assert button["parameters"] == [{"type": "text", "text": "77"}]
    by_link = await clinic.owner.post(path, json={"channel": "whatsapp", "template": {**template, "link": link}})
    assert by_link.status_code == 201, by_link.text
    await ended(talk, by_link.json(), "sent")
    assert meta.accepted[1]["template"]["components"][0]["parameters"] == [{"type": "image", "image": {"link": link}}]
