"""Mails as real programs write them, and as nobody should."""

from __future__ import annotations

import json
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.adapters.base import Bounce, InboundMessage
from app.channels.adapters.mail_message import DEEPEST, LONGEST_TEXT, MOST_PARTS, mail_items, parse_mail
from app.channels.adapters.mail_wire import delivery_of
from app.channels.adapters.sendgrid_wire import read_form
from app.kit.html import clean_html, html_to_text, with_pictures
from app.kit.quoting import quote_start
from tests.support.mail import form

FOLDER = Path(__file__).parent / "fixtures" / "email"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
ADDRESS = "c_1@reply.example.com"


@pytest.mark.parametrize("wanted", EXPECTED, ids=lambda wanted: wanted["file"])
def test_every_published_mail(wanted):
    mail = parse_mail((FOLDER / wanted["file"]).read_bytes())
    assert mail.kind == wanted["kind"]
    if mail.report:
        (one,) = mail.report.recipients
        assert one.address == wanted["recipient"]
        assert mail.report.mail_id == wanted["original_id"]
        assert one.permanent == wanted.get("permanent", False)
        assert one.status == wanted.get("status", "")
        return
    got = {
        "id": mail.mail_id,
        "from": mail.from_address,
        "from_name": mail.name,
        "subject": mail.subject,
        "in_reply_to": mail.in_reply_to,
        "references": mail.references,
        "text": mail.text[: mail.quoted_at],
    }
    assert got == {name: wanted[name] for name in got}
    files = [
        {"filename": file.name, "type": file.type, "size": file.size, "inline": file.content_id is not None}
        | ({"content_id": file.content_id} if file.content_id else {})
        for file in mail.attachments
    ]
    assert files == wanted["attachments"]
    (item,) = mail_items(mail, channel_address=ADDRESS)
    assert isinstance(item, InboundMessage)
    assert item.details.auto_reply == (wanted["kind"] != "message")
    assert item.body == mail.text  # the whole text is kept


def bounce(name: str, **changes: bytes) -> list:
    raw = (FOLDER / name).read_bytes()
    parts = {"sender": b"Return-Path: <>", "original": b"Message-ID: <out-20@inbox.example.com>"}
    for what, new in changes.items():
        raw = raw.replace(parts[what], new)
    return mail_items(parse_mail(raw), channel_address=ADDRESS)


def test_what_reports_mean():
    (hard,) = bounce("bounce-hard.eml")
    assert hard == Bounce(
        address="ben@example.com", reason="550 5.1.1 user unknown", final=True, mail_id="<out-20@inbox.example.com>"
    )
    (full,) = bounce("bounce-mailbox-full.eml")
    assert (full.final, full.complaint) == (False, False)
    assert bounce("delay-notice.eml") == []
    (complaint,) = bounce("complaint-arf.eml")
    assert (complaint.address, complaint.final, complaint.complaint) == ("ben@example.com", True, True)


def test_a_report_that_names_no_mail_of_ours_stops_nobody():
    (nameless,) = bounce("bounce-hard.eml", original=b"X-Nothing: x")
    assert isinstance(nameless, Bounce)
    assert nameless.final is False
    (person,) = bounce("bounce-hard.eml", original=b"X-Nothing: x", sender=b"Return-Path: <eve@example.com>")
    assert isinstance(person, InboundMessage)
    assert person.details.auto_reply


@pytest.mark.parametrize(
    ("headers", "is_auto"),
    [
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: auto-generated", True),
        ("Auto-Submitted: auto-replied; owner=x", True),
        ("Precedence: bulk", True),
        ("Precedence: first-class", False),
        ("List-Id: <x>", True),
        ("Return-Path: <>", True),
        ("Return-Path: <ann@example.com>", False),
        ("From: no-reply@shop.example", True),
        ("From: MAILER-DAEMON@mx.example", True),
        ("From: noreen@example.com", False),
    ],
)
def test_machines(headers, is_auto):
    assert parse_mail(f"{headers}\nFrom: Ann <ann@example.com>\n\nhello".encode()).auto_reply is is_auto


def test_a_form_of_the_website_writes_in_the_patients_name():
    head = b"From: Website <noreply@clinic.example>\nReply-To: Ann <ann@example.com>\n"
    mail = parse_mail(head + b"\nMay I come?")
    assert (mail.from_address, mail.auto_reply) == ("ann@example.com", False)
    mail = parse_mail(head + b"Auto-Submitted: auto-generated\n\nMay I come?")
    assert (mail.from_address, mail.auto_reply) == ("noreply@clinic.example", True)


