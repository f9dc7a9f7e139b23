"""Mail through a clinic's own server: three outcomes, headers nobody can add to, certificates that are checked."""

from __future__ import annotations

import datetime as dt
import email
import socket
import ssl
from email import policy
from typing import Any

import pytest

from app.channels.adapters.base import Accepted, Connection, Details, Outbound, OutboundFile, Refused, Unknown
from app.channels.adapters.mail_compose import cut_references
from app.channels.adapters.smtp import SmtpAdapter, checked_tls
from app.channels.adapters.smtp_pool import close_mail_connections
from app.kit import clock
from app.kit.ids import new_id
from tests.support.smtp_server import PASSWORD, USER, SmtpServer
from tests.support.tls import Authority

CLINIC, PATIENT = "hello@clinic.example", "ann@example.com"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def server(authority):
    running = SmtpServer(authority.server())
    yield running
    running.stop()


@pytest.fixture(autouse=True)
async def _closed(server):
    server.moods.clear()
    yield
    close_mail_connections()


def connection(port: int, *, timeout: float = 5, address: str = CLINIC, **more: Any) -> Connection:
    told = {"host": "127.0.0.1", "port": port, "user": USER, "password": PASSWORD, "tls": True, **more}
    return Connection(
        channel_id=new_id(),
        clinic_id=new_id(),
        kind="email",
        provider="smtp",
        address=address,
        webhook_url="",
        credentials=told,
        secret="x" * 32,
        timeout=timeout,
    )


@pytest.fixture
def adapter(server, authority):
    return SmtpAdapter(connection(server.port), authority.client())


def outbound(**more: Any) -> Outbound:
    told: dict[str, Any] = {
        "to": PATIENT,
        "from_": CLINIC,
        "body": "See you on Friday.\n\nYour team",
        "token": "t" * 32,
        "message_id": new_id(),
        "expires_at": clock.now() + dt.timedelta(seconds=20),
        "name": "Ann Example",
        "from_name": "Bright Smiles, Dr. Ünal",
    }
    return Outbound(**{**told, **more})


def last(server: SmtpServer) -> Any:
    return email.message_from_bytes(bytes(server.accepted[-1].content), policy=policy.default)


async def test_a_mail_arrives_with_its_names_its_thread_and_both_its_texts(server, adapter):
    ids = [f"<{number:064x}.{'y' * 120}@mail.example.com>" for number in range(30)]
    one = outbound(
        body="Grüße <b>\n.\nlast line",
        reply_to="hello+token@clinic.example",
        details=Details(subject="Re: Ihr Termin am Frühstück " + "ä" * 90, reply_to=ids[-1], references=ids),
    )
    result = await adapter.send(one)
    expected = f"<{one.message_id.hex}@clinic.example>"
    assert result == Accepted(expected)
    envelope, mail = server.accepted[-1], last(server)
    assert (envelope.mail_from, envelope.rcpt_tos) == (CLINIC, [PATIENT])
    assert mail["Message-ID"] == expected
    assert mail["In-Reply-To"] == ids[-1]
    assert mail["References"].split() == [ids[0], *ids[-19:]]
    assert mail["Reply-To"] == "hello+token@clinic.example"
    assert mail["From"].addresses[0].display_name == "Bright Smiles, Dr. Ünal"
    assert mail["To"].addresses[0].addr_spec == PATIENT
    assert mail["Subject"] == "Re: Ihr Termin am Frühstück " + "ä" * 90
    assert mail["Auto-Submitted"] is None
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Grüße <b>", ".", "last line"]
    html = mail.get_body(("html",)).get_content()
    assert "Grüße &lt;b&gt;" in html
    assert "<script" not in html
    assert "http" not in html
    assert all(len(line) < 999 for line in bytes(envelope.content).splitlines())
    assert bytes(envelope.content).isascii()


async def test_a_machine_says_that_it_is_one(server, adapter):
    await adapter.send(outbound(details=Details(subject="Hello", auto_reply=True)))
    assert last(server)["Auto-Submitted"] == "auto-generated"
    await adapter.send(outbound(details=Details(subject="Hello", auto_reply=True, reply_to="<a@b.example>")))
    assert last(server)["Auto-Submitted"] == "auto-replied"


async def test_files_go_along_under_their_names(server, adapter):
    async def read() -> bytes:
        return b"%PDF-1.4 \r\n.\r\n\x00\xff"

    name = "Kostenplan für Ann – 2026.pdf"
    file = OutboundFile(name=name, type="application/pdf", size=17, url="", read=read)
    assert isinstance(await adapter.send(outbound(files=[file])), Accepted)
    [attached] = list(last(server).iter_attachments())
    assert (attached.get_filename(), attached.get_content_type()) == (name, "application/pdf")
    assert attached.get_content() == await read()
    huge = OutboundFile(name="x", type="image/png", size=50 * 1024**2, url="", read=read)
    refused = await adapter.send(outbound(files=[huge]))
    assert isinstance(refused, Refused)
    assert refused.final


@pytest.mark.parametrize(
    "more",
    [
        {"details": Details(subject="Hello\r\nBcc: eve@evil.example")},
        {"details": Details(subject="Hello\nX: y")},
        {"details": Details(subject="Hello", reply_to="<a@b>\r\nBcc: eve@evil.example")},
        {"details": Details(subject="Hello", references=["<a@b> <c@d>\n"])},
        {"to": "ann@example.com\r\nRCPT TO:<eve@evil.example>"},
        {"to": "ann@example.com>,<eve@evil.example"},
        {"to": "nobody"},
        {"reply_to": "hello@clinic.example\nBcc: eve@evil.example"},
    ],
)
async def test_nothing_can_be_put_into_a_header(server, adapter, more):
    before = len(server.accepted)
    result = await adapter.send(outbound(**more))
    assert isinstance(result, Refused)
    assert result.final
    assert result.text
    assert len(server.accepted) == before


