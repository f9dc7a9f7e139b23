"""What became of mails, over HTTP: reports move messages, what came back marks the address, nothing is forged."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.channels.adapters.sendgrid_events import SendgridEvents
from app.channels.errors import Forged
from app.kit import clock
from tests.channels.test_mail_api_send import adapter
from tests.support.mail import SECRET, basic, deliver, written
from tests.support.mail_api_server import KEY, TOKEN, MailApiServer
from tests.support.product import Product

FIXTURES = Path(__file__).parents[1] / "channels" / "fixtures"
CASES = json.loads((FIXTURES / "sendgrid" / "events.json").read_text())
PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.fixture(scope="module")
def provider():
    running = MailApiServer()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def own_product(databases, provider):
    running = Product(databases.make(), SENDGRID_API_URL=provider.url, POSTMARK_API_URL=provider.url)
    running.start()
    yield running
    running.stop()
    running.database.drop()


class Mailbox:
    """A live mailbox whose provider is the stand-in, and a conversation by mail."""

    def __init__(self, clinic: Any, channel: Any, thread: dict[str, Any], provider: MailApiServer) -> None:
        self.clinic, self.channel, self.thread, self._provider = clinic, channel, thread, provider

    async def reply(self, body: str = "See you Friday.", **more: Any) -> httpx.Response:
        draft = {"channel": "email", "body": body, "client_id": str(uuid4()), **more}
        return await self.clinic.owner.post(self.clinic.at(f"threads/{self.thread['id']}/messages"), json=draft)

    async def sent(self, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Send a reply; return it, and what the provider was given."""
        body = f"Words {uuid4().hex}"
        made = await self.reply(body, **more)
        assert made.status_code == 201, made.text
        message = await self.wait(made.json()["id"], "sent")
        return message, next(one for one in self._provider.accepted if body in json.dumps(one))

    async def message(self, message_id: str) -> dict[str, Any]:
        answer = await self.clinic.owner.get(self.clinic.at(f"threads/{self.thread['id']}/messages"))
        return next(one for one in answer.json()["items"] if one["id"] == message_id)

    async def wait(self, message_id: str, status: str) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while (found := await self.message(message_id))["status"] != status:
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.05)
        return found

    async def person(self) -> dict[str, Any]:
        answer = await self.clinic.owner.get(self.clinic.at(f"contacts/{self.thread['contact']['id']}"))
        return answer.json()

    async def call(self, body: bytes, **headers: str) -> httpx.Response:
        path = self.channel.webhook_url.removeprefix(self.clinic.product.url) + "/events"
        return await self.clinic.outside.post(path, content=body, headers=headers)

    async def signed(self, events: list[dict[str, Any]], *, key: Any = PRIVATE, age: float = 0) -> httpx.Response:
        body = json.dumps(events).encode() + b"\r\n"
        return await self.call(body, **signature(body, key, age))


def signature(body: bytes, key: Any = PRIVATE, age: float = 0) -> dict[str, str]:
    at = str(int(time.time() - age))
    made = key.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(made).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": at,
    }


@pytest.fixture
def open_mailbox(new_clinic, own_product, provider):
    async def make(name: str = "sendgrid") -> Mailbox:
        clinic = await new_clinic(own_product)
        assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})).status_code == 200
        told = {"api_key": KEY, "event_public_key": PUBLIC} if name == "sendgrid" else {"server_token": TOKEN}
        channel = await clinic.channel(
            f"desk-{uuid4().hex[:8]}@clinic.example",
            kind="email",
            provider=name,
            mode="live",
            credentials={**told, "inbound_secret": SECRET},
        )
        patient = f"ann-{uuid4().hex[:8]}@example.com"
        mail = written("May I come?", From=f"Ann Example <{patient}>", To=channel.address, Subject="Re: AW: Friday")
        if name == "sendgrid":
            stored = await deliver(channel, mail)
        else:
            told = {"MessageID": uuid4().hex, "RawEmail": mail.as_string(), "OriginalRecipient": channel.address}
            path = channel.webhook_url.removeprefix(clinic.product.url)
            stored = await clinic.outside.post(path, json=told, headers=basic())
        assert stored.status_code == 200, stored.text
        threads = await clinic.owner.get(clinic.at("threads"), params={"view": "all"})
        (thread,) = threads.json()["items"]
        opened = Mailbox(clinic, channel, thread, provider)
        opened.patient, opened.mail_id = patient, mail["Message-ID"]
        return opened

    return make


