"""Sending mail through SendGrid and Postmark: three outcomes and never a fourth; the stand-in says what was taken."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest

from app.channels.adapters.base import Accepted, Connection, Details, Outbound, OutboundFile, Refused, Unknown
from app.channels.adapters.calling import close_connections
from app.channels.adapters.postmark import PostmarkAdapter
from app.channels.adapters.sendgrid import SendgridAdapter
from app.channels.adapters.sendgrid_events import attempt_of
from app.kit import clock
from app.kit.ids import new_id
from tests.support.mail_api_server import KEY, TOKEN, MailApiServer
from tests.support.openapi_check import Document

SECRET = "s" * 32
PROVIDERS = ("sendgrid", "postmark")


@pytest.fixture(scope="module")
def server():
    running = MailApiServer()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
async def _closed(server):
    server.moods.clear()
    yield
    await close_connections()
    assert server.problems == []


def adapter(provider: str, url: str, *, timeout: float = 5, key: str = "") -> SendgridAdapter | PostmarkAdapter:
    told = {"api_key": key or KEY, "server_token": key or TOKEN, "inbound_secret": "x", "event_public_key": ""}
    connection = Connection(
        channel_id=new_id(),
        clinic_id=new_id(),
        kind="email",
        provider=provider,
        address="hello@clinic.example",
        webhook_url="",
        credentials=told,
        secret=SECRET,
        timeout=timeout,
    )
    return (SendgridAdapter if provider == "sendgrid" else PostmarkAdapter)(connection, url)


def outbound(**more: Any) -> Outbound:
    told: dict[str, Any] = {
        "to": "ann@example.com",
        "from_": "hello@clinic.example",
        "body": "See you Friday.",
        "token": "t0123456789abcdef0123456789abcdef",
        "message_id": new_id(),
        "expires_at": clock.now() + dt.timedelta(seconds=20),
        "name": "Ann Example",
        "from_name": "Example Dental, Inc.",
        "reply_to": "hello+token@clinic.example",
        "details": Details(
            subject="Re: Your appointment",
            reply_to="<in-1@mail.example.com>",
            references=["<in-0@mail.example.com>", "<in-1@mail.example.com>"],
        ),
    }
    return Outbound(**{**told, **more})


async def _read() -> bytes:
    return b"\x00\xff bytes"


def test_the_published_request_passes_the_document():
    """The judge of our own requests lets the provider's sample through, and not one that lacks its content."""
    told = {"personalizations": [{"to": [{"email": "a@b.example"}]}], "from": {"email": "c@d.example"}, "subject": "x"}
    document = Document("sendgrid_v3")
    body = {**told, "content": [{"type": "text/plain", "value": "x"}]}
    url = "/v3/mail/send"
    assert document.request_problems("POST", url, "application/json", json.dumps(body).encode()) == []
    assert document.request_problems("POST", url, "application/json", json.dumps({**body, "foo": 1}).encode())
    assert document.request_problems("POST", url, "application/json", b'{"subject": "x"}')


async def test_sendgrid_gets_the_whole_mail(server):
    file = OutboundFile(name="plan.pdf", type="application/pdf", size=8, url="", read=_read)
    one = outbound(files=[file])
    result = await adapter("sendgrid", server.url).send(one)
    assert isinstance(result, Accepted)
    assert len(result.provider_id) == 22
    told = server.accepted[-1]
    [person] = told["personalizations"]
    assert person["to"] == [{"email": "ann@example.com", "name": "Ann Example"}]
    assert person["custom_args"]["orasync_message_id"] == str(one.message_id)
    assert attempt_of(SECRET, person["custom_args"]["orasync_attempt"]) == one.token
    assert attempt_of("another", person["custom_args"]["orasync_attempt"]) is None
    assert told["from"] == {"email": "hello@clinic.example", "name": "Example Dental, Inc."}
    assert told["reply_to"] == {"email": "hello+token@clinic.example"}
    assert told["headers"] == {
        "Message-ID": f"<{one.message_id.hex}@clinic.example>",
        "In-Reply-To": "<in-1@mail.example.com>",
        "References": "<in-0@mail.example.com> <in-1@mail.example.com>",
    }
    assert [part["type"] for part in told["content"]] == ["text/plain", "text/html"]
    assert base64.b64decode(told["attachments"][0]["content"]) == await _read()


async def test_postmark_gets_the_whole_mail(server):
    file = OutboundFile(name="plan.pdf", type="application/pdf", size=8, url="", read=_read)
    one = outbound(files=[file])
    result = await adapter("postmark", server.url).send(one)
    assert isinstance(result, Accepted)
    told = server.accepted[-1]
    assert (told["From"], told["To"]) == (
        '"Example Dental, Inc." <hello@clinic.example>',
        "Ann Example <ann@example.com>",
    )
    headers = {one["Name"]: one["Value"] for one in told["Headers"]}
    assert headers["Message-ID"] == f"<{one.message_id.hex}@clinic.example>"
    assert headers["X-PM-KeepID"] == "true"
    assert headers["In-Reply-To"] == "<in-1@mail.example.com>"
    assert attempt_of(SECRET, told["Metadata"]["orasync_attempt"]) == one.token
    assert told["ReplyTo"] == "hello+token@clinic.example"
    assert base64.b64decode(told["Attachments"][0]["Content"]) == await _read()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_what_was_certainly_not_taken(server, provider):
    before = len(server.accepted)
    for mood, final, blames in (("429", False, False), ("403", True, True), ("401", True, True)):
        server.moods.append(mood)
        result = await adapter(provider, server.url).send(outbound())
        assert isinstance(result, Refused), mood
        assert (result.final, result.blames_channel) == (final, blames), mood
        if provider == "sendgrid" and mood == "429":
            assert result.retry_after is not None
            assert 1 <= result.retry_after <= 30
    wrong = await adapter(provider, server.url, key="wrong").send(outbound())
    assert isinstance(wrong, Refused)
    assert wrong.blames_channel
    away = await adapter(provider, "http://127.0.0.1:1").send(outbound())
    assert isinstance(away, Refused)
    assert not away.final
    late = await adapter(provider, server.url).send(outbound(expires_at=clock.now() + dt.timedelta(seconds=-1)))
    assert isinstance(late, Refused)
    assert len(server.accepted) == before


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_refusal_says_why(server, provider):
    if provider == "sendgrid":
        server.moods += ["400", "413"]
        wanted = ["may only be provided once", "too large"]
    else:
        server.moods += ["300", "406"]
        wanted = ["not an address", "came back"]
    for words in wanted:
        result = await adapter(provider, server.url).send(outbound())
        assert isinstance(result, Refused)
        assert result.final
        assert words in result.text


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("mood", ["hang", "reset", "500", "503", "anonymous"])
async def test_what_may_have_been_taken_is_unknown(server, provider, mood):
    server.moods.append(mood)
    assert isinstance(await adapter(provider, server.url, timeout=0.5).send(outbound()), Unknown)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_nothing_can_be_put_into_a_header(server, provider):
    before = len(server.accepted)
    for more in (
        {"details": Details(subject="x\r\nBcc: eve@evil.example")},
        {"details": Details(subject="x", reply_to="<a@b>\nBcc: eve@evil.example")},
        {"to": "ann@example.com\nBcc: eve@evil.example"},
        {"to": "ann@example.com, eve@evil.example"},
    ):
        result = await adapter(provider, server.url).send(outbound(**more))
        assert isinstance(result, Refused)
        assert result.final
    assert len(server.accepted) == before
