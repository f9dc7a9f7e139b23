"""What Twilio signs and sends: every published case, the library's validator beside ours, what must be refused."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from app.channels.adapters.base import InboundMessage, StatusReport
from app.channels.adapters.twilio_wire import TwilioWire, opt_out_word, parse_form, signed_text
from app.channels.errors import Forged, Malformed
from tests.channels.cases import ADDRESS, WEBHOOKS, by_name, deliver, neutral, wire_of

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://desk.example.com/webhooks/twilio/c1"


class Many(dict[str, list[str]]):
    """Parameters with several values, as the library reads them."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def wire(url: str = URL, **changes: Any) -> TwilioWire:
    return TwilioWire(
        **{
            "webhook_url": url,
            "auth_token": TOKEN,
            "account_sid": "AC1",
            "kind": "sms",
            "address": ADDRESS,
            "secret": "a secret of sixteen",
            **changes,
        }
    )


def signed(pairs: list[tuple[str, str]], url: str = URL) -> list[tuple[bytes, bytes]]:
    many = Many()
    for name, value in pairs:
        many.setdefault(name, []).append(value)
    signature = RequestValidator(TOKEN).compute_signature(url, many)
    return [(b"content-type", b"application/x-www-form-urlencoded"), (b"x-twilio-signature", signature.encode())]


def message(**fields: str) -> list[tuple[str, str]]:
    form = {"MessageSid": "SM1", "AccountSid": "AC1", "From": "+12025550111", "To": ADDRESS, "Body": "Hello"}
    return list({**form, **fields}.items())


def receive(pairs: list[tuple[str, str]], *, url: str = URL, at: TwilioWire | None = None) -> Any:
    return (at or wire()).receive("", b"", signed(pairs, url), urlencode(pairs).encode())


@pytest.mark.parametrize("case", WEBHOOKS, ids=lambda case: case["name"])
def test_every_published_case_means_what_it_should(case):
    if not case["expect"]["valid"]:
        with pytest.raises(Forged):
            deliver(wire_of(case), case)
        return
    wanted = [{key: value for key, value in event.items() if key != "channel"} for event in case["expect"]["events"]]
    for event in wanted:
        if event.get("status") == "undelivered":
            event["status"] = "failed"
    assert neutral(deliver(wire_of(case), case)) == wanted


@pytest.mark.parametrize("case", WEBHOOKS, ids=lambda case: case["name"])
def test_the_library_agrees_about_every_case(case):
    request = case["request"]
    seen = urlsplit(request["url"])
    url = case["config"]["public_base_url"] + seen.path + (f"?{seen.query}" if seen.query else "")
    many = Many()
    for name, value in parse_qsl(request["body"], keep_blank_values=True):
        many.setdefault(name, []).append(value)
    theirs = RequestValidator(case["config"]["auth_token"]).validate(
        url, many, request["headers"].get("X-Twilio-Signature", "")
    )
    try:
        deliver(wire_of(case), case)
        ours = True
    except Forged:
        ours = False
    assert ours == theirs


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=30)), max_size=12))
def test_a_form_is_read_as_the_standard_library_reads_it(pairs):
    body = urlencode(pairs, errors="replace").encode()
    wanted = parse_qsl(body.decode(), keep_blank_values=True)
    assert parse_form(body) == wanted


@given(st.lists(st.tuples(st.sampled_from("abAB_"), st.text(max_size=5)), max_size=8))
def test_the_signature_is_the_library_s_also_for_repeated_names(pairs):
    many = Many()
    for name, value in pairs:
        many.setdefault(name, []).append(value)
    try:
        wanted = RequestValidator(TOKEN).compute_signature(URL, many)
    except UnicodeEncodeError:
        return
    assert wire().signature("", pairs) == wanted


@pytest.mark.parametrize(
    ("configured", "signed_for"),
    [
        ("https://desk.example.com/w", "https://desk.example.com:443/w"),
        ("https://desk.example.com:8443/w", "https://desk.example.com/w"),
        ("http://localhost:8000/w", "http://localhost:8000/w"),
        ("http://desk.example.com/w", "http://desk.example.com:80/w"),
    ],
)
def test_the_address_counts_with_and_without_its_port(configured, signed_for):
    assert receive(message(), url=signed_for, at=wire(configured)).items


def test_another_host_is_forged():
    with pytest.raises(Forged):
        receive(message(), url="https://evil.example.com/webhooks/twilio/c1")


def test_json_without_its_digest_in_the_address_is_forged():
    body = b'{"MessageSid":"SM1"}'
    signature = RequestValidator(TOKEN).compute_signature(URL, {})
    headers = [(b"content-type", b"application/json"), (b"x-twilio-signature", signature.encode())]
    with pytest.raises(Forged):
        wire().receive("", b"", headers, body)