# -- the published cases


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_published_call(case, monkeypatch):
    """With the published key, bytes and time."""
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.fromtimestamp(case["now"], dt.UTC))
    request = case["request"]
    body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    headers = [(name.lower().encode(), value.encode()) for name, value in request["headers"].items()]
    reader = adapter("sendgrid", "http://127.0.0.1:1")._events
    reader._key = case["config"]["public_key"]
    assert isinstance(reader, SendgridEvents)
    if not case["expect"]["valid"]:
        with pytest.raises(Forged):
            reader.read(headers, body)
        return
    items = reader.read(headers, body).items
    got = [getattr(one, "status", None) or (one.address, one.reason, one.complaint) for one in items]
    hard = ("ann@example.com", "550 5.1.1 The email account that you tried to reach does not exist", False)
    wanted: list[Any] = []
    for event in case["expect"]["events"]:
        if event["kind"] == "consent":
            wanted.append((event["from"], {"spamreport": "spam"}.get(event["reason"], "unsubscribed"), True))
            continue
        ours = {"bounced": "failed", "blocked": "failed", "deferred": "sent"}.get(event["status"], event["status"])
        wanted += [ours, hard] if event["status"] == "bounced" else [ours]
    assert got == wanted
    codes = [one.error_code for one in items if getattr(one, "status", "") == "failed"]
    assert codes == (["5.1.1", "5.7.1", "bounced"] if case["name"] == "batch" else [])
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.fromtimestamp(case["now"] + 601, dt.UTC))
    with pytest.raises(Forged):
        reader.read(headers, body)


async def test_every_published_event_over_http(open_mailbox):
    box = await open_mailbox()
    batch = next(case for case in CASES if case["name"] == "batch")
    events = json.loads(base64.b64decode(batch["request"]["body_base64"]))
    wanted = {"processed": "sent", "deferred": "sent", "dropped": "failed", "bounce": "failed"}
    told = []
    for event in events:
        if event["event"] in {"spamreport", "unsubscribe"}:
            continue
        message, given = await box.sent()
        marks = given["personalizations"][0]["custom_args"]
        told.append((message["id"], event | marks | {"email": box.patient}))
        told[-1][1]["sg_message_id"] = f"{message['provider_id']}.recvd-abc-1-0"
    assert (await box.signed([event for _, event in told])).status_code == 200
    assert (await box.signed([event for _, event in told])).status_code == 200  # a repeat changes nothing
    for message_id, event in told:
        shown = await box.message(message_id)
        assert shown["status"] == wanted[event["event"]], event
        assert bool(shown["failure"]) == (shown["status"] == "failed")
    (point,) = (await box.person())["points"]
    assert not point["reachable"]
    assert "does not exist" in point["failure"]
    refused = await box.reply()
    assert (refused.status_code, refused.json()["code"]) == (409, "address_bounced")
    path = box.clinic.at(f"contacts/{box.thread['contact']['id']}/points/{point['id']}")
    fixed = await box.clinic.owner.patch(path, json={"reachable": True})
    assert fixed.status_code == 200, fixed.text
    message, _ = await box.sent()
    forward = [{"event": word, "email": box.patient, "sg_message_id": message["provider_id"]} for word in ("open",)]
    assert (await box.signed(forward)).status_code == 200
    assert (await box.message(message["id"]))["status"] == "read"
    back = [{"event": "delivered", "email": box.patient, "sg_message_id": message["provider_id"]}]
    assert (await box.signed(back)).status_code == 200
    assert (await box.message(message["id"]))["status"] == "read"


@pytest.mark.parametrize("word", ["spamreport", "unsubscribe"])
async def test_who_is_annoyed_gets_no_more_mail(open_mailbox, word):
    box = await open_mailbox()
    assert (await box.signed([{"event": word, "email": box.patient, "sg_message_id": "x"}])).status_code == 200
    (consent,) = (await box.person())["consents"]
    assert (consent["channel"], consent["granted"], consent["source"]) == ("email", False, "complaint")
    refused = await box.reply()
    assert (refused.status_code, refused.json()["code"]) == (409, "opted_out")


