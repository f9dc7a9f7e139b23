"""Meta's and Gallabox's deliveries over HTTP: verified before believed, stored once, each part in its own clinic."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
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
from tests.inbox.whatsapp.support import NUMBERS, connect, stored, unrouted

SHARED = "/webhooks/whatsapp"
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
    account = str(next(NUMBERS))
    number = await connect(clinic, waba_id=account)
    body = body_of({"event": "ACCOUNT_RESTRICTION"}, field="account_update", account=account)
    for secret in (SECRET, number.secret):
        assert (await clinic.outside.post(SHARED, content=body, headers=signed(body, secret))).status_code == 200
    view = (await clinic.owner.get(clinic.at(f"channels/{number.id}"))).json()
    assert view["state"] == "attention"
    assert "restricted" in view["last_error"]


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