def test_a_report_taken_apart_by_the_provider_is_one_and_an_attached_one_is_not():
    status = b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ben@example.com\nAction: failed\nStatus: 5.1.1\n"
    files = [
        ("attachment1", "a", "message/delivery-status", status),
        ("attachment2", "b", "message/rfc822", b"Message-ID: <out-20@inbox.example.com>\n\nHello"),
    ]
    for head, is_report in (
        ("From: MAILER-DAEMON@mx.example\n", True),
        ("From: Mail <mail@mx.example>\nContent-Type: multipart/report; boundary=x\n", True),
        ("From: eve@example.com\n", False),
        ("From: eve@example.com\nContent-Type: multipart/mixed; boundary=x\n", False),
    ):
        body, kind = form({"headers": head, "text": "It did not arrive."}, files)
        (item,) = mail_items(read_form(kind.encode(), body, ADDRESS), channel_address=ADDRESS)
        assert isinstance(item, Bounce) is is_report, head


def test_only_ones_own_words_stop():
    def word(text, **more):
        mail = EmailMessage()
        for name, value in {"From": "ann@example.com", **more}.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        (item,) = mail_items(parse_mail(mail.as_bytes()), channel_address=ADDRESS)
        return item.opt_out

    assert word("STOP\n\nOn Monday, Clinic wrote:\n> Reply STOP to opt out") == "stop"
    assert word("Thanks\n\nOn Monday, Clinic wrote:\n> STOP") is None
    assert word("stop", Auto_Submitted="auto-replied") is None


def test_without_an_id_the_bytes_are_the_id():
    one, same, other = (parse_mail(b"From: a@b.example\n\n" + text) for text in (b"x", b"x", b"y"))
    assert one.mail_id == same.mail_id != other.mail_id
    long = parse_mail(b"Message-ID: <" + b"x" * 200 + b"@y>\nFrom: a@b.example\n\nx")
    (item,) = mail_items(long, channel_address=ADDRESS)
    assert len(item.provider_id) <= 128


def test_whose_mail_it_is():
    def to(address, **more):
        head = "".join(f"{name}: {value}\n" for name, value in more.items())
        return parse_mail(f"From: a@b.example\n{head}\nx".encode(), envelope_to=address)

    assert delivery_of(to("C_1+token@Reply.example.com"), ADDRESS).items
    assert delivery_of(to("forwarded@inbound.example.net"), ADDRESS).items
    assert delivery_of(to(None), ADDRESS).items
    assert delivery_of(to("list@reply.example.com", To=f"Desk <{ADDRESS}>"), ADDRESS).items
    assert delivery_of(to("abc123+c_1@reply.example.com"), ADDRESS).items
    assert delivery_of(to("nobody@reply.example.com"), ADDRESS).unrouted
    (item,) = delivery_of(to("x@inbound.example.net", To="c_1+tok@reply.example.com, eve@b.example"), ADDRESS).items
    assert item.to_address == "c_1+tok@reply.example.com"
    assert item.details.cc == ["eve@b.example"]
    assert delivery_of(parse_mail(b"\n\nnobody wrote this"), ADDRESS).unrouted


# -- what nobody should write


def harmless(raw: bytes) -> None:
    mail = parse_mail(raw, envelope_to="x@y.example")
    items = mail_items(mail, channel_address=ADDRESS)
    assert len(mail.text) <= LONGEST_TEXT
    assert mail.quoted_at is None or 0 < mail.quoted_at < len(mail.text)
    assert len(mail.attachments) <= MOST_PARTS + 1
    assert len(items) <= 51
    texts = [mail.text, mail.subject, mail.name or "", mail.mail_id, mail.from_address, mail.html or "", mail.raw]
    for text in [*texts, *mail.references, *mail.recipients, *(file.name + file.type for file in mail.attachments)]:
        text.encode()  # no half characters: PostgreSQL refuses them
        assert "\x00" not in text
    assert "\n" not in mail.subject + (mail.name or "") + mail.mail_id + mail.from_address


SEEDS = [path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))]
TOKENS = [
    *(
        b"\n",
        b"\r",
        b"\x00",
        b"--b1\n",
        b"--b1--",
        b"\xff\xfe",
        b"=?utf-8?q?=",
        b"=?x-nobody?B?AAA?=",
        b"<",
        b'"',
        b"@",
        b":",
    ),
    *(b"Content-Type: multipart/report; boundary=b1\n", b"Content-Type: message/rfc822\n\n", b";charset=utf-16"),
    *(b";charset=idna", b";charset=rot13", b"; charset*0*=x'y'z", b"Content-Transfer-Encoding: x-uuencode\n\n"),
    *(b"Content-Transfer-Encoding: base64\n\n!!!", b"message/external-body", b"message/delivery-status", b"From: "),
]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes(raw):
    harmless(raw)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 30), st.sampled_from(TOKENS)), min_size=1, max_size=8),
)
def test_any_damage(seed, damage):
    raw = bytearray(seed)
    for at, length, token in damage:
        raw[at % len(raw) : at % len(raw) + length] = token
    harmless(bytes(raw))


LEAVES = st.tuples(
    st.sampled_from(["text/plain", "text/html", "image/png", "application/x", "message/delivery-status", "bad"]),
    st.sampled_from(["7bit", "base64", "quoted-printable", "x-unknown", "8bit"]),
    st.binary(max_size=60),
)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