def test_json_bound_by_its_digest_is_genuine_but_not_a_text():
    body = b'{"MessageSid":"SM1"}'
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(f"{URL}?{query}", {})
    headers = [(b"content-type", b"application/json"), (b"x-twilio-signature", signature.encode())]
    with pytest.raises(Malformed):
        wire().receive("", query.encode(), headers, body)
    with pytest.raises(Forged):
        wire().receive("", query.encode(), headers, body + b" ")


@pytest.mark.parametrize("content_type", [b"", b"text/plain", b"multipart/form-data; boundary=x"])
def test_other_content_types_are_forged(content_type):
    headers = [(b"content-type", content_type), signed(message())[1]]
    with pytest.raises(Forged):
        wire().receive("", b"", headers, urlencode(message()).encode())


@pytest.mark.parametrize("fields", [{"MessageSid": ""}, {"MessageSid": "SM1 or 1=1"}, {"From": ""}, {"To": ""}])
def test_a_genuine_delivery_without_what_it_needs_is_malformed(fields):
    with pytest.raises(Malformed):
        receive(message(**fields))


def test_a_thousand_and_one_parameters_are_malformed():
    with pytest.raises(Malformed):
        receive(message() + [(f"x{i}", "") for i in range(1001)])


@pytest.mark.parametrize(
    "fields",
    [
        {"AccountSid": "AC2"},
        {"To": "+12025550199"},
        {"To": f"whatsapp:{ADDRESS}", "From": "whatsapp:+12025550111"},
        {"From": "+1202\x00555"},
    ],
)
def test_a_delivery_for_somebody_else_is_unrouted_never_guessed(fields):
    delivery = receive(message(**fields))
    assert delivery.unrouted
    assert not delivery.items


def test_the_attempt_s_token_comes_back_verified():
    channel = wire()
    url = channel.callback_url("attempt-7")
    pairs = message(MessageStatus="delivered", ErrorCode="")
    query = urlsplit(url).query
    delivery = channel.receive("/status", query.encode(), signed(pairs, url), urlencode(pairs).encode())
    assert delivery.items == [StatusReport(provider_id="SM1", status="delivered", token="attempt-7")]


def test_a_token_that_is_not_ours_is_no_token():
    pairs = message(MessageStatus="sent")
    url = f"{URL}/status?a=YXR0ZW1wdA..made-up"
    delivery = wire().receive("/status", urlsplit(url).query.encode(), signed(pairs, url), urlencode(pairs).encode())
    assert delivery.items == [StatusReport(provider_id="SM1", status="sent")]


def test_an_unknown_state_changes_nothing():
    assert receive(message(MessageStatus="teleported")).items == []


@pytest.mark.parametrize(
    ("body", "named", "wanted"),
    [
        ("STOP", None, "stop"),
        (" stop ", None, "stop"),
        ("Stop\n", None, "stop"),
        ("ＳＴＯＰ", None, "stop"),
        ("unsubscribe", None, "stop"),
        ("please stop by at 4", None, None),
        ("stopp", None, None),
        ("yes", None, "start"),
        ("start", None, "start"),
        ("help", None, "help"),
        ("anything", "STOP", "stop"),
        ("STOP", "HELP", "help"),
        ("", None, None),
    ],
)
def test_opt_out_words(body, named, wanted):
    assert opt_out_word(body, named) == wanted


def test_hostile_text_arrives_as_it_is():
    text = "\x00<script>alert(1)</script>\u202eabc\u200b😀" * 50
    item = receive(message(Body=text, ProfileName="\x07Ann\u202e")).items[0]
    assert isinstance(item, InboundMessage)
    assert item.body == text
    assert item.name == "Ann"


@pytest.mark.parametrize("count", ["-1", "x", "99999999", "", "10"])
def test_files_are_counted_with_care(count):
    fields = {
        "NumMedia": count,
        "MediaUrl0": "https://api.twilio.com/m",
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": "http://169.254.169.254/latest",
        "MediaUrl11": "https://api.twilio.com/n",
    }
    item = receive(message(**fields)).items[0]
    named = ["https://api.twilio.com/m", "http://169.254.169.254/latest"]  # the fetching refuses the second
    assert [file.url for file in item.attachments] == (named if count == "10" else [])


def test_signed_text_takes_each_distinct_value_once():
    assert signed_text([("b", "2"), ("a", "y"), ("a", "x"), ("a", "x")]) == "axayb2"


def test_changed_by_one_byte_is_forged():
    case = by_name("sms-text")
    body = case["request"]["body"]
    for place in range(0, len(body), 37):
        changed = body[:place] + ("A" if body[place] != "A" else "B") + body[place + 1 :]
        if parse_form(changed.encode()) != parse_form(body.encode()):
            with pytest.raises(Forged):
                deliver(wire_of(case), case, body=changed)
