"""Sending through Twilio: three outcomes and never a fourth; the stand-in's journal says what was really taken."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import socket
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from app.channels.adapters import twilio as module
from app.channels.adapters.base import Accepted, Details, Outbound, Refused, Unknown
from app.channels.adapters.calling import close_connections
from app.channels.adapters.twilio import TwilioAdapter
from app.kit import clock
from app.kit.ids import new_id
from tests.channels.cases import ADDRESS, OUTBOUND
from tests.support.twilio_server import SID, TOKEN, RunningTwilio
from tests.support.twilio_spec import answer_problems, request_problems

PATIENT = "+12025550111"


@pytest.fixture(scope="module")
def twilio(tmp_path_factory):
    server = RunningTwilio(tmp_path_factory.mktemp("twilio") / "journal.jsonl", mood="silent")
    yield server
    server.stop()


@pytest.fixture(autouse=True)
async def _closed():
    yield
    await close_connections()


def adapter(url: str, *, timeout: float = 2, **changes: Any) -> TwilioAdapter:
    return TwilioAdapter(
        **{
            "webhook_url": "http://localhost:8000/webhooks/twilio/c1",
            "auth_token": TOKEN,
            "account_sid": SID,
            "kind": "sms",
            "address": ADDRESS,
            "secret": "a secret of sixteen",
            "api_url": url,
            "timeout": timeout,
            **changes,
        }
    )


def outbound(body: str = "See you Friday at 3.", *, seconds: float = 10, **changes: Any) -> Outbound:
    return Outbound(
        **{
            "to": PATIENT,
            "from_": ADDRESS,
            "body": body,
            "token": "attempt-1",
            "message_id": new_id(),
            "expires_at": clock.now() + dt.timedelta(seconds=seconds),
            **changes,
        }
    )


async def test_an_accepted_message_has_the_provider_s_id(twilio):
    result = await adapter(twilio.url).send(outbound("accepted one"))
    assert isinstance(result, Accepted)
    line = twilio.accepted()[-1]
    assert (line["sid"], line["to"], line["from_"], line["body"]) == (
        result.provider_id,
        PATIENT,
        ADDRESS,
        "accepted one",
    )
    assert line["callback"].startswith("http://localhost:8000/webhooks/twilio/c1/status?a=")
    assert not twilio.lines("bad_request")


async def test_files_and_whatsapp_are_written_as_twilio_wants_them(twilio):
    files = ["https://desk.example.com/m/1.pdf", "https://desk.example.com/m/2.png"]
    result = await adapter(twilio.url).send(outbound(media_urls=files))
    assert isinstance(result, Accepted)
    assert result.provider_id.startswith("MM")
    assert twilio.accepted()[-1]["media"] == files
    result = await adapter(twilio.url, kind="whatsapp").send(outbound(media_urls=files))
    first, second = twilio.accepted()[-2:]
    assert result == Accepted(first["sid"])
    assert (first["to"], first["media"], first["body"]) == (f"whatsapp:{PATIENT}", files[:1], "See you Friday at 3.")
    assert (second["to"], second["media"], second["body"]) == (f"whatsapp:{PATIENT}", files[1:], "")
    assert not twilio.lines("bad_request")


async def test_an_approved_text_goes_by_its_sid_as_published(twilio):
    case = next(case for case in OUTBOUND if case["name"] == "send-whatsapp-template")
    wanted = dict(parse_qsl(case["request"]["body"]))
    values = {"1": "Ann", "2": "Friday 3 pm"}
    told = {"name": "r", "language": "en", "content_sid": wanted["ContentSid"], "values": values}
    sent = outbound(details=Details(template=told), to=wanted["To"].removeprefix("whatsapp:"))
    assert isinstance(await adapter(twilio.url, kind="whatsapp").send(sent), Accepted)
    assert not twilio.lines("bad_request")
    line = twilio.accepted()[-1]
    assert (line["to"], line["body"], line["content"]["ContentSid"]) == (wanted["To"], "", wanted["ContentSid"])
    assert json.loads(line["content"]["ContentVariables"]) == json.loads(wanted["ContentVariables"])


@pytest.mark.parametrize(
    ("mood", "final", "code"),
    [
        ("429", False, "20429"),
        ("503", False, "20503"),
        ("21610", True, "21610"),
        ("21211", True, "21211"),
        ("21614", True, "21614"),
        ("21408", True, "21408"),
        ("63016", True, "63016"),
        ("20003", True, "20003"),
    ],
)
async def test_a_refusal_is_certain_and_taken_by_nobody(twilio, mood, final, code):
    before = len(twilio.accepted())
    twilio.set_mood(mood, 1)
    result = await adapter(twilio.url).send(outbound())
    assert isinstance(result, Refused)
    assert (result.final, result.code) == (final, code)
    assert result.text.endswith(".")
    assert result.blames_channel == (code == "20003")
    assert len(twilio.accepted()) == before


@pytest.mark.parametrize("mood", ["hang", "reset", "500"])
async def test_what_was_accepted_without_an_answer_is_unknown_and_found_again(twilio, mood):
    channel, since, body = adapter(twilio.url, timeout=0.7), clock.now(), f"lost answer {mood}"
    assert await channel.find_sent(PATIENT, since, body) == []
    twilio.set_mood(mood, 1)
    assert isinstance(await channel.send(outbound(body)), Unknown)
    found = await channel.find_sent(PATIENT, since, body)
    assert [sent.provider_id for sent in found] == [twilio.accepted()[-1]["sid"]]
    assert await channel.find_sent(PATIENT, since, "another text") == []
    assert await channel.find_sent("+12025550112", since, body) == []
    assert await channel.find_sent(PATIENT, clock.now() + dt.timedelta(seconds=5), body) == []


async def test_a_gateway_s_503_page_proves_nothing(twilio):
    twilio.set_mood("503-page", 1)
    assert isinstance(await adapter(twilio.url).send(outbound()), Unknown)


async def test_a_provider_that_cannot_be_reached_took_nothing():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = await adapter(f"http://127.0.0.1:{port}").send(outbound())
    assert isinstance(result, Refused)
    assert not result.final


async def test_a_provider_that_accepts_connections_and_says_nothing_is_unknown():
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.monotonic()
        result = await adapter(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.5).send(outbound())
    assert isinstance(result, Unknown)
    assert time.monotonic() - began < 2


async def test_nothing_is_written_after_the_deadline(twilio):
    before = len(twilio.accepted())
    result = await adapter(twilio.url).send(outbound(seconds=-1))
    assert isinstance(result, Refused)
    assert not result.final
    assert len(twilio.accepted()) == before


async def test_a_process_frozen_before_the_write_does_not_send(twilio, monkeypatch):
    """The clock jumps between the claim and the socket, as after SIGSTOP: the last look is right before the write."""
    before, real, attempt = len(twilio.accepted()), clock.now, outbound()
    times = iter([real()])
    monkeypatch.setattr(module.clock, "now", lambda: next(times, real() + dt.timedelta(seconds=60)))
    result = await adapter(twilio.url).send(attempt)
    assert isinstance(result, Refused)
    assert result.code == "late"
    assert len(twilio.accepted()) == before


async def test_a_list_that_cannot_be_had_is_an_error_not_an_empty_list(twilio):
    with pytest.raises(httpx.HTTPStatusError):
        await adapter(twilio.url, auth_token="wrong").find_sent(PATIENT, clock.now(), "x")


async def test_one_try_each_also_under_load(twilio):
    """Fifty at a time: as many accepted as answered, none twice."""
    channel, before = adapter(twilio.url, timeout=10), len(twilio.accepted())
    results = await asyncio.gather(*(channel.send(outbound(f"load {i}")) for i in range(50)))
    bodies = [line["body"] for line in twilio.accepted()[before:]]
    assert all(isinstance(result, Accepted) for result in results)
    assert sorted(bodies) == sorted(f"load {i}" for i in range(50))


async def test_no_callback_to_an_address_that_twilio_cannot_reach(twilio):
    channel = adapter("https://api.twilio.com")
    assert not channel._wants_callbacks
    assert adapter("https://api.twilio.com", webhook_url="https://desk.example.com/webhooks/twilio/c1")._wants_callbacks


def _case(name: str) -> dict[str, Any]:
    return next(case for case in OUTBOUND if case["name"] == name)


@pytest.mark.parametrize(
    "case", [case for case in OUTBOUND if case["request"]["method"] == "POST"], ids=lambda case: case["name"]
)
async def test_every_published_answer_is_sorted_right(case, monkeypatch):
    answer = case["response"]

    def handle(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            answer["status"],
            headers=answer.get("headers"),
            content=json.dumps(answer["json"]) if "json" in answer else answer["text"],
        )

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    monkeypatch.setattr(module, "_client", lambda: client)
    result = await adapter("https://api.twilio.com").send(outbound())
    if answer["status"] == 201:
        assert result == Accepted(answer["json"]["sid"])
    elif case["name"] == "send-503":
        assert isinstance(result, Unknown)  # "look for the message first"
    else:
        assert isinstance(result, Refused)
        assert result.final is not case["retry"]
    await client.aclose()


async def test_our_request_is_the_published_one(monkeypatch):
    case, seen = _case("send-sms"), []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json=case["response"]["json"])

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    monkeypatch.setattr(module, "_client", lambda: client)
    channel = adapter(
        "https://api.twilio.com",
        auth_token="test-auth-token",
        webhook_url="https://inbox.example.com/webhooks/twilio/c1",
    )
    await channel.send(outbound())
    ours, theirs = seen[0], case["request"]
    assert (ours.method, str(ours.url)) == (theirs["method"], theirs["url"])
    assert ours.headers["authorization"] == theirs["headers"]["Authorization"]
    mine, wanted = dict(parse_qsl(ours.content.decode())), dict(parse_qsl(theirs["body"]))
    assert mine.keys() == wanted.keys()
    assert all(mine[name] == wanted[name] for name in ("To", "From", "Body"))
    await client.aclose()


@pytest.mark.parametrize(
    "case", [case for case in OUTBOUND if case.get("spec") == "twilio_api_v2010"], ids=lambda case: case["name"]
)
def test_the_stand_in_s_judge_lets_every_published_request_pass(case):
    request = case["request"]
    assert (
        request_problems(
            request["method"],
            urlsplit(request["url"])._replace(scheme="", netloc="").geturl(),
            request["headers"].get("Content-Type", ""),
            request.get("body", "").encode(),
        )
        == []
    )
    if case["response"]["status"] == 201:
        assert answer_problems(case["response"]["json"]) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("From=%2B1&Body=x", "missing field To"),
        ("To=hello-there-you&Body=x", "no phone number"),
        ("To=%2B12025550111&Bdy=x", "unknown field"),
        ("To=%2B12025550111&StatusCallback=nowhere", "no address"),
    ],
)
def test_the_stand_in_s_judge_refuses_what_twilio_would(body, problem):
    found = request_problems(
        "POST", f"/2010-04-01/Accounts/{SID}/Messages.json", "application/x-www-form-urlencoded", body.encode()
    )
    assert any(problem in one for one in found)