async def test_forged_calls_change_nothing(open_mailbox):
    box = await open_mailbox()
    event = [{"event": "spamreport", "email": box.patient, "sg_message_id": "x"}]
    body = json.dumps(event).encode()
    good = signature(body)
    other = signature(body, ec.generate_private_key(ec.SECP256R1()))
    later = {**good, "X-Twilio-Email-Event-Webhook-Timestamp": str(int(time.time()) + 1)}
    for headers in ({}, other, later, signature(body, age=700), signature(body + b" "), basic()):
        assert (await box.call(body, **headers)).status_code == 403
    assert (await box.person())["consents"] == []
    for broken in (b"{", b"{}", b"7", b'"x"', b"[" * 50_000):
        assert (await box.call(broken, **signature(broken))).status_code == 400
    for odd in (b"[1, null, []]", b'[{"event": 3}]', b'[{"event": "bounce", "email": {}, "sg_message_id": 9}]'):
        assert (await box.call(odd, **signature(odd))).status_code == 200


async def test_postmark_tells_too(open_mailbox):
    box = await open_mailbox("postmark")
    message, given = await box.sent()
    assert given["Subject"] == "Re: Friday"
    told = {"MessageID": message["provider_id"], "Recipient": box.patient, "Metadata": given["Metadata"]}
    event = json.dumps({"RecordType": "Delivery", **told}).encode()
    assert (await box.call(event)).status_code == 403
    assert (await box.call(event, **basic("wrong"))).status_code == 403
    assert (await box.call(event, **basic())).status_code == 200
    assert (await box.message(message["id"]))["status"] == "delivered"
    message, given = await box.sent()
    bounce = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "Email": box.patient,
        "MessageID": message["provider_id"],
        "Details": "smtp;550 5.1.1 no such user",
    }
    assert (await box.call(json.dumps(bounce).encode(), **basic())).status_code == 200
    assert (await box.message(message["id"]))["failure"]["code"] == "5.1.1"
    (point,) = (await box.person())["points"]
    assert not point["reachable"]
    complaint = {"RecordType": "SpamComplaint", "Email": box.patient, "MessageID": "x"}
    assert (await box.call(json.dumps(complaint).encode(), **basic())).status_code == 200
    assert not (await box.person())["consents"][0]["granted"]


# -- what a mail of ours says, and reports that come as mails


async def test_an_answer_names_what_it_answers_and_a_first_mail_its_subject(open_mailbox):
    box = await open_mailbox()
    _, given = await box.sent()
    assert given["subject"] == "Re: Friday"
    assert given["headers"]["In-Reply-To"] == given["headers"]["References"] == box.mail_id
    assert given["reply_to"]["email"].startswith(box.channel.address.partition("@")[0] + "+")
    assert "Auto-Submitted" not in given["headers"]
    _, given = await box.sent(subject="Your plan")
    assert given["subject"] == "Your plan"
    broken = await box.reply(subject="Hello\r\nBcc: eve@evil.example")
    assert broken.status_code == 422
    assert (await box.reply(subject="x" * 251)).status_code == 422
    answer = written(
        "Fine", From=box.patient, To=given["reply_to"]["email"], In_Reply_To=given["headers"]["Message-ID"]
    )
    assert (await deliver(box.channel, answer, to=given["reply_to"]["email"])).status_code == 200
    shown = await box.clinic.owner.get(box.clinic.at(f"threads/{box.thread['id']}/messages"))
    assert "Fine" in [one["body"] for one in shown.json()["items"]]


def _report(box: Mailbox, mail_id: str, address: str, status: str = "5.1.1") -> bytes:
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net\r\nTo: {box.channel.address}\r\n"
        f"Message-ID: <{uuid4().hex}@mx.example.net>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\r\n\r\n'
        "--b1\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} not taken\r\n\r\n"
        f"--b1\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {mail_id}\r\n\r\nHello\r\n--b1--\r\n"
    ).encode()


async def test_a_report_counts_only_for_a_mail_of_ours_to_that_address(open_mailbox):
    box, other = await open_mailbox(), await open_mailbox()
    message, given = await box.sent()
    mail_id = given["headers"]["Message-ID"]
    for forged in (
        _report(box, "<unknown@clinic.example>", box.patient),
        _report(box, mail_id, "somebody.else@example.com"),
    ):
        assert (await deliver(box.channel, forged, sender="")).status_code == 200
    assert (await deliver(other.channel, _report(other, mail_id, box.patient), sender="")).status_code == 200
    assert (await box.message(message["id"]))["status"] == "sent"
    assert (await box.person())["points"][0]["reachable"]
    assert (await deliver(box.channel, _report(box, mail_id, box.patient, "4.2.2"), sender="")).status_code == 200
    failed = await box.message(message["id"])
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "4.2.2")
    assert (await box.person())["points"][0]["reachable"]
    assert (await deliver(box.channel, _report(box, mail_id, box.patient), sender="")).status_code == 200
    assert not (await box.person())["points"][0]["reachable"]
