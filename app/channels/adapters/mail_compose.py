"""A mail of ours, put together. Pure.

Header lines are written here and not by the standard library: it encodes a Message-ID that does not fit into one line
(``References``), which other programs then do not recognise. The body's parts are its.
"""

from __future__ import annotations

from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

import msgspec

from app.kit.templating import render

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from app.channels.adapters.base import Outbound

MOST_REFERENCES = 20
LONGEST_SUBJECT, LONGEST_ADDRESS = 250, 254
LARGEST = 20 * 1024 * 1024
"""Bytes of all files of one mail: more than that, encoded, most mailboxes refuse."""
_SEVEN_BITS = SMTP.clone(cte_type="7bit")
_SPECIAL = frozenset('()<>[]:;@\\,."')


class Unsendable(Exception):
    """No server could take this mail. The message is for people."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What every way of sending needs of one mail: checked, and fit for headers."""

    mail_id: str
    sender: str
    sender_name: str
    to: str
    to_name: str
    subject: str
    reply_to: str | None
    headers: list[tuple[str, str]]
    """``In-Reply-To`` and its like; ASCII."""
    text: str
    html: str


class Content(msgspec.Struct, frozen=True):
    """A file with its bytes."""

    name: str
    type: str
    content: bytes


def mail_id_of(message_id: UUID, address: str) -> str:
    """Return the Message-ID of a message: the same at every attempt, so that a second copy is recognised as one."""
    try:
        domain = ascii_domain(address)
    except Unsendable:
        domain = "mail.invalid"
    return f"<{message_id.hex}@{domain}>"


def ascii_domain(address: str) -> str:
    """Return an address's domain as it is written on the wire; raises ``Unsendable``."""
    domain = address.rpartition("@")[2]
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        raise Unsendable("The part behind the @ is not a name a mail could go to. Check the address.") from None


def wire_address(address: str) -> str:
    """Return an address as it is written on the wire. What stands before the @ may stay beyond ASCII (SMTPUTF8)."""
    local, at, _ = address.rpartition("@")
    broken = not local or not at or len(address) > LONGEST_ADDRESS or not address.isprintable()
    if broken or any(c in ' <>,;:\\"()[]' for c in address):
        raise Unsendable("This is not an address a mail could go to. Check it.")
    return f"{local}@{ascii_domain(address)}"


def cut_references(ids: list[str]) -> list[str]:
    """Return at most 20 ids: the first, which names the conversation, and the newest ones."""
    return ids if len(ids) <= MOST_REFERENCES else [ids[0], *ids[-(MOST_REFERENCES - 1) :]]


def letter_of(outbound: Outbound) -> Letter:
    """Return the mail to send. Raises ``Unsendable``: nothing with a line break ever gets into a header."""
    details = outbound.details
    subject = details.subject or " ".join(outbound.from_name.split()) or "Your message"
    ids = [*([details.reply_to] if details.reply_to else []), *details.references]
    if not subject.isprintable() or len(subject) > LONGEST_SUBJECT + 8:
        raise Unsendable("The subject has more than one line, or is too long. Write a shorter one.")
    if any(not _is_id(one) for one in ids):
        raise Unsendable("The mail this one answers has no proper number. Write a new mail instead.")
    headers = []
    if details.reply_to:
        headers.append(("In-Reply-To", details.reply_to))
    if details.references:
        headers.append(("References", " ".join(cut_references(details.references))))
    if details.auto_reply:
        headers.append(("Auto-Submitted", "auto-replied" if details.reply_to else "auto-generated"))
    return Letter(
        mail_id=mail_id_of(outbound.message_id, outbound.from_),
        sender=wire_address(outbound.from_),
        sender_name=one_line(outbound.from_name),
        to=wire_address(outbound.to),
        to_name=one_line(outbound.name),
        subject=subject,
        reply_to=wire_address(outbound.reply_to) if outbound.reply_to else None,
        headers=headers,
        text=outbound.body,
        html=html_of(outbound.body, outbound.from_name),
    )


def _is_id(text: str) -> bool:
    return text.startswith("<") and text.endswith(">") and text.isascii() and text.isprintable() and " " not in text


def one_line(name: str) -> str:
    """Return a name fit for a header: names come from forms and from strangers' mails."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:120]


def html_of(text: str, clinic: str) -> str:
    """Return the simple HTML twin of a text."""
    blocks = text.replace("\r\n", "\n").split("\n\n")
    paragraphs = [block.strip("\n").split("\n") for block in blocks if block.strip()]
    return render("mail/message.html", paragraphs=paragraphs, clinic=clinic)


async def contents_of(outbound: Outbound) -> list[Content]:
    """Return the files with their bytes; raises ``Unsendable`` when they are too large together."""
    if sum(file.size for file in outbound.files) > LARGEST:
        raise Unsendable("The files are too large for one mail. Send some of them in another one.")
    return [Content(one_line(file.name) or "file", file.type, await file.read()) for file in outbound.files]


def mime_bytes(letter: Letter, files: list[Content], at: dt.datetime) -> bytes:
    """Return the whole mail, as SMTP takes it. Only SMTPUTF8 addresses make it go beyond ASCII."""
    body = EmailMessage(policy=_SEVEN_BITS)
    body.set_content(letter.text)
    body.add_alternative(letter.html, subtype="html")
    for file in files:
        main, _, sub = file.type.partition("/")
        body.add_attachment(file.content, maintype=main, subtype=sub or "octet-stream", filename=file.name)
    lines = [
        ("Date", format_datetime(at)),
        ("From", _person(letter.sender_name, letter.sender)),
        ("To", _person(letter.to_name, letter.to)),
        ("Subject", _words(letter.subject, "Subject")),
        ("Message-ID", letter.mail_id),
        *([("Reply-To", letter.reply_to)] if letter.reply_to else []),
        *((name, value.replace(" ", "\r\n ")) for name, value in letter.headers),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return head.encode() + body.as_bytes()


def _words(text: str, header: str) -> str:
    """Encode a text for a header (RFC 2047), folded."""
    if text.isascii() and len(text) <= 60:
        return text
    return Header(text, "utf-8", maxlinelen=75, header_name=header).encode(linesep="\r\n")


def _person(name: str, address: str) -> str:
    if not name:
        return address
    if not name.isascii():
        return f"{_words(name, 'From')} <{address}>"
    return f'"{name}" <{address}>'.replace("\\", "") if set(name) & _SPECIAL else f"{name} <{address}>"