async def test_line_breaks_in_names_become_blanks(server, adapter):
    named = outbound(name='Ann "\r\nBcc: eve@evil.example', from_name="Smile\nX-Evil: 1", details=Details())
    assert isinstance(await adapter.send(named), Accepted)
    mail = last(server)
    assert mail["Subject"] == "Smile X-Evil: 1"
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert server.accepted[-1].rcpt_tos == [PATIENT]


@pytest.mark.parametrize(
    ("mood", "code", "final"),
    [("450", "4.2.2", False), ("550", "5.1.1", True), ("452-data", "4.3.1", False), ("554-data", "5.7.1", True)],
)
async def test_a_refusal_is_certain_and_says_why(server, adapter, mood, code, final):
    before = len(server.accepted)
    server.moods.append(mood)
    result = await adapter.send(outbound())
    assert isinstance(result, Refused)
    assert (result.code, result.final, result.blames_channel) == (code, final, False)
    assert len(result.text) > 20
    # The connection is in order: the next mail goes.
    assert isinstance(await adapter.send(outbound()), Accepted)
    assert len(server.accepted) == before + 1


async def test_what_may_have_arrived_is_unknown(server, authority):
    adapter = SmtpAdapter(connection(server.port, timeout=1), authority.client())
    for mood in ("drop", "slow"):
        before = len(server.accepted)
        server.moods.append(mood)
        assert isinstance(await adapter.send(outbound()), Unknown)
        assert len(server.accepted) == before + 1
    assert isinstance(await adapter.send(outbound()), Accepted)


async def test_what_cannot_have_arrived_is_tried_again(server, adapter, authority):
    server.moods.append("gone")
    result = await adapter.send(outbound())
    assert isinstance(result, Refused)
    assert not result.final
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = SmtpAdapter(connection(closed.getsockname()[1]), authority.client())
        result = await away.send(outbound())
    assert isinstance(result, Refused)
    assert (result.code, result.final) == ("unreachable", False)


async def test_nothing_is_written_after_the_deadline(server, adapter, monkeypatch):
    before = len(server.accepted)
    late = outbound(expires_at=clock.now() + dt.timedelta(seconds=3))
    real = clock.now
    calls = iter(range(100))
    # The process is frozen after it named the recipient.
    monkeypatch.setattr(clock, "now", lambda: real() + dt.timedelta(seconds=60 if next(calls) >= 2 else 0))
    result = await adapter.send(late)
    assert isinstance(result, Refused)
    assert (result.code, result.final) == ("late", False)
    assert len(server.accepted) == before


async def test_a_connection_serves_several_mails(server, authority):
    told, before = connection(server.port), server.signed_in
    for _ in range(3):  # channels are loaded anew every few seconds, and with them the adapter
        assert isinstance(await SmtpAdapter(told, authority.client()).send(outbound()), Accepted)
    assert server.signed_in == before + 1


async def test_a_wrong_password_blames_the_channel(server, authority):
    adapter = SmtpAdapter(connection(server.port, password="wrong"), authority.client())
    result = await adapter.send(outbound())
    assert isinstance(result, Refused)
    assert (result.final, result.blames_channel) == (True, True)
    assert "sign-in" in result.text


async def test_a_certificate_nobody_vouches_for_gets_no_password(server, authority):
    before = server.signed_in
    result = await SmtpAdapter(connection(server.port)).send(outbound())
    assert isinstance(result, Refused)
    assert (result.code, result.final, result.blames_channel) == ("certificate", True, True)
    other = SmtpAdapter(connection(server.port, host="127.0.0.2"), authority.client())  # not in the certificate
    assert isinstance(await other.send(outbound()), Refused)
    assert server.signed_in == before


async def test_no_encryption_no_mail(authority):
    plain = SmtpServer(sign_in=False)
    try:
        strict = await SmtpAdapter(connection(plain.port, user=""), authority.client()).send(outbound())
        assert isinstance(strict, Refused)
        assert strict.blames_channel
        assert plain.accepted == []
        lax = SmtpAdapter(connection(plain.port, user="", tls=False))
        assert isinstance(await lax.send(outbound()), Accepted)
    finally:
        plain.stop()


async def test_encrypted_from_the_start(authority, monkeypatch):
    running = SmtpServer(authority.server(), implicit=True)
    monkeypatch.setattr("app.channels.adapters.smtp.IMPLICIT_TLS", running.port)
    try:
        assert isinstance(await SmtpAdapter(connection(running.port), authority.client()).send(outbound()), Accepted)
    finally:
        running.stop()


async def test_addresses_beyond_ascii(server, adapter, authority):
    assert isinstance(await adapter.send(outbound(to="jürgen@example.com")), Accepted)
    assert server.accepted[-1].rcpt_tos == ["jürgen@example.com"]
    assert isinstance(await adapter.send(outbound(to="ann@bücher.example")), Accepted)
    assert server.accepted[-1].rcpt_tos == ["ann@xn--bcher-kva.example"]
    old = SmtpServer(authority.server(), utf8=False)
    try:
        result = await SmtpAdapter(connection(old.port), authority.client()).send(outbound(to="jürgen@example.com"))
        assert isinstance(result, Refused)
        assert result.final
    finally:
        old.stop()


def test_long_conversations_are_cut_in_the_middle():
    ids = [f"<{number}@x>" for number in range(25)]
    assert cut_references(ids) == [ids[0], *ids[6:]]
    assert cut_references(ids[:20]) == ids[:20]


def test_the_default_context_checks_names_and_certificates():
    context = checked_tls()
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
