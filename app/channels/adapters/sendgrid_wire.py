"""Mail that SendGrid's Inbound Parse delivers: a form, whole (Send Raw) or taken apart. Pure.

Source: the provider's Inbound Parse page. It signs nothing; a 4xx makes it drop a patient's mail for good.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from app.channels.adapters.base import Attachment, Connection, Delivery, Headers
from app.channels.adapters.mail_headers import clean_type, printable, read_head, to_text
from app.channels.adapters.mail_message import KEPT_RAW, ParsedMail, assemble, parse_mail
from app.channels.adapters.mail_report import report_of
from app.channels.adapters.mail_wire import check_secret, delivery_of, own_recipient
from app.channels.adapters.sendgrid_events import SendgridEvents
from app.channels.errors import Malformed

MOST_KEPT, MOST_PARTS = 100, 2000
"""Parts that are read, and parts above which the form counts as broken."""
_CHUNK = 65_536


class SendgridWire:
    """The receiving half of one channel on SendGrid."""

    def __init__(self, connection: Connection) -> None:
        self._secret = str(connection.credentials.get("inbound_secret", ""))
        self._address = connection.address
        self._events = SendgridEvents(connection)

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:  # noqa: ARG002
        """Verify and parse one call; see ``Wire.receive``."""
        if suffix.endswith("/events"):
            return self._events.read(headers, body)
        told = list(headers)
        check_secret(told, self._secret)
        content_type = next((value for name, value in told if name == b"content-type"), b"")
        return delivery_of(read_form(content_type, body, self._address), self._address)


def read_form(content_type: bytes, body: bytes, address: str) -> ParsedMail:
    """Return the mail of one delivery. Raises ``Malformed``."""
    fields, files = _parts(content_type, body)
    envelope = _object(fields.get("envelope", b""))
    to = [one for one in envelope.get("to", []) if isinstance(one, str)] if isinstance(envelope.get("to"), list) else []
    sender = envelope.get("from") if isinstance(envelope.get("from"), str) else None
    recipient = own_recipient(to, address)
    if "email" in fields:
        return parse_mail(fields["email"], envelope_to=recipient, envelope_from=sender)
    if not fields.keys() & {"headers", "from", "text", "html"}:
        raise Malformed("It is not a delivery of Inbound Parse.")
    charsets = _object(fields.get("charsets", b""))
    texts = {name: to_text(fields[name], charsets.get(name, "utf-8")) for name in _TEXTS if name in fields}
    about = _object(fields.get("attachment-info", b"")) if files else {}
    return assemble(
        # What the mail itself says comes first; the fields fill in what it does not.
        headers=[*read_head(fields.get("headers", b"")), *((name, texts[name]) for name in _HEADERS if name in texts)],
        text=texts.get("text", ""),
        html=texts.get("html", ""),
        attachments=(attachments := [_attachment(name, file, about) for name, file in files]),
        report=report_of(attachments) if attachments else None,
        fingerprint=lambda: sha256(body).hexdigest(),
        raw=to_text((fields.get("headers", b"") + b"\n" + fields.get("text", b""))[:KEPT_RAW], "utf-8"),
        envelope_to=recipient,
        envelope_from=sender,
    )


_HEADERS = ("from", "to", "cc", "subject")
_TEXTS = (*_HEADERS, "text", "html")


def _parts(content_type: bytes, body: bytes) -> tuple[dict[str, bytes], list[tuple[str, Attachment]]]:
    """Return the form's fields and files; of a name that comes twice the first."""
    kind, options = parse_options_header(content_type.decode("latin-1"))
    if kind != "multipart/form-data" or "boundary" not in options:
        raise Malformed("It is not a form.")
    plain = _plain_parts(options["boundary"].encode(), body)
    if plain is not None:
        return plain, []
    fields: dict[str, bytes] = {}
    files: list[tuple[str, Attachment]] = []
    segment, pieces, count = None, bytearray(), 0
    try:
        with PushMultipartParser(
            options["boundary"], max_header_size=16_384, max_header_count=16, max_segment_count=MOST_PARTS
        ) as parser:
            for start in range(0, len(body), _CHUNK):
                for event in parser.parse(body[start : start + _CHUNK]):
                    if isinstance(event, MultipartSegment):
                        segment, pieces = event, bytearray()
                    elif event is None and segment is not None:
                        count += 1
                        if count <= MOST_KEPT:
                            _put(segment, pieces, fields, files)
                        pieces = bytearray()
                    elif event and count < MOST_KEPT:
                        pieces += event
    except MultipartError as error:
        raise Malformed("The form is broken.") from error
    return fields, files


def _plain_parts(boundary: bytes, body: bytes) -> dict[str, bytes] | None:
    """Return the fields of a form without files, in a seventh of the parser's time; None where it may be another form.

    Nothing is guessed: the boundary stands nowhere but between parts that say their name and nothing else.
    """
    begin, end = b"--%b\r\n" % boundary, b"\r\n--%b--\r\n" % boundary
    if len(body) > _CHUNK or not body.startswith(begin) or not body.endswith(end):
        return None
    parts = body[len(begin) : -len(end)].split(b"\r\n" + begin)
    if len(parts) > MOST_KEPT or body.count(b"--" + boundary) != len(parts) + 1:
        return None
    fields: dict[str, bytes] = {}
    for part in parts:
        head, blank, content = part.partition(b"\r\n\r\n")
        named = _NAME_ONLY.fullmatch(head)
        if named is None or not blank:
            return None
        fields.setdefault(named[1].decode(), content)
    return fields


_NAME_ONLY = re.compile(rb'Content-Disposition: form-data; name="([A-Za-z0-9_-]{1,60})"', re.IGNORECASE)


def _put(
    segment: MultipartSegment, pieces: bytearray, fields: dict[str, bytes], files: list[tuple[str, Attachment]]
) -> None:
    content = bytes(pieces)
    if segment.filename is None:
        fields.setdefault(segment.name, content)
        return
    kind = clean_type(segment.content_type or "")
    name = printable(segment.filename)[:200]
    files.append((segment.name, Attachment("", kind, name=name, size=len(content), content=content)))


def _attachment(name: str, file: Attachment, about: dict[str, Any]) -> Attachment:
    """Add what the form tells beside the file: its Content-ID."""
    told = about.get(name)
    content_id = told.get("content-id") if isinstance(told, dict) else None
    if not isinstance(content_id, str) or not content_id:
        return file
    return msgspec.structs.replace(file, content_id=printable(content_id).strip("<> ")[:255])


def _object(text: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
