"""Mail over HTTP: what SendGrid and Postmark deliver is stored once, and what is hostile harms nobody."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.support.mail import CREDENTIALS, basic, deliver, form, mailbox, messages, post, written
from tests.support.pictures import bomb

FIXTURES = Path(__file__).parents[1] / "channels" / "fixtures"
CASES = [
    case
    for name in ("sendgrid/inbound_parse.json", "postmark/inbound.json")
    for case in json.loads((FIXTURES / name).read_text())
]


async def deliver_case(clinic, case):
    told, request = case["config"]["basic_auth"], case["request"]
    channel = await clinic.channel(
        "c_1@reply.example.com",
        kind="email",
        provider=case["provider"],
        credentials={**CREDENTIALS[case["provider"]], "inbound_secret": told["password"]},
    )
    body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    path = channel.webhook_url.removeprefix(clinic.product.url)
    return [await clinic.outside.post(path, content=body, headers=request["headers"]) for _ in range(2)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['provider']}-{case['name']}")
async def test_every_published_delivery(clinic, case):
    answers = await deliver_case(clinic, case)
    stored = await messages(clinic)
    if not case["expect"]["valid"]:
        assert {answer.status_code for answer in answers} == {403}
        assert stored == []
        assert clinic.product.sql("select 1 from webhook_delivery where clinic_id = %s", clinic.id) == []
        return
    assert {answer.status_code for answer in answers} == {200}
    (wanted,) = case["expect"]["events"]
    (message,) = stored
    details = message["details"]
    assert message["provider_id"] == details["mail_id"] == wanted["id"]
    assert message["contact"]["email"] == wanted["from"]
    assert message["body"][: details.get("quoted_at")] == wanted["text"]
    assert details["subject"] == wanted["subject"]
    assert details["reply_to"] == wanted["in_reply_to"]
    got = [(file["type"], file["name"], file["size"]) for file in message["attachments"] if file["state"] == "stored"]
    refused = [file["name"] for file in message["attachments"] if file["state"] == "refused"]
    for file in wanted.get("media", ()):
        # The published picture is 72 bytes that only begin like one: it is refused, and says so.
        assert (file["type"], file["filename"], file["size"]) in got or file["filename"] in refused


async def test_who_may_deliver(clinic):
    channel = await mailbox(clinic)
    body, kind = form({"email": written().as_bytes()})
    for header in (
        "",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"orasync").decode(),
        "Bearer x",
        *basic("").values(),
    ):
        assert (await post(channel, body, kind, authorization=header)).status_code == 403
    assert (await post(channel, body, kind, **basic("another"))).status_code == 403
    assert await messages(clinic) == []
    assert (await post(channel, body, kind, **basic(user="parse"))).status_code == 200
    # Another provider's door, and one nobody has.
    path = channel.webhook_url.removeprefix(clinic.product.url)
    for wrong in (path.replace("sendgrid", "postmark"), path.replace("sendgrid", "mailgun"), path + "/x"):
        assert (await clinic.outside.post(wrong, content=b"{}", headers=basic())).status_code == 404
    assert len(await messages(clinic)) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\ncut', "multipart/form-data; boundary=x"),
        (b"--x--\r\n", "multipart/form-data; boundary=x"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"{}", ""),
    ],
)
async def test_what_cannot_be_read_is_asked_for_again(clinic, body, kind):
    """A 4xx would destroy a patient's mail."""
    assert (await post(await mailbox(clinic), body, kind)).status_code == 503
    postmark = await mailbox(clinic, "postmark", "other@clinic.example")
    for broken in (b"", b"[]", b'{"MessageID":1}', b"[" * 100_000, b"\xff\xfe"):
        assert (await post(postmark, broken, "application/json")).status_code == 503
    assert await messages(clinic) == []


