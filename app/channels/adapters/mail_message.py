"""A mail as it came over the wire, read. Pure; never raises, whatever the bytes are.

The tree is read with the standard library's ``compat32`` policy and single headers with ``policy.default``: the latter
decodes names and subjects rightly, but takes seconds for a To of 10,000 people and raises on some garbage. What cannot
be read within the limits is not lost: it becomes a message whose only file is the mail itself.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterable
from email import policy
from email.message import Message
from email.parser import BytesFeedParser
from hashlib import sha256
from typing import Literal

import msgspec

from app.channels.adapters.base import Attachment, Bounce, Details, InboundMessage, Item
from app.channels.adapters.mail_headers import (
    LONGEST_SUBJECT,
    MIME_ERRORS,
    addresses,
    clean_address,
    clean_type,
    decoded,
    decoded_words,
    is_machine,
    mail_ids,
    person,
    printable,
    provider_id,
    read_head,
    to_text,
    unfolded,
    without_token,
)
from app.channels.adapters.mail_report import MailReport, read_report
from app.channels.opt_out import opt_out_word
from app.kit.html import bare_text, clean_html, html_to_text
from app.kit.quoting import quote_start

MOST_PARTS, DEEPEST = 200, 60
MOST_LINES = 1_000_000
MOST_WORK = 10_000_000
"""Lines times depth: each line is compared with the boundary of every level around it."""
LONGEST_TEXT = 100_000
"""Characters of a message; a longer mail is kept whole as a file beside it."""
MOST_REFERENCES, MOST_CC, KEPT_RAW = 20, 20, 65_536
UNREADABLE = "This mail could not be read. It is attached as it came."
CUT = "\n\n[The rest of this long mail is in the file beside it.]"

_CHUNK = 65_536


class _TooMuchError(ValueError):
    """More parts, levels or lines than anybody's mail program makes."""


class ParsedMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail, read. Addresses are in lower case; ``from_address`` is empty where there is none that could be."""

    mail_id: str
    """Message-ID with its angle brackets; of a mail without one, made from the hash of its bytes."""
    from_address: str
    name: str | None
    to_address: str
    """Whom the envelope named, or else the headers; with its plus-token."""
    reply_to: str | None
    recipients: list[str]
    """Of To and Cc."""
    subject: str
    text: str
    quoted_at: int | None
    html: str | None
    attachments: list[Attachment]
    in_reply_to: str | None
    references: list[str]
    auto_reply: bool
    bulk: bool
    null_sender: bool
    """The envelope has no sender: so machines write, and nobody may answer."""
    report: MailReport | None
    raw: str
    """Its beginning, for the 30 days it is kept."""

    @property
    def kind(self) -> Literal["message", "auto_reply", "bulk", "bounce", "delayed", "complaint"]:
        """Return what it is; a report only says so of itself."""
        if self.report:
            return self.report.kind
        if self.bulk:
            return "bulk"
        return "auto_reply" if self.auto_reply else "message"


def parse_mail(raw: bytes, *, envelope_to: str | None = None, envelope_from: str | None = None) -> ParsedMail:
    """Read a whole mail (RFC 5322). ``envelope_from`` is empty for a null sender, None where nobody knows.

    The bytes of its files go along in ``attachments``: hand the result to the store and let go of ``raw``.
    """
    try:
        message = _read_tree(raw)
        parts = _Parts(message)
        report = read_report(message)
        headers = [(str(name), str(value)) for name, value in message.raw_items()]
    except MIME_ERRORS:
        itself = Attachment("", "message/rfc822", name="mail.eml", size=len(raw), content=bytes(raw))
        headers, parts, report = read_head(raw), _Parts(None, UNREADABLE, [itself]), None
    return assemble(
        headers=headers,
        text=parts.text,
        html=parts.html,
        attachments=parts.files,
        fingerprint=lambda: sha256(raw).hexdigest(),
        raw=raw[:KEPT_RAW].decode("utf-8", "replace"),
        report=report,
        envelope_to=envelope_to,
        envelope_from=envelope_from,
    )


def assemble(
    *,
    headers: Iterable[tuple[str, str]],
    text: str,
    html: str,
    attachments: list[Attachment],
    fingerprint: Callable[[], str],
    raw: str,
    report: MailReport | None = None,
    envelope_to: str | None = None,
    envelope_from: str | None = None,
) -> ParsedMail:
    """Put a mail together whose parts a provider has taken apart already. ``headers`` are as they came, not decoded."""
    head: dict[str, str] = {}
    for name, value in headers:
        head.setdefault(name.lower(), value)
    sender, sender_name = person(head.get("from", ""))
    null_sender = envelope_from == "" or head.get("return-path", "").strip() == "<>"
    bulk = "list-id" in head or head.get("precedence", "").strip().lower() in {"bulk", "list", "junk"}
    auto = head.get("auto-submitted", "no").partition(";")[0].strip().lower() != "no"
    auto = auto or null_sender or bulk or "x-autoreply" in head or "x-autorespond" in head
    reply_to = person(head.get("reply-to", ""))[0] or None
    if is_machine(sender) and not auto and reply_to and not is_machine(reply_to):
        # A form on the clinic's website writes in the patient's name.
        sender = reply_to
    auto = auto or is_machine(sender)
    own_ids, answered = mail_ids(head.get("message-id", "")), mail_ids(head.get("in-reply-to", ""))
    to, cc = addresses(head.get("to", "")), addresses(head.get("cc", ""))
    shown, html, files = _body(text, html, attachments)
    subject = decoded("Subject", head.get("subject", ""), LONGEST_SUBJECT)
    return ParsedMail(
        mail_id=own_ids[0] if own_ids else f"<{fingerprint()}@no-message-id.invalid>",
        from_address=sender,
        name=sender_name,
        to_address=_recipient(envelope_to, head, to),
        reply_to=reply_to,
        recipients=[*to, *cc],
        subject=subject,
        text=shown,
        quoted_at=quote_start(shown),
        html=html or None,
        attachments=files,
        in_reply_to=answered[0] if answered else None,
        references=[*mail_ids(head.get("references", "")), *answered[1:]][-MOST_REFERENCES:],
        auto_reply=auto,
        bulk=bulk and not null_sender,
        null_sender=null_sender,
        report=report if _is_report(head, auto=auto) else None,
        raw=raw.replace("\x00", ""),
    )


def _is_report(head: dict[str, str], *, auto: bool) -> bool:
    """Say whether a mail is written as a report. What a person attached to theirs, to ask about it, is none.

    Providers that take mails apart do not always hand on of what type the whole was.
    """
    kind = head.get("content-type")
    return auto if kind is None else kind.strip().lower().startswith("multipart/report")


def _recipient(envelope_to: str | None, head: dict[str, str], to: list[str]) -> str:
    for told in (envelope_to or "", head.get("x-original-to", ""), head.get("delivered-to", "")):
        if address := clean_address(told):
            return address
    return next((one for one in to if "+" in one), to[0] if to else "")


def mail_items(mail: ParsedMail, *, channel_address: str) -> list[Item]:
    """Return what a mail brings to the channel: a message, or what a report says became of mails of ours.

    Anybody can write a report. One that comes from a person's address and names no mail of ours is a message like any
    other; only one that names a mail (``Bounce.mail_id``) may be ``final``, and whoever takes the ``Bounce`` makes sure
    that this mail was ours and went to that address. A notice of delay brings nothing.
    """
    report = mail.report
    if report is not None and (mail.null_sender or report.mail_id):
        if report.kind == "delayed":
            return []
        complaint = report.kind == "complaint"
        return [
            Bounce(
                address=one.address,
                reason=one.reason or one.status,
                final=bool(report.mail_id) and (complaint or one.permanent),
                complaint=complaint,
                mail_id=report.mail_id,
            )
            for one in report.recipients
        ]
    sender = mail.from_address or mail.reply_to or ""
    if not sender:
        return []
    # Forwarded mail reaches us under another name: the address with our token stands in To then.
    ours = [one for one in (mail.to_address, *mail.recipients) if without_token(one) == channel_address]
    return [
        InboundMessage(
            provider_id=provider_id(mail.mail_id),
            from_address=sender,
            to_address=next((one for one in ours if "+" in one), mail.to_address or channel_address),
            body=mail.text,
            raw=mail.raw,
            name=mail.name,
            attachments=mail.attachments,
            # Only the words themselves count, without the history below; a machine stops nobody.
            opt_out=None if mail.auto_reply else opt_out_word(mail.text[: mail.quoted_at].strip(), None),
            details=Details(
                subject=mail.subject or None,
                mail_id=mail.mail_id,
                reply_to=mail.in_reply_to,
                references=mail.references,
                cc=[one for one in mail.recipients if one not in {mail.to_address, *ours}][:MOST_CC],
                html=mail.html,
                quoted_at=mail.quoted_at,
                auto_reply=mail.auto_reply,
            ),
        )
    ]


# -- the tree


class _Counted(Message):
    """A part that knows how deep it lies."""

    depth = 0
    lines = 0

    def attach(self, payload: Message) -> None:  # type: ignore[override]
        """Refuse what is deeper than anybody's mail program makes."""
        if isinstance(payload, _Counted):
            payload.depth, payload.lines = self.depth + 1, self.lines
            if payload.depth > DEEPEST or payload.depth * self.lines > MOST_WORK:
                raise _TooMuchError
        super().attach(payload)


