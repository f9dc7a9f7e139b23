"""Meta's and Gallabox's deliveries over HTTP: verified before believed, stored once, each part in its own clinic."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from app.channels.adapters.gallabox_wire import signature as gallabox_signature
from tests.channels.whatsapp_cases import (
    ADDRESS,
    CHALLENGES,
    GALLABOX,
    GALLABOX_CREDENTIALS,
    META,
    META_CREDENTIALS,
    PATIENT,
    SECRET,
    body_of,
    message,
    named,
    signed,
    value,
)
from tests.support.product import Product
from tests.support.whatsapp_server import API_KEY, API_SECRET, TOKEN, WhatsAppServer

SHARED = "/webhooks/whatsapp"
_numbers = itertools.count(200_000_000_000_001)


@pytest.fixture(scope="module")
def provider():
    running = WhatsAppServer()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def place(databases, provider):
    """A product whose operator has an app at Meta, with the stand-ins as providers."""
    running = Product(
        databases.make(),
        WHATSAPP_APP_SECRET=SECRET,
        WHATSAPP_PHONE_NUMBER_ID="555000111",
        WHATSAPP_WABA_ID="555000222",
        WHATSAPP_ACCESS_TOKEN=TOKEN,
        WHATSAPP_VERIFY_TOKEN=META_CREDENTIALS["verify_token"],
        WHATSAPP_API_URL=provider.url,
        GALLABOX_API_URL=provider.url,
        SEND_TIMEOUT="2",
        REVIEW_AFTER="2",
        JOB_BASE_BACKOFF="0.2",
    )
    running.start()
    yield running
    running.stop()
    running.database.drop()


@pytest.fixture
async def clinic(new_clinic, place):
    return await new_clinic(place)


class Number:
    """A WhatsApp number of Meta's, and Meta's part of it."""

    def __init__(self, clinic: Any, view: dict[str, Any], number: str, secret: str) -> None:
        self.clinic, self.id, self.number, self.secret = clinic, view["id"], number, secret
        self.path = urlsplit(view["webhook_url"]).path

    async def bring(self, *values: dict[str, Any], **more: Any) -> Any:
        """Deliver to this number's own address."""
        return await self.post(body_of(*values, **more))

    async def post(self, body: bytes, secret: str | None = None) -> Any:
        return await self.clinic.outside.post(self.path, content=body, headers=signed(body, secret or self.secret))

    async def write(self, text: str, **more: Any) -> str:
        """A patient writes; returns the message's id."""
        wamid = f"wamid.{uuid4().hex}"
        answer = await self.bring(message(number=self.number, id=wamid, text={"body": text}, **more))
        assert answer.status_code == 200, answer.text
        return wamid


async def connect(clinic: Any, *, secret: str = "", mode: str = "simulated", **more: str) -> Number:
    number = more.pop("phone_number_id", str(next(_numbers)))
    secret = secret or f"app-secret-{uuid4().hex}"
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "whatsapp",
            "provider": "whatsapp_cloud",
            "mode": mode,
            "address": ADDRESS,
            "credentials": {
                **META_CREDENTIALS,
                "phone_number_id": number,
                "access_token": TOKEN,
                "app_secret": secret,
                **more,
            },
        },
    )
    assert made.status_code == 201, made.text
    assert made.json()["mode"] == mode
    return Number(clinic, made.json(), number, secret)


def stored(clinic: Any, columns: str = "provider_id, body", where: str = "direction = 'in'") -> list[tuple[Any, ...]]:
    return clinic.product.sql(f"select {columns} from message where clinic_id = %s and {where} order by seq", clinic.id)


def unrouted(clinic: Any) -> list[str]:
    return [row[0] for row in clinic.product.sql("select reason from unrouted_delivery order by received_at")]


# -- every published case