async def test_the_largest_mail(clinic):
    channel = await mailbox(clinic)
    limit = 25 * 1024 * 1024
    start, kind = form({"email": written().as_bytes()})
    whole = start.replace(b"--xYzZY--", b"--xYzZY\r\nContent-Disposition: form-data; name=pad\r\n\r\n", 1).rstrip()
    end = b"\r\n--xYzZY--\r\n"
    body = whole + b"\r\n\r\n" + b"x" * (limit - len(whole) - len(end) - 4) + end
    assert len(body) == limit
    assert (await post(channel, body + b"x", kind)).status_code == 413
    assert (await post(channel, body, kind)).status_code == 200
    assert len(await messages(clinic)) == 1


def deep(levels: int) -> bytes:
    body = b"Content-Type: text/plain\n\nin the middle\n"
    for level in range(levels):
        mark = b"b%d" % level
        body = (
            b"Content-Type: multipart/mixed; boundary="
            + mark
            + b"\n\n--"
            + mark
            + b"\n"
            + body
            + b"\n--"
            + mark
            + b"--\n"
        )
    return b"From: Ann <ann@example.com>\nMessage-ID: <deep%d@x.example>\nSubject: deep\n" % levels + body


async def test_hostile_mails_are_kept_and_harm_nobody(clinic):
    channel = await mailbox(clinic)
    head = b"From: Ann <ann@example.com>\nMessage-ID: <%d@x.example>\nSubject: s\n"
    mails = [
        deep(50),
        deep(300),
        head % 1 + b"Content-Type: text/plain; charset=x-nobody-knows\n\nGr\xfc\xdfe\n",
        head % 2 + b"Content-Type: text/plain; charset=utf-16\n\nodd\n",
        head % 3 + b"Content-Type: text/plain; charset=utf-8\n\n" + "\U0001f600".encode() * 250_000,
        head % 4 + b"To: " + b", ".join(b"p%d@x.example" % n for n in range(10_000)) + b"\n\nmany\n",
        head % 5 + b"X-Huge: " + b"x" * 300_000 + b"\n\nhuge\n",
        head % 6 + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 20_000,
        head % 7 + b"\na\x00b\n",
        head % 8 + b"Content-Type: text/html\n\n" + b"<div>" * 100_000 + b"deep words",
        head % 9 + b"Content-Type: multipart/mixed; boundary=b\n\nnever begun",
        b"From: x\xff@\xfe\nReply-To: ann@example.com\nMessage-ID: <10@x.example>\n\nno sender\n",
    ]
    for number, mail in enumerate(mails):
        answer = await deliver(channel, mail)
        assert answer.status_code == 200, (number, answer.text)
    stored = await messages(clinic)
    assert len(stored) == len(mails)
    words = {one["provider_id"]: one for one in stored}
    assert words["<deep50@x.example>"]["body"] == "in the middle"
    assert words["<deep300@x.example>"]["attachments"][0]["name"] == "mail.eml"
    assert words["<1@x.example>"]["body"] == "Grüße"
    assert words["<7@x.example>"]["body"] == "ab"
    long = words["<3@x.example>"]
    assert len(long["body"]) <= 100_000
    assert (long["attachments"][0]["name"], long["attachments"][0]["size"]) == ("Whole mail.txt", 1_000_000)
    assert len(words["<4@x.example>"]["details"]["cc"]) <= 20
    assert words["<8@x.example>"]["body"] == "deep words"
    assert "has_html" not in words["<8@x.example>"]["details"]


async def test_bombs_do_not_go_off(clinic):
    channel = await mailbox(clinic)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(100_000_000))
    mail = written("two bombs")
    mail.add_attachment(packed.getvalue(), "application", "zip", filename="bomb.zip")
    mail.add_attachment(bomb(), "image", "png", filename="bomb.png")
    assert (await deliver(channel, mail)).status_code == 200
    (message,) = await messages(clinic)
    files = {file["name"]: file for file in message["attachments"]}
    assert files["bomb.png"]["state"] == "refused"
    # Never unpacked: it is as large as it came, or was not kept at all.
    assert files["bomb.zip"]["state"] == "refused" or files["bomb.zip"]["size"] == len(packed.getvalue())
    # A packed request is not unpacked either; nobody we know sends one.
    body, kind = form({"email": written().as_bytes()})
    answer = await post(channel, gzip.compress(body), kind, **{"content-encoding": "gzip"})
    assert answer.status_code == 503
    assert len(await messages(clinic)) == 1


