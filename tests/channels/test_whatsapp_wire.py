"""What Meta and Gallabox sign and deliver: every published case, odd shapes, and what must be refused."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.adapters.base import ChannelTrouble, InboundMessage, StatusReport, TemplateReport
from app.channels.adapters.gallabox_wire import signature as gallabox_signature
from app.channels.errors import Forged, Malformed
from tests.channels.whatsapp_cases import (
    ADDRESS,
    GALLABOX,
    META,
    PATIENT,
    body_of,
    gallabox_wire,
    headers_of,
    message,
    meta_wire,
    named,
    neutral,
    read,
    signed,
    value,
    wanted,
)


def raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), one.encode()) for name, one in headers.items()]


@pytest.mark.parametrize("case", META, ids=lambda case: case["name"])
def test_every_case_of_meta_means_what_it_should(case):
    body = case["request"]["body"].encode()
    if not case["expect"]["valid"]:
        with pytest.raises(Forged):
            meta_wire().receive("", b"", headers_of(case), body)
        return
    delivery = meta_wire().receive("", b"", headers_of(case), body)
    if case.get("unknown_tenant"):
        assert "999999999999999" in (delivery.unrouted or "")
    assert neutral(delivery) == wanted(case)


@pytest.mark.parametrize("case", GALLABOX, ids=lambda case: case["name"])
def test_every_case_of_gallabox_means_what_it_should(case):
    body = case["request"]["body"].encode()
    if not case["expect"]["valid"]:
        with pytest.raises(Forged):
            gallabox_wire().receive("", b"", headers_of(case), body)
        return
    found = neutral(gallabox_wire().receive("", b"", headers_of(case), body))
    for one in found:
        if one["kind"] == "message":
            assert one.pop("sent_at") == 1789999990
    assert found == wanted(case)


def test_gallabox_s_page_can_be_read_in_two_ways_and_both_need_the_secret():
    case = named(GALLABOX, "message-received")
    body, event = case["request"]["body"].encode(), (b"x-event-name", b"Message.Received")
    secret = case["config"]["webhook_secret"]
    for reading in ("secret", "base64"):
        headers = [event, (b"x-gallabox-signature", gallabox_signature(secret, body, reading).encode())]
        assert len(gallabox_wire().receive("", b"", headers, body).items) == 1
    for wrong, wire in (("another", gallabox_wire()), ("", gallabox_wire(api_secret=""))):
        headers = [event, (b"x-gallabox-signature", gallabox_signature(wrong, body).encode())]
        with pytest.raises(Forged):
            wire.receive("", b"", headers, body)


def test_a_gallabox_channel_takes_only_its_own():
    case = named(GALLABOX, "message-received")
    body = case["request"]["body"].encode()
    delivery = gallabox_wire(channel_id="another").receive("", b"", headers_of(case), body)
    assert delivery.items == []
    assert "000000000000000000000c01" in (delivery.unrouted or "")


def test_an_empty_secret_signs_nothing():
    body = body_of(message(text={"body": "x"}))
    with pytest.raises(Forged):
        meta_wire(app_secret="").receive("", b"", raw(signed(body, "")), body)


@pytest.mark.parametrize(
    ("kind", "content", "text", "details"),
    [
        ("video", {"id": "1", "mime_type": "video/mp4", "caption": "look"}, "look", {}),
        ("sticker", {"id": "1", "mime_type": "image/webp"}, "", {}),
        (
            "location",
            {"latitude": 12.97, "longitude": 77.59, "name": "Home", "address": "1 Main St"},
            "Home, 1 Main St",
            {"location": {"latitude": 12.97, "longitude": 77.59, "name": "Home", "address": "1 Main St"}},
        ),
        ("location", {"latitude": 999, "longitude": 1}, "", {"unsupported": True}),
        (
            "interactive",
            {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": '{"flow_token":"t","day":"Friday"}'}},
            "day: Friday",
            {},
        ),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": "{"}}, "Sent", {}),
        ("interactive", {"type": "something new"}, "", {"unsupported": True}),
        ("order", {"text": "Two please", "product_items": [{"product_retailer_id": "brush", "quantity": 2}]}, None, {}),
        ("system", {"body": "Ann changed to a new number", "type": "user_changed_number"}, None, {}),
        ("image", {"caption": "no id"}, "no id", {"unsupported": True}),
    ],
)
def test_kinds_without_a_published_case(kind, content, text, details):
    item = read(message(kind, **{kind: content})).items[0]
    assert isinstance(item, InboundMessage)
    if text is not None:
        assert item.body == text
    else:
        assert item.body
    for name, told in details.items():
        assert getattr(item.details, name) == told
    assert item.details.unsupported is details.get("unsupported", False)


def test_shared_contacts_are_cards():
    cards = [{"name": {"formatted_name": "Dr. Rao"}, "phones": [{"phone": "+1 202 555 0199"}, {"type": "HOME"}]}]
    item = read(message("contacts", contacts=cards)).items[0]
    assert isinstance(item, InboundMessage)
    assert item.details.contacts == [{"name": "Dr. Rao", "phones": ["+1 202 555 0199"]}]


def test_names_are_found_by_number_not_by_place():
    told = message(text={"body": "hi"})
    told["contacts"] = [{"profile": {"name": "Somebody else"}, "wa_id": "12025550999"}, *told["contacts"]]
    item = read(told).items[0]
    assert isinstance(item, InboundMessage)
    assert item.name == "Ann Example"


@pytest.mark.parametrize(
    ("kind", "content", "word"),
    [
        ("text", {"body": " Stop "}, "stop"),
        ("text", {"body": "please do not stop"}, None),
        ("button", {"text": "Cancel", "payload": "cancel:appt-42"}, None),
        ("button", {"text": "Yes", "payload": "confirm:appt-42"}, None),
        ("button", {"text": "Stop promotions", "payload": "Stop promotions"}, "stop"),
    ],
)
def test_what_is_typed_is_a_keyword_and_a_tapped_cancel_is_not(kind, content, word):
    item = read(message(kind, **{kind: content})).items[0]
    assert isinstance(item, InboundMessage)
    assert item.opt_out == word


def test_one_bad_part_does_not_lose_the_others():
    good = [
        {"from": PATIENT[1:], "id": f"wamid.{i}", "timestamp": "1", "type": "text", "text": {"body": str(i)}}
        for i in range(999)
    ]
    bad: list[Any] = [
        {"from": "nobody", "id": "x", "type": "text"},
        {"type": "text"},
        "odd",
        {"id": "y" * 500, "from": "12025550111"},
    ]
    delivery = read(
        value(messages=[*good[:500], *bad, *good[500:]]),
        value(
            statuses=[
                {"id": "wamid.a", "status": "read", "timestamp": "1"},
                {"status": "read"},
                {"id": "b", "status": "new"},
            ]
        ),
    )
    assert [item.body for item in delivery.items if isinstance(item, InboundMessage)] == [str(i) for i in range(999)]
    assert [item.status for item in delivery.items if isinstance(item, StatusReport)] == ["read"]
    assert "cannot be read" in (delivery.unrouted or "")
    # Each keeps its own part of the delivery, not all of it.
    assert all(len(item.raw) < 600 for item in delivery.items if isinstance(item, InboundMessage))


@pytest.mark.parametrize(
    ("field", "told", "meant"),
    [
        ("phone_number_quality_update", {"display_phone_number": ADDRESS[1:], "event": "FLAGGED"}, True),
        ("phone_number_quality_update", {"display_phone_number": ADDRESS[1:], "event": "UPGRADE"}, False),
        ("phone_number_quality_update", {"display_phone_number": "12025550999", "event": "FLAGGED"}, False),
        ("account_update", {"event": "ACCOUNT_RESTRICTION"}, True),
        ("account_update", {"event": "VERIFIED_ACCOUNT"}, False),
        ("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, False),
    ],
)
def test_what_meta_says_about_number_and_account(field, told, meant):
    delivery = read(told, field=field)
    assert [type(item) for item in delivery.items] == ([ChannelTrouble] if meant else [])
    assert meant or delivery.ignored


def test_an_account_s_news_are_not_for_another_account():
    told = {"event": "APPROVED", "message_template_name": "t", "message_template_language": "en"}
    assert [type(i) for i in read(told, field="message_template_status_update").items] == [TemplateReport]
    assert read(told, field="message_template_status_update", account="1").items == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"entry":1}',
        b'{"entry":"\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 5_000,
    ],
    ids=["empty", "cut", "list", "text", "bytes", "number", "surrogate", "brackets", "objects", "digits"],
)
def test_a_signed_body_that_cannot_be_read_is_refused_at_once(body):
    began = time.perf_counter()
    with pytest.raises(Malformed):
        meta_wire().receive("", b"", raw(signed(body)), body)
    secret = named(GALLABOX, "message-received")["config"]["webhook_secret"]
    headers = [
        (b"x-event-name", b"Message.Received"),
        (b"x-gallabox-signature", gallabox_signature(secret, body).encode()),
    ]
    if body != b'{"entry":1}':
        with pytest.raises(Malformed):
            gallabox_wire().receive("", b"", headers, body)
    assert time.perf_counter() - began < 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "from",
                    "id",
                    "type",
                    "text",
                    "image",
                    "contacts",
                    "reaction",
                    "interactive",
                    "location",
                    "order",
                    "context",
                    "timestamp",
                    "errors",
                    "code",
                    "statuses",
                    "messages",
                    "profile",
                    "name",
                    "phones",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(
    _json,
    st.sampled_from(["text", "image", "contacts", "reaction", "interactive", "location", "order", "system", "button"]),
)
def test_no_shape_makes_it_fall_over(odd, kind):
    told = {"from": PATIENT[1:], "id": "wamid.T", "timestamp": odd, "type": kind, kind: odd, "context": odd}
    for one in (
        value(messages=[told]),
        value(messages=odd, statuses=odd, contacts=odd, errors=odd),
        value(statuses=[odd]),
    ):
        read(one)
    read(odd, field="account_update")  # type: ignore[arg-type]