@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
async def test_every_published_delivery_of_meta(clinic, own):
    number = await connect(clinic, secret=SECRET, phone_number_id=META_CREDENTIALS["phone_number_id"])
    path, wrong = number.path if own else SHARED, {}
    for case in META:
        request = case["request"]
        answer = await clinic.outside.post(path, content=request["body"].encode(), headers=request["headers"])
        if answer.status_code != (200 if case["expect"]["valid"] else 403):
            wrong[case["name"]] = answer.text
    assert wrong == {}
    events = [event for case in META if case["expect"]["valid"] for event in case["expect"]["events"]]
    messages = [event for event in events if event["kind"] == "message"]
    assert stored(clinic) == [(event["id"], event["text"]) for event in messages]
    details = [json.loads(row[0] or "{}") for row in stored(clinic, "details::text")]
    for event, told in zip(messages, details, strict=True):
        assert told["sent_at"] == "2026-09-21T14:13:15Z"
        assert told.get("reply_to") == event.get("reply_to")
        assert told.get("button") == event.get("button_payload")
        assert told.get("unsupported", False) is event.get("unsupported", False)
    assert any("999999999999999" in reason for reason in unrouted(clinic))
    reports = clinic.product.sql(
        "select provider_id, status, error_code from delivery_report where clinic_id = %s order by received_at",
        clinic.id,
    )
    assert reports == [
        (event["id"], event["status"], event.get("error_code")) for event in events if event["kind"] == "status"
    ]
    threads = (await clinic.owner.get(clinic.at("threads"))).json()["items"]
    assert [(one["contact"]["phone"], one["contact"]["name"]) for one in threads] == [(PATIENT, "Ann Example")]
    assert threads[0]["whatsapp_until"] == "2026-09-22T14:13:15Z"
    await clinic.owner.delete(clinic.at(f"channels/{number.id}"))
    again = META[0]["request"]
    late = await clinic.outside.post(number.path, content=again["body"].encode(), headers=again["headers"])
    assert late.status_code == 404


async def test_every_published_question_of_meta(clinic):
    number = await connect(clinic)
    for case, path in itertools.product(CHALLENGES, (SHARED, number.path)):
        answer = await clinic.outside.get(f"{path}?{urlsplit(case['request']['url']).query}")
        assert answer.status_code == case["expect"]["status"], (case["name"], answer.text)
        if "body" in case["expect"]:
            assert answer.text == case["expect"]["body"]
            assert answer.headers["content-type"].startswith("text/plain")


async def test_a_channel_has_a_verify_token_of_its_own(clinic):
    number = await connect(clinic, verify_token="own-token-of-this-test")
    ask = "?hub.mode=subscribe&hub.challenge={}&hub.verify_token={}"
    for path, challenge, token, status in (
        (number.path, "1", "own-token-of-this-test", 200),
        (number.path, "1", META_CREDENTIALS["verify_token"], 403),
        (number.path, "1", "", 403),
        (number.path, "", "own-token-of-this-test", 400),
        (number.path, "x" * 201, "own-token-of-this-test", 400),
        (SHARED, "1", "own-token-of-this-test", 403),
        (f"{SHARED}/{uuid4()}", "1", "x", 404),
        (f"{SHARED}/not-an-id", "1", "x", 404),
    ):
        answer = await clinic.outside.get(path + ask.format(challenge, token))
        assert answer.status_code == status, (path, challenge, token, answer.text)
    page = await clinic.outside.get(number.path + ask.format("%3Cscript%3E%E2%82%AC", "own-token-of-this-test"))
    assert (page.status_code, page.text) == (200, "<script>€")
    assert page.headers["content-type"].startswith("text/plain")
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_every_published_delivery_of_gallabox(clinic):
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "whatsapp",
            "provider": "gallabox",
            "mode": "simulated",
            "address": ADDRESS,
            "credentials": GALLABOX_CREDENTIALS,
        },
    )
    path, wrong = urlsplit(made.json()["webhook_url"]).path, {}
    for case in [*GALLABOX, *GALLABOX]:  # the second time changes nothing
        request = case["request"]
        answer = await clinic.outside.post(path, content=request["body"].encode(), headers=request["headers"])
        if answer.status_code != (200 if case["expect"]["valid"] else 403):
            wrong[case["name"]] = answer.text
    assert wrong == {}
    event = named(GALLABOX, "message-received")["expect"]["events"][0]
    assert stored(clinic) == [(event["id"], event["text"])]
    for body, status in ((b"{", 400), (b"[" * 100_000, 400), (b"[]", 400), (b'{"whatsapp":1}', 200)):
        headers = {
            "x-event-name": "Message.Received",
            "x-gallabox-signature": gallabox_signature(GALLABOX_CREDENTIALS["api_secret"], body),
        }
        assert (await clinic.outside.post(path, content=body, headers=headers)).status_code == status
    assert (await clinic.outside.post(f"/webhooks/gallabox/{uuid4()}", content=b"{}")).status_code == 404


# -- who is believed


