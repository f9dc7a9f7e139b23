"""Sending through Meta and Gallabox: three outcomes and never a fourth; the stand-in says what was really taken."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import socket
from typing import Any

import httpx
import pytest

from app.channels.adapters.base import Accepted, Connection, Details, Outbound, OutboundFile, Refused, Unknown
from app.channels.adapters.calling import close_connections
from app.channels.adapters.gallabox import GallaboxAdapter
from app.channels.adapters.twilio import TwilioAdapter
from app.channels.adapters.whatsapp_cloud import WhatsAppCloudAdapter
from app.channels.adapters.whatsapp_failures import failure_text, meaning
from app.kit import clock
from app.kit.ids import new_id
from tests.channels.whatsapp_cases import ADDRESS, GALLABOX_OUT, META_OUT, NUMBER, PATIENT, named
from tests.support.openapi_check import Document
from tests.support.whatsapp_server import API_KEY, API_SECRET, TOKEN, WhatsAppServer

ERRORS = [case for case in META_OUT if case["name"].startswith("send-error-")]
TEMPLATE = {"name": "appointment_reminder", "language": "en_US", "values": ["Ann", "Friday 3 pm"]}


@pytest.fixture(scope="module")
def server():
    running = WhatsAppServer()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
async def _closed(server):
    yield
    await close_connections()
    assert server.problems == []


def connection(provider: str, timeout: float = 2, **credentials: str) -> Connection:
    told = {
        "whatsapp_cloud": {
            "phone_number_id": NUMBER,
            "waba_id": "1",
            "access_token": TOKEN,
            "app_secret": "s",
            "verify_token": "v",
        },
        "gallabox": {"api_key": API_KEY, "api_secret": API_SECRET, "channel_id": "000000000000000000000c01"},
    }[provider]
    return Connection(
        channel_id=new_id(),
        clinic_id=new_id(),
        kind="whatsapp",
        provider=provider,
        address=ADDRESS,
        webhook_url="http://localhost:8000/webhooks/x/1",
        credentials={**told, **credentials},
        secret="a secret of sixteen",
        timeout=timeout,
    )


def meta(url: str, **more: Any) -> WhatsAppCloudAdapter:
    return WhatsAppCloudAdapter(connection("whatsapp_cloud", **more), url)


def gallabox(url: str, **more: Any) -> GallaboxAdapter:
    return GallaboxAdapter(connection("gallabox", **more), url)


BOTH = pytest.mark.parametrize("make", [meta, gallabox], ids=["meta", "gallabox"])


def outbound(body: str = "See you Friday.", *, seconds: float = 10, **changes: Any) -> Outbound:
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


async def _nothing() -> bytes:
    return b""


def file(type_: str, name: str = "x-ray.png") -> OutboundFile:
    return OutboundFile(name=name, type=type_, size=3, url="https://desk.example.com/m/2", read=_nothing)


def taken(server: WhatsAppServer) -> dict[str, Any]:
    return server.accepted[-1]


@BOTH
async def test_an_accepted_text_has_the_provider_s_id(server, make):
    result = await make(server.url).send(outbound("A text"))
    assert result == Accepted(taken(server)["id"])


@pytest.mark.parametrize("name", ["send-text", "send-template", "send-image-link"])
async def test_our_requests_to_meta_are_the_published_ones(server, name):
    case = named(META_OUT, name)
    told = json.loads(case["request"]["body"])
    attempt = {
        "send-text": outbound(),
        "send-template": outbound("Hello Ann, see you Friday 3 pm.", details=Details(template=TEMPLATE)),
        "send-image-link": outbound(
            "X-ray",
            files=[
                OutboundFile(
                    name="2.png", type="image/png", size=3, url="https://inbox.example.com/m/2.png", read=_nothing
                )
            ],
        ),
    }[name]
    assert isinstance(await meta(server.url).send(attempt), Accepted)
    mine = {key: one for key, one in taken(server).items() if key != "id"}
    assert mine == told
    method, target, headers = server.seen[-1]
    assert (method, f"https://graph.facebook.com{target}") == (case["request"]["method"], case["request"]["url"])
    assert headers["user-agent"] == case["request"]["headers"]["User-Agent"]


@pytest.mark.parametrize("name", ["send-text", "send-template"])
async def test_our_requests_to_gallabox_are_the_published_ones(server, name):
    case = named(GALLABOX_OUT, name)
    details = Details()
    if name == "send-template":
        values = {"name": "Ann", "time": "Friday 3 pm"}
        details = Details(template={"name": "appointment_reminder", "language": "en", "values": values})
    assert isinstance(await gallabox(server.url).send(outbound(name="Ann Example", details=details)), Accepted)
    assert {key: one for key, one in taken(server).items() if key != "id"} == json.loads(case["request"]["body"])


@pytest.mark.parametrize("case", [one for one in META_OUT if one["spec"]], ids=lambda case: case["name"])
def test_the_judge_lets_every_published_request_pass(case):
    request = case["request"]
    body = request.get("body", "").encode()
    kind = request["headers"].get("Content-Type", "")
    assert Document("meta_whatsapp_v23").request_problems(request["method"], request["url"], kind, body) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"recipient_type": None}, "not valid"),
        ({"biz_opaque_callback_data": "x"}, "unknown property"),
        ({"text": {"bdy": "x"}}, "not valid"),
        ({"type": "hologram"}, "not valid"),
    ],
)
def test_the_judge_refuses_what_meta_s_document_does_not_allow(changes, problem):
    case = named(META_OUT, "send-text")["request"]
    told = {key: one for key, one in {**json.loads(case["body"]), **changes}.items() if one is not None}
    found = Document("meta_whatsapp_v23").request_problems(
        "POST", case["url"], "application/json", json.dumps(told).encode()
    )
    assert found
    assert any(problem in one for one in found), found


async def test_named_blanks_keep_their_names_and_an_answer_its_message(server):
    template = {"name": "t", "language": "en", "values": {"first_name": "Ann"}}
    await meta(server.url).send(outbound(details=Details(template=template)))
    assert taken(server)["template"]["components"][0]["parameters"] == [
        {"type": "text", "parameter_name": "first_name", "text": "Ann"}
    ]
    await meta(server.url).send(outbound(details=Details(template={"name": "t", "language": "en"})))
    assert "components" not in taken(server)["template"]
    await meta(server.url).send(outbound(details=Details(reply_to="wamid.Q")))
    assert taken(server)["context"] == {"message_id": "wamid.Q"}


async def test_heading_file_and_button_of_a_template_are_what_meta_describes(server):
    judge = Document("meta_whatsapp_v23")
    told = {**TEMPLATE, "buttons": [[0, "abc"], [3, "x?y=1"]]}
    for more, files, header in (
        ({"header": {"1": "Friday"}}, [], {"type": "text", "text": "Friday"}),
        ({"file": "image"}, [file("image/png")], {"type": "image", "image": {"link": "https://desk.example.com/m/2"}}),
        (
            {"file": "document"},
            [file("application/pdf", "plan.pdf")],
            {"type": "document", "document": {"link": "https://desk.example.com/m/2", "filename": "plan.pdf"}},
        ),
        (
            {"file": "video", "link": "https://files.example.com/a.mp4"},
            [],
            {"type": "video", "video": {"link": "https://files.example.com/a.mp4"}},
        ),
    ):
        sent = outbound(details=Details(template={**told, **more}), files=files)
        assert isinstance(await meta(server.url).send(sent), Accepted)
        components = taken(server)["template"]["components"]
        assert [one["type"] for one in components] == ["header", "body", "button", "button"]
        assert components[0]["parameters"] == [header]
        assert [(one["sub_type"], one["index"]) for one in components[2:]] == [("url", "0"), ("url", "3")]
        assert components[2]["parameters"] == [{"type": "text", "text": "abc"}]
        for one in components:
            assert judge.value_problems(f"{one['type'].capitalize()}Component", one) == []
            for parameter in one["parameters"]:
                sort = (
                    "ButtonTextParameter" if one["type"] == "button" else f"{parameter['type'].capitalize()}Parameter"
                )
                assert judge.value_problems(sort, parameter) == []


@BOTH
async def test_several_files_are_several_calls_and_the_first_carries_the_text(server, make):
    before = len(server.accepted)
    files = [file("image/png"), file("application/pdf", "plan.pdf"), file("audio/ogg", "note.ogg")]
    result = await make(server.url).send(outbound("Your X-rays", files=files))
    sent = server.accepted[before:]
    assert result == Accepted(sent[0]["id"])
    parts = [one.get("whatsapp", one) for one in sent]
    assert [part["type"] for part in parts] == ["image", "document", "audio"]
    assert parts[0]["image"]["caption"] == "Your X-rays"
    assert "caption" not in parts[1]["document"]
    await make(server.url).send(outbound("Listen", files=[file("audio/ogg", "note.ogg")]))
    assert [one.get("whatsapp", one)["type"] for one in server.accepted[before + 3 :]] == ["text", "audio"]


@BOTH
async def test_when_only_a_part_was_taken_a_person_decides(server, make):
    server.moods = ["ok", "503-page"]
    assert isinstance(await make(server.url).send(outbound("x", files=[file("image/png"), file("image/png")])), Unknown)
    server.moods = ["401" if make is gallabox else "131047"]
    assert isinstance(await make(server.url).send(outbound("x", files=[file("image/png")] * 2)), Refused)
    server.moods = []


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case["name"])
async def test_every_published_error_is_sorted_as_it_says(server, case):
    code, before = case["name"].rpartition("-")[2], len(server.accepted)
    server.moods = [code]
    result = await meta(server.url).send(outbound())
    assert isinstance(result, Refused)
    assert result.final is not case["retry"]
    assert result.text.endswith(".")
    assert len(server.accepted) == before
    if "slow down" in case["about"]:
        assert result.code == "429"  # the circuit knows it by that: the provider is alive
    if "reconnect" in case["about"]:
        assert result.blames_channel


@pytest.mark.parametrize(
    ("codes", "meant"),
    [
        ((131047, 131026, 131050, 131049, 130472), "person"),
        ((4, 80007, 130429), "slow"),
        ((131056,), "pair"),
        ((131048, 368, 131031, 130497, 0, 190, 3, 10, 200, 299, 131042), "channel"),
        ((132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 131052, 131053), "person"),
        ((100, 131008, 131009), "ours"),
        ((1, 2, 131000, 131016, 131057), "later"),
        ((999999,), None),
    ],
)
def test_every_listed_code_has_its_meaning_and_plain_words(codes, meant):
    for code in codes:
        assert meaning(str(code)) == meant
        text = failure_text(str(code))
        assert text.endswith(".")
        assert str(code) in text or meant is not None


@pytest.mark.parametrize(("code", "later"), [("131056", True), ("131000", True), ("131048", False), ("190", False)])
async def test_what_will_be_tried_again(server, code, later):
    server.moods = [code]
    result = await meta(server.url).send(outbound())
    assert isinstance(result, Refused)
    assert result.final is not later


async def test_gallabox_says_from_when_it_goes_on(server, monkeypatch):
    reset = int(named(GALLABOX_OUT, "rate-limited")["response"]["headers"]["X-RateLimit-Reset"])
    now = dt.datetime.fromtimestamp(reset - 42, dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    server.moods = ["429"]
    result = await gallabox(server.url).send(outbound())
    assert isinstance(result, Refused)
    assert (result.code, result.final, result.retry_after) == ("429", False, 42.0)


@BOTH
@pytest.mark.parametrize("mood", ["hang", "reset"])
async def test_what_was_accepted_without_an_answer_is_unknown_and_has_no_evidence(server, make, mood):
    before = len(server.accepted)
    server.moods = [mood]
    # Long enough to connect and write on a busy machine: what was not written is not unknown.
    channel = make(server.url, timeout=1.5 if mood == "hang" else 10)
    assert isinstance(await channel.send(outbound(f"lost {mood}")), Unknown)
    assert len(server.accepted) == before + 1
    assert await channel.find_sent(PATIENT, clock.now(), f"lost {mood}") == []
    assert await channel.find_received(clock.now()) == []


@BOTH
async def test_a_gateway_s_page_proves_nothing(server, make):
    server.moods = ["503-page"]
    assert isinstance(await make(server.url).send(outbound()), Unknown)


@BOTH
async def test_wrong_sign_in_is_the_channel_s_fault(server, make):
    wrong = {"access_token": "wrong"} if make is meta else {"api_secret": "wrong"}
    result = await make(server.url, **wrong).send(outbound())
    assert isinstance(result, Refused)
    assert (result.final, result.blames_channel) == (True, True)


@BOTH
async def test_a_provider_that_cannot_be_reached_took_nothing(make):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    result = await make(f"http://127.0.0.1:{port}").send(outbound())
    assert isinstance(result, Refused)
    assert not result.final


@BOTH
async def test_nothing_is_written_after_the_deadline(server, make, monkeypatch):
    before = len(server.accepted)
    result = await make(server.url).send(outbound(seconds=-1))
    assert isinstance(result, Refused)
    real, attempt = clock.now, outbound()
    times = iter([real()])
    monkeypatch.setattr(clock, "now", lambda: next(times, real() + dt.timedelta(seconds=60)))
    frozen = await make(server.url).send(attempt)
    assert isinstance(frozen, Refused)
    assert frozen.code == "late"
    assert len(server.accepted) == before


@BOTH
async def test_too_long_or_nothing_is_not_even_tried(server, make):
    before = len(server.seen)
    for attempt in (outbound("x" * 4_097), outbound("")):
        result = await make(server.url).send(attempt)
        assert isinstance(result, Refused)
        assert result.final
    assert len(server.seen) == before
    assert isinstance(await make(server.url).send(outbound("😀" * 4_096)), Accepted)


@BOTH
async def test_one_try_each_also_under_load(server, make):
    before = len(server.accepted)
    channel = make(server.url, timeout=10)
    results = await asyncio.gather(*(channel.send(outbound(f"load {i}")) for i in range(40)))
    assert all(isinstance(result, Accepted) for result in results)
    bodies = [one.get("whatsapp", one)["text"]["body"] for one in server.accepted[before:]]
    assert sorted(bodies) == sorted(f"load {i}" for i in range(40))


# -- where files lie


async def test_meta_is_asked_where_a_file_lies_and_only_its_hosts_get_the_token(server):
    channel = meta(server.url)
    for url in ("https://lookaside.fbsbx.com/whatsapp/?mid=1", f"{server.url}/v23.0/file"):
        server.media_url = url
        found, headers = await channel.media_url("media:1003383421387256")
        assert found == url
        assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert server.seen[-1][1] == "/v23.0/1003383421387256"
    for url in (
        "https://evil.example/x",
        "http://lookaside.fbsbx.com/x",
        "https://fbsbx.com.evil.example/",
        "",
        "http://[::1",
    ):
        server.media_url = url
        with pytest.raises(ValueError):
            await channel.media_url("media:1003383421387256")


@pytest.mark.parametrize("reference", ["https://evil.example/x", "media:../me", "media:", "media:1?x=1"])
async def test_only_ids_are_asked_for(server, reference):
    before = len(server.seen)
    with pytest.raises(ValueError):
        await meta(server.url).media_url(reference)
    assert len(server.seen) == before


async def test_an_id_meta_does_not_open_is_an_error_to_try_again(server):
    with pytest.raises(httpx.HTTPStatusError):
        await meta(server.url, access_token="expired").media_url("media:1")


async def test_gallabox_and_twilio_get_their_sign_in_and_strangers_none(server):
    channel = gallabox(server.url)
    _, headers = await channel.media_url(f"{server.url}/files/1")
    assert headers == {"apiKey": API_KEY, "apiSecret": API_SECRET}
    assert await channel.media_url("https://files.example/1") == ("https://files.example/1", {})
    with pytest.raises(ValueError):
        await channel.media_url("media:1")
    twilio = TwilioAdapter(
        webhook_url="http://localhost:8000/webhooks/twilio/c1",
        auth_token="t",
        account_sid="AC1",
        kind="whatsapp",
        address=ADDRESS,
        secret="a secret of sixteen",
        api_url="https://api.twilio.com",
        timeout=2,
    )
    own = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    assert (await twilio.media_url(own))[1] == {"Authorization": "Basic QUMxOnQ="}
    for url in ("https://media.twiliocdn.com/x", "http://api.twilio.com/x", "https://api.twilio.com.evil.example/x"):
        assert await twilio.media_url(url) == (url, {})