async def test_a_mail_taken_apart_in_several_charsets(clinic):
    channel = await mailbox(clinic)
    fields = {
        "headers": "Message-ID: <apart@x.example>\nFrom: =?utf-8?Q?J=C3=BCrgen?= <j@example.com>\n",
        "from": "Jürgen <j@example.com>".encode("latin-1"),
        "subject": "Grüße".encode("latin-1"),
        "text": "schön".encode("cp1252"),
        "html": "<p>schön</p>".encode(),
        "envelope": json.dumps({"to": ["other@elsewhere.example", "desk+x@clinic.example"], "from": "j@example.com"}),
        "charsets": json.dumps({"subject": "iso-8859-1", "text": "windows-1252", "html": "UTF-8"}),
        "attachment-info": json.dumps({"attachment1": {"content-id": "<pic>"}}),
    }
    body, kind = form(fields, [(f"attachment{n}", f"{n}.txt", "text/plain", b"x") for n in range(1, 120)])
    assert (await post(channel, body, kind)).status_code == 200
    (message,) = await messages(clinic)
    assert (message["body"], message["details"]["subject"]) == ("schön", "Grüße")
    assert message["contact"]["name"] == "Jürgen"
    assert message["details"]["has_html"] is True
    assert "html" not in message["details"]


async def test_another_mailbox_of_the_domain_is_unrouted(clinic):
    channel = await mailbox(clinic)
    answer = await deliver(channel, written(To="nobody@clinic.example"), to="nobody@clinic.example")
    assert answer.status_code == 200
    assert await messages(clinic) == []
    rows = clinic.product.sql("select reason from unrouted_delivery where channel_id = %s", channel.id)
    assert "nobody@clinic.example" in rows[0][0]
    # Forwarded by the clinic's own mail server to an address the provider thought up.
    assert (await deliver(channel, written(), to="abc123@inbound.provider.example")).status_code == 200
    assert len(await messages(clinic)) == 1


async def test_machines_are_known_as_machines(clinic):
    channel = await mailbox(clinic)
    for name in ("out-of-office.eml", "mailing-list.eml"):
        assert (await deliver(channel, (FIXTURES / "email" / name).read_bytes(), to=channel.address)).status_code == 200
    assert [one["details"]["auto_reply"] for one in await messages(clinic)] == [True, True]
    # A notice of delay is nothing anybody wrote.
    notice = (FIXTURES / "email" / "delay-notice.eml").read_bytes()
    assert (await deliver(channel, notice, sender="")).status_code == 200
    assert len(await messages(clinic)) == 2


async def test_a_person_who_writes_about_a_bounce_is_a_person(clinic):
    channel = await mailbox(clinic)
    claim = (
        b"From: Eve <eve@example.com>\nMessage-ID: <claim@x.example>\nSubject: Undelivered Mail\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        b"--b\nContent-Type: text/plain\n\nben is gone\n"
        b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        b"Final-Recipient: rfc822; ben@example.com\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
    assert (await deliver(channel, claim, sender="eve@example.com")).status_code == 200
    (message,) = await messages(clinic)
    assert message["body"] == "ben is gone"


async def test_ten_megabytes_cost_the_process_less_than_sixty(clinic):
    channel = await mailbox(clinic)
    assert (await deliver(channel, written())).status_code == 200
    mail = written("With a scan")
    mail.add_attachment(b"%PDF-1.7\n" + os.urandom(7_300_000), "application", "pdf", filename="scan.pdf")
    raw = mail.as_bytes()
    assert len(raw) > 9_800_000
    process = Path("/proc") / str(clinic.product.web[0].child.pid)
    (process / "clear_refs").write_text("5")  # forget the peak so far
    before = _memory(process, "VmRSS")
    assert (await deliver(channel, raw)).status_code == 200
    assert (await messages(clinic))[-1]["attachments"][0]["size"] == 7_300_009
    grown = _memory(process, "VmHWM") - before
    assert grown < 60_000, grown


def _memory(process, what):
    """KiB of memory a process has."""
    line = next(line for line in (process / "status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1])