async def test_a_delivery_for_several_clinics_reaches_each_with_its_own(new_clinic, place):
    one, other = await new_clinic(place, "One"), await new_clinic(place, "Other")
    mine, theirs = await connect(one), await connect(other)
    body = body_of(
        message(number=mine.number, id="wamid.mine", text={"body": "for one"}),
        message(number=theirs.number, id="wamid.theirs", text={"body": "for other"}),
        value(mine.number, messages=[{"id": "wamid.odd", "from": "nobody"}]),
        message(number="777", text={"body": "for nobody"}),
    )
    assert (await one.outside.post(SHARED, content=body, headers=signed(body))).status_code == 200
    assert stored(one) == [("wamid.mine", "for one")]
    assert stored(other) == [("wamid.theirs", "for other")]
    [(raw,)] = place.sql("select raw from webhook_delivery where clinic_id = %s", one.id)
    assert "for other" not in raw
    kept = place.sql("select raw from unrouted_delivery where reason like '%%777%%'")
    assert len(kept) == 1
    assert "for one" not in kept[0][0]
    [(odd,)] = place.sql("select raw from unrouted_delivery where channel_id = %s", mine.id)
    assert "wamid.odd" in odd
    assert "for other" not in odd


async def test_a_number_with_the_program_s_own_sign_in_is_found_too(clinic):
    told = {"kind": "whatsapp", "provider": "whatsapp_cloud", "mode": "live", "address": ADDRESS}
    made = await clinic.owner.post(clinic.at("channels"), json=told)
    assert made.json()["mode"] == "live", made.text
    body = body_of(message(number="555000111", id="wamid.p", text={"body": "hello"}))
    assert (await clinic.outside.post(SHARED, content=body, headers=signed(body))).status_code == 200
    assert stored(clinic) == [("wamid.p", "hello")]
    news = body_of({"event": "ACCOUNT_VIOLATION"}, field="account_update", account="555000222")
    assert (await clinic.outside.post(SHARED, content=news, headers=signed(news))).status_code == 200
    view = (await clinic.owner.get(clinic.at(f"channels/{made.json()['id']}"))).json()
    assert view["state"] == "attention"


async def test_a_clinic_s_own_secret_speaks_for_its_own_number_only(new_clinic, place):
    one, other = await new_clinic(place, "One"), await new_clinic(place, "Other")
    mine, theirs = await connect(one), await connect(other)
    body = body_of(
        message(number=mine.number, id="wamid.a", text={"body": "genuine"}),
        message(number=theirs.number, id="wamid.b", text={"body": "made up by the first clinic"}),
    )
    answer = await one.outside.post(SHARED, content=body, headers=signed(body, mine.secret))
    assert answer.status_code == 200
    assert stored(one) == [("wamid.a", "genuine")]
    assert stored(other) == []
    for path in (SHARED, theirs.path):
        only = body_of(message(number=theirs.number, text={"body": "made up"}))
        assert (await one.outside.post(path, content=only, headers=signed(only, mine.secret))).status_code == 403
    assert stored(other) == []


async def test_what_meta_says_of_an_account_is_for_all_its_numbers(clinic):
    account = str(next(_numbers))
    number = await connect(clinic, waba_id=account)
    body = body_of({"event": "ACCOUNT_RESTRICTION"}, field="account_update", account=account)
    for secret in (SECRET, number.secret):
        assert (await clinic.outside.post(SHARED, content=body, headers=signed(body, secret))).status_code == 200
    view = (await clinic.owner.get(clinic.at(f"channels/{number.id}"))).json()
    assert view["state"] == "attention"
    assert "restricted" in view["last_error"]


BAD = {
    "empty": (b"", 400),
    "cut": (b"{", 400),
    "brackets": (b"[" * 100_000, 400),
    "objects": (b'{"a":' * 100_000, 400),
    "bytes": (b"\xff", 400),
    "surrogate": (b'{"entry":"\\ud800"}', 400),
    "digits": (b"9" * 5_000, 400),
    "nothing": (b'{"entry":[]}', 200),
    "odd": (b'{"object":"whatsapp_business_account","entry":[1,{"changes":[2,{"field":3,"value":4}]}]}', 200),
    "huge": (b"x" * (3 * 1024 * 1024 + 1), 413),
}


async def test_bad_input(clinic):
    number = await connect(clinic)
    for name, (body, status) in BAD.items():
        for path, secret in ((SHARED, SECRET), (number.path, number.secret)):
            began = time.monotonic()
            answer = await clinic.outside.post(path, content=body, headers=signed(body, secret))
            assert answer.status_code == status, (name, path, answer.text)
            assert time.monotonic() - began < 3, name
            if status >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
            forged = 413 if status == 413 else 403
            wrong = await clinic.outside.post(path, content=body, headers=signed(body, "wrong"))
            assert (wrong.status_code, (await clinic.outside.post(path, content=body)).status_code) == (forged, forged)
    assert stored(clinic) == []


