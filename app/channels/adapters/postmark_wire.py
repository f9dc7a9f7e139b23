"""Mail that Postmark delivers: one JSON object. Pure.

Source: the provider's inbound webhook page. Nothing is signed; ``MessageID`` is Postmark's own, the mail's is among
``Headers``; ``MailboxHash`` is what stood after the ``+``. A 403 makes it stop trying.
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256

import msgspec

from app.channels.adapters.base import Attachment, Connection, Delivery, Headers
from app.channels.adapters.mail_headers import LONGEST_NAME, clean_address, clean_type, printable
from app.channels.adapters.mail_message import KEPT_RAW, ParsedMail, assemble, parse_mail
from app.channels.adapters.mail_report import report_of
from app.channels.adapters.mail_wire import check_secret, delivery_of
from app.channels.adapters.postmark_events import PostmarkEvents
from app.channels.errors import Malformed

MOST_FILES = 100


class _Person(msgspec.Struct, rename="pascal"):
    email: str = ""
    name: str = ""


class _Header(msgspec.Struct, rename="pascal"):
    name: str = ""
    value: str = ""


class _File(msgspec.Struct, rename="pascal"):
    name: str = ""
    content: str = ""
    content_type: str = "application/octet-stream"
    content_id: str | None = msgspec.field(name="ContentID", default=None)


class _Inbound(msgspec.Struct, rename="pascal"):
    message_id: str = msgspec.field(name="MessageID")
    from_: str = msgspec.field(name="From", default="")
    from_full: _Person = msgspec.field(default_factory=_Person)
    to: str = ""
    cc: str = ""
    reply_to: str = ""
    original_recipient: str = ""
    subject: str | None = ""
    text_body: str | None = ""
    html_body: str | None = ""
    headers: list[_Header] = []
    attachments: list[_File] = []
    raw_email: str | None = None


_decode = msgspec.json.Decoder(_Inbound).decode


class PostmarkWire:
    """The receiving half of one channel on Postmark."""

    def __init__(self, connection: Connection) -> None:
        self._secret = str(connection.credentials.get("inbound_secret", ""))
        self._address = connection.address
        self._events = PostmarkEvents(connection)

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:  # noqa: ARG002
        """Verify and parse one call; see ``Wire.receive``."""
        if suffix.endswith("/events"):
            return self._events.read(headers, body)
        check_secret(headers, self._secret)
        return delivery_of(read_json(body), self._address)


def read_json(body: bytes) -> ParsedMail:
    """Return the mail of one delivery. Raises ``Malformed``."""
    try:
        told = _decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed("It is not a delivery of Postmark.") from error
    to = told.original_recipient or None
    if told.raw_email:
        return parse_mail(told.raw_email.encode("utf-8", "replace"), envelope_to=to)
    files = [file for one in told.attachments[:MOST_FILES] if (file := _attachment(one)) is not None]
    mail = assemble(
        headers=[
            *((one.name, one.value) for one in told.headers),
            ("message-id", _own_id(told.message_id)),
            ("from", told.from_),
            ("to", told.to),
            ("cc", told.cc),
            ("reply-to", told.reply_to),
        ],
        text=told.text_body or "",
        html=told.html_body or "",
        attachments=files,
        report=report_of(files),
        fingerprint=lambda: sha256(body).hexdigest(),
        raw="\n".join([*(f"{one.name}: {one.value}" for one in told.headers), "", told.text_body or ""])[:KEPT_RAW],
        envelope_to=to,
    )
    # Postmark has decoded these already.
    return msgspec.structs.replace(
        mail,
        from_address=clean_address(told.from_full.email or told.from_) or mail.from_address,
        name=printable(told.from_full.name).strip()[:LONGEST_NAME] or mail.name,
        subject=printable(told.subject or "").strip()[:300],
    )


def _own_id(message_id: str) -> str:
    """Return a Message-ID for a mail that came without one."""
    return f"<{sha256(message_id.encode('utf-8', 'replace')).hexdigest()}@inbound.postmark.invalid>"


def _attachment(file: _File) -> Attachment | None:
    try:
        content = base64.b64decode(file.content)
    except (binascii.Error, ValueError):
        return None
    return Attachment(
        "",
        clean_type(file.content_type),
        name=printable(file.name)[:200],
        size=len(content),
        content_id=printable(file.content_id or "").strip("<> ")[:255] or None,
        content=content,
    )