def grown(tree, number: int = 0) -> bytes:
    if isinstance(tree, tuple):
        kind, encoding, data = tree
        return f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + data + b"\n"
    mark = f"mark{number}"
    parts = b"".join(f"--{mark}\n".encode() + grown(one, number + 1) for one in tree)
    return f'Content-Type: multipart/mixed; boundary="{mark}"\n\n'.encode() + parts + f"--{mark}--\n".encode()


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_any_tree(tree):
    harmless(b"From: Ann <ann@example.com>\n" + grown(tree))


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 100_000,
        b"From: a@b.example\n" + b"X-A: b\n" * 300_000 + b"\n\nx",
        b"From: a@b.example\nTo: " + b"<a@b.example>, " * 100_000 + b"\n\nx",
        b"From: " + b"(" * 100_000 + b"\n\nx",
        b"From: a@b.example\nSubject: " + b"=?utf-8?q?x?= " * 50_000 + b"\n\nx",
        b"From: a@b.example\n\n" + b"\n" * 3_000_000,
        b"From: a@b.example\n\n" + b"On " * 300_000,
        b"From: a@b.example\n\n" + b"> a\n" * 200_000,
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div>" * 400_000,
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<a <b " * 300_000,
        b"Content-Type: message/rfc822\n\n" * 2_000 + b"x",
    ],
    ids=["parts", "headers", "to", "comments", "words", "lines", "on", "quotes", "divs", "tags", "letters"],
)
@pytest.mark.timeout(30)
def test_heavy_ones_end_soon(raw):
    harmless(raw)


def test_what_is_too_deep_is_kept_whole():
    for levels, is_read in ((DEEPEST - 2, True), (DEEPEST + 2, False)):
        tree: object = ("text/plain", "7bit", b"the middle")
        for _ in range(levels):
            tree = [tree]
        raw = b"From: Ann <ann@example.com>\nSubject: deep\n" + grown(tree)
        mail = parse_mail(raw)
        assert (mail.text == "the middle") is is_read
        assert mail.subject == "deep"
        assert is_read or [file.content for file in mail.attachments] == [raw]


def test_ten_megabytes_cost_less_than_sixty():
    """Counted where it matters: the most memory a process ever had, before and after."""
    program = """
import base64, os, resource
from app.channels.adapters.mail_message import parse_mail
parse_mail(b"From: a@b.example\\n\\nwarm")
lines = base64.encodebytes(os.urandom(7_400_000))
head = b"From: a@b.example\\nContent-Type: multipart/mixed; boundary=b\\n\\n--b\\n\\nhi\\n--b\\n"
raw = head + b"Content-Type: image/png\\nContent-Transfer-Encoding: base64\\n\\n" + lines + b"\\n--b--\\n"
del lines
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
mail = parse_mail(raw)
assert len(mail.attachments[0].content) == 7_400_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, len(raw))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    grown_kib, size = map(int, done.stdout.split())
    assert size > 9_900_000
    assert grown_kib < 60 * 1024


# -- HTML and quotes


def test_what_is_left_of_html():
    told = '<p onclick=x id=a class=b style="color:red;position:fixed" hx-get=/x>Hi <b>you</b></p><script>x</script>'
    assert clean_html(told) == '<p style="color:red">Hi <b>you</b></p>'
    assert clean_html('<a href="https://x.example">x</a>') == (
        '<a href="https://x.example" target="_blank" rel="noopener noreferrer">x</a>'
    )
    assert "href" not in clean_html('<a href="javascript:x">a</a><a href="//x">b</a><a href="/x">c</a>')
    assert "style" not in clean_html('<p style="background-color:u\\72l(https://x)">x</p>')


def test_pictures_are_quiet_until_asked():
    cleaned = clean_html(
        '<img src="https://x.example/a?b=1&c=2" alt="a"><img src="cid:one&quot;two"><img src="cid:none">'
    )
    assert ' src="' not in cleaned
    own = {'one"two': 'https://own.example/?a=1&b="2"'}
    quiet = with_pictures(cleaned, own, remote=False)
    assert quiet.count(' src="') == 1
    assert ' src="https://own.example/?a=1&amp;b=&quot;2&quot;"' in quiet
    assert ' src="https://x.example/a?b=1&amp;c=2"' in with_pictures(cleaned, own, remote=True)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/=\"'` abcimgsrcdataonx:&;#!-\n\t\\", max_size=200))
def test_cleaned_twice_is_the_same(text):
    once = clean_html(text)
    assert "<script" not in once
    html_to_text(once)
    shown = with_pictures(once, {}, remote=True)
    assert clean_html(clean_html(shown)) == clean_html(shown)


LINES = [
    *("", "> q", "> > q", "Hi", "--", "_" * 32, "From: x", "Sent: y", "To: z", "Sent from my iPhone"),
    *("On Monday, Ann wrote:", "Am 1.1. schrieb Ann:"),
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))
def test_ones_own_words_are_never_all_folded_away(text):
    at = quote_start(text)
    if at is not None:
        assert text[:at].strip()
        assert text[at:].strip()