async def test_addresses_and_methods_that_are_nobody_s(clinic):
    texts = await clinic.channel()  # a Twilio number has no Meta address
    body = body_of(message(text={"body": "x"}))
    for path in (f"{SHARED}/{texts.id}", f"{SHARED}/{uuid4()}", f"{SHARED}/x", f"/webhooks/gallabox/{texts.id}"):
        assert (await clinic.outside.post(path, content=body, headers=signed(body))).status_code == 404, path
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await clinic.outside.request(method, SHARED)).status_code == 405


async def test_another_number_at_a_channel_s_own_address_is_kept_and_told(clinic):
    number = await connect(clinic)
    assert (await number.bring(message(number="1", text={"body": "x"}))).status_code == 200
    assert stored(clinic) == []
    view = (await clinic.owner.get(clinic.at(f"channels/{number.id}"))).json()
    assert view["state"] == "attention"


# -- what is stored


async def test_many_in_one_delivery_and_again_and_at_the_same_moment(clinic):
    number = await connect(clinic)
    people = [f"1202555{i:04d}" for i in range(60)]
    told = value(
        number.number,
        contacts=[{"profile": {"name": f"P {one}"}, "wa_id": one} for one in reversed(people)],
        messages=[
            {"from": one, "id": f"wamid.{one}", "timestamp": "1789999995", "type": "text", "text": {"body": one}}
            for one in people
        ]
        + [{"from": "x", "id": "bad"}],
    )
    answers = await asyncio.gather(*(number.bring(told) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(stored(clinic)) == sorted((f"wamid.{one}", one) for one in people)
    names = clinic.product.sql("select name from contact where clinic_id = %s", clinic.id)
    assert sorted(name for (name,) in names) == sorted(f"P {one}" for one in people)


async def test_stop_is_kept_and_a_tapped_cancel_is_not_stop(clinic):
    number = await connect(clinic)
    cancel = message("button", number.number, id="wamid.c", button={"text": "Cancel", "payload": "cancel:appt-42"})
    await number.bring(cancel)
    assert (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]["opted_out"] == []
    await number.write("STOP")
    assert (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]["opted_out"] == ["whatsapp"]


async def test_a_file_is_a_reference_to_be_fetched_later(clinic):
    number = await connect(clinic)
    told = {"id": "1003383421387256", "mime_type": "image/jpeg", "sha256": "aa", "caption": "my tooth"}
    await number.bring(message("image", number.number, id="wamid.i", image=told))
    [(body, files)] = stored(clinic, "body, attachments::text")
    assert body == "my tooth"
    assert len(json.loads(files)) == 1


async def test_a_thousand_states_of_messages_nobody_knows_are_kept(clinic):
    number = await connect(clinic)
    states = [{"id": f"wamid.{i}", "status": "sent", "timestamp": "1"} for i in range(1_000)]
    assert (await number.bring(value(number.number, statuses=states))).status_code == 200
    [(count,)] = clinic.product.sql("select count(*) from delivery_report where clinic_id = %s", clinic.id)
    assert count == 1_000


# -- reactions


async def react(number: Number, target: str, emoji: str | None, at: int) -> None:
    told = {"message_id": target, **({"emoji": emoji} if emoji else {})}
    answer = await number.bring(
        message("reaction", number.number, id=f"wamid.{uuid4().hex}", timestamp=str(at), reaction=told)
    )
    assert answer.status_code == 200, answer.text


def shown(clinic: Any, wamid: str) -> list[str]:
    [(told,)] = clinic.product.sql(
        "select reactions::text from message where clinic_id = %s and provider_id = %s", clinic.id, wamid
    )
    return [one["emoji"] for one in json.loads(told) if one["emoji"]]


def told_of(clinic: Any) -> int:
    sql = "select count(*) from event where clinic_id = %s and type = 'message.reacted'"
    return clinic.product.sql(sql, clinic.id)[0][0]


async def test_the_newest_reaction_counts_in_whatever_order_they_come(clinic):
    number = await connect(clinic)
    orders = list(itertools.permutations([("👍", 10), ("❤️", 20), (None, 30), ("😀", 40)]))
    for order in orders[::6]:
        wamid = await number.write("Hello")
        for emoji, at in [*order, *order]:
            await react(number, wamid, emoji, at)
        assert shown(clinic, wamid) == ["😀"], order
    for order in itertools.permutations([("👍", 10), (None, 20), ("❤️", 20)]):
        wamid = await number.write("Hello")
        for emoji, at in [*order, *order]:
            await react(number, wamid, emoji, at)
        assert shown(clinic, wamid) == [], order


async def test_a_reaction_is_told_with_its_chip_and_a_repeat_is_not(clinic):
    number = await connect(clinic)
    wamid = await number.write("Your visit is on Friday")
    socket = await clinic.socket(html=1)
    await react(number, wamid, "👍", 1789999999)
    frame = await socket.next_event("message.reacted")
    found = frame["data"]["message"]
    assert found["provider_id"] == wamid
    assert [(one["by"], one["name"], one["emoji"]) for one in found["reactions"]] == [(PATIENT, "Ann Example", "👍")]
    assert [old_new[-1:] != [] for old_new in frame["data"]["changes"]["reactions"]] == [False, True]
    assert "Ann Example reacted with 👍" in frame["html"][f"m-{found['id']}"]
    await react(number, wamid, "👍", 1789999999)
    await react(number, wamid, "😀", 1789999000)
    assert told_of(clinic) == 1
    await react(number, wamid, None, 1790000001)
    gone = await socket.next_event("message.reacted")
    assert "reacted with" not in gone["html"][f"m-{found['id']}"]


async def test_a_reaction_to_a_message_we_do_not_know_changes_nothing(clinic):
    number = await connect(clinic)
    await react(number, "wamid.never-seen", "👍", 1)
    assert told_of(clinic) == 0
    # Not even to one of another person's conversation.
    told = message(number=number.number, id="wamid.other", text={"body": "hi"})
    told["messages"][0]["from"] = "12025550199"
    await number.bring(told)
    await react(number, "wamid.other", "👍", 1)
    assert shown(clinic, "wamid.other") == []


async def test_a_message_and_what_is_thought_of_it_in_one_delivery(clinic):
    number = await connect(clinic)
    reaction = message("reaction", number.number, reaction={"message_id": "wamid.both", "emoji": "👍"})
    await number.bring(reaction, message(number=number.number, id="wamid.both", text={"body": "first"}))
    assert shown(clinic, "wamid.both") == ["👍"]


async def test_one_person_s_messages_stay_in_their_order(clinic):
    number = await connect(clinic)
    told = value(number.number, messages=[])
    for i in range(20):
        one = {
            "from": PATIENT[1:],
            "id": f"wamid.{i}",
            "timestamp": "1789999995",
            "type": "text",
            "text": {"body": str(i)},
        }
        if i % 3 == 0:  # its files and what it answers have to be looked up first
            one |= {"type": "image", "image": {"id": "1", "mime_type": "image/png", "caption": str(i)}}
            one["context"] = {"id": f"wamid.{i - 1}"}
        told["messages"].append(one)
    assert (await number.bring(told)).status_code == 200
    assert [body for _, body in stored(clinic)] == [str(i) for i in range(20)]


async def test_what_cannot_be_shown_says_so(clinic):
    number = await connect(clinic)
    socket = await clinic.socket(html=1)
    await number.bring(message("hologram", number.number, hologram={"id": "x"}))
    frame = await socket.next_event("message.created")
    assert "cannot be shown here" in frame["html"][f"m-{frame['data']['message']['id']}"]
    place = {"latitude": 12.97, "longitude": 77.59, "name": "<b>Home</b>"}
    await number.bring(message("location", number.number, id="wamid.L", location=place))
    frame = await socket.next_event("message.created")
    drawn = frame["html"][f"m-{frame['data']['message']['id']}"]
    assert "12.97000, 77.59000" in drawn
    assert "<b>Home" not in drawn
    cards = [{"name": {"formatted_name": "Dr. Rao"}, "phones": [{"phone": "+1 202 555 0199"}]}]
    await number.bring(message("contacts", number.number, id="wamid.K", contacts=cards))
    frame = await socket.next_event("message.created")
    assert frame["data"]["message"]["body"] == "Dr. Rao"
    assert "+1 202 555 0199" in frame["html"][f"m-{frame['data']['message']['id']}"]


# -- out and back


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
    before = clinic.product.sql("select count(*) from event where clinic_id = %s", clinic.id)
    await report(number, wamid, "read")
    assert (await wait(clinic, sent, "read"))[0] == "read"
    assert clinic.product.sql("select count(*) from event where clinic_id = %s", clinic.id) == before
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
    view = (await clinic.owner.get(clinic.at(f"channels/{number.id}"))).json()
    assert view["state"] == "attention"
    assert "connect it again" in view["last_error"]


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