def _read_tree(raw: bytes) -> Message:
    lines = raw.count(b"\n") + raw.count(b"\r")
    if lines > 2 * MOST_LINES:
        raise _TooMuchError
    made = 0

    def part(policy: policy.Policy = policy.compat32) -> _Counted:
        nonlocal made
        made += 1
        if made > MOST_PARTS:
            raise _TooMuchError
        one = _Counted(policy)
        one.lines = lines
        return one

    parser = BytesFeedParser(part, policy=policy.compat32)
    for start in range(0, len(raw), _CHUNK):
        parser.feed(raw[start : start + _CHUNK])
    return parser.close()


class _Parts:
    """Text, HTML and files of a tree, in their order; each part is let go of once it is read."""

    def __init__(self, message: Message | None, text: str = "", files: list[Attachment] | None = None) -> None:
        self.text, self.html = text, ""
        self.files: list[Attachment] = files or []
        if message is not None:
            self._walk(message)

    def _walk(self, message: Message) -> None:
        waiting = [message]
        while waiting:
            part = waiting.pop()
            payload = part.get_payload()
            if part.get_content_type() == "message/rfc822" and part is not message:
                self._forwarded(part)
            elif isinstance(payload, list):
                waiting.extend(one for one in reversed(payload) if isinstance(one, Message))
            elif isinstance(payload, str):
                self._leaf(part, payload)
                part.set_payload("")

    def _leaf(self, part: Message, payload: str) -> None:
        kind, name = clean_type(part.get_content_type()), _file_name(part)
        wants_file = str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")
        if kind in {"text/plain", "text/html"} and not wants_file and not name:
            text = to_text(_content(part, payload), part.get_param("charset", "utf-8"))
            if kind == "text/html":
                self.html = self.html or text
            else:
                # A mail of several text parts (lists add a footer) reads as one.
                self.text += ("\n\n" if self.text else "") + text
            return
        content = _content(part, payload)
        content_id = printable(str(part.get("Content-ID", ""))).strip("<> ")[:255] or None
        if content or name:
            self.files.append(
                Attachment("", kind, name=name, size=len(content), content_id=content_id, content=content)
            )

    def _forwarded(self, part: Message) -> None:
        try:
            content = b"\n\n".join(one.as_bytes() for one in part.get_payload() if isinstance(one, Message))
        except MIME_ERRORS:
            return
        self.files.append(
            Attachment("", "message/rfc822", name=_file_name(part) or "mail.eml", size=len(content), content=content)
        )


def _content(part: Message, payload: str) -> bytes:
    """Return a leaf's bytes. Base64 goes straight from the text: the library makes three copies on the way."""
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        for padding in ("", "=", "=="):
            try:
                return binascii.a2b_base64(payload + padding if padding else payload)
            except ValueError:
                continue
    try:
        content = part.get_payload(decode=True)
    except MIME_ERRORS:
        content = None
    return content if isinstance(content, bytes) else payload.encode("utf-8", "replace")


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except MIME_ERRORS:
        return ""
    return printable(decoded_words(unfolded(name)))[:200].strip()


def _body(text: str, html: str, files: list[Attachment]) -> tuple[str, str, list[Attachment]]:
    cleaned = clean_html(html) if html else ""
    if not text.strip() and html:
        text = html_to_text(cleaned) if cleaned else bare_text(html)
    text = text.encode("utf-8", "replace").decode().replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n").rstrip()
    if len(text) <= LONGEST_TEXT:
        return text, cleaned, files
    whole = text.encode()
    whole_file = Attachment("", "text/plain", name="Whole mail.txt", size=len(whole), content=whole)
    return text[: LONGEST_TEXT - len(CUT)].rstrip() + CUT, cleaned, [whole_file, *files]
