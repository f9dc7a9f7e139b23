"""Single headers and texts of mails, decoded. Pure; never raises, whatever a mail says of itself."""

from __future__ import annotations

import binascii
import re
from email import policy
from email.header import decode_header
from hashlib import sha256

LONGEST_SUBJECT, LONGEST_NAME, LONGEST_ID, LONGEST_ADDRESS = 300, 120, 128, 254
MOST_ADDRESSES, MOST_HEADERS, LONGEST_HEAD = 40, 500, 65_536

# What nearly every mail has, and what the library would say the same of in 30 times the time: atoms or a quoted string
# of nothing special, and an address of nothing special.
_PLAIN_ADDRESS = r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_PLAIN_PERSON = re.compile(
    r"(?:(?P<atoms>[A-Za-z][A-Za-z'-]*(?: [A-Za-z][A-Za-z'-]*)*) ?|\"(?P<quoted>[A-Za-z][A-Za-z .,&'-]*)\" ?)?"
    rf"<(?P<named>{_PLAIN_ADDRESS})>|(?P<bare>{_PLAIN_ADDRESS})"
)
_BLANK_LINE, _FOLD = re.compile(rb"\r?\n\r?\n"), re.compile(rb"\r?\n[ \t]+")
_FIELD_NAME = re.compile(rb"[A-Za-z0-9-]{1,60}")
_MAIL_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_ADDRESS = re.compile(r"[^\s<>;,:\"()\[\]\\@\ud800-\udfff]{1,64}@[^\s<>;,:\"()\[\]\\@\ud800-\udfff]{1,190}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+_-]{0,62}/[a-z0-9][a-z0-9.+_-]{0,62}")
_MACHINES = re.compile(r"(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?)(?:[+@.-]|$)")
MIME_ERRORS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the standard library's mail code raises on garbage, besides what it documents."""


def read_head(raw: bytes) -> list[tuple[str, str]]:
    """Return the headers a mail begins with, without looking at what follows."""
    head = _BLANK_LINE.split(raw[:LONGEST_HEAD], maxsplit=1)[0]
    lines = _FOLD.sub(b" ", head).splitlines()[:MOST_HEADERS]
    pairs = (line.partition(b":") for line in lines)
    return [
        (name.decode("ascii"), value.decode("utf-8", "surrogateescape").strip())
        for name, colon, value in pairs
        if colon and _FIELD_NAME.fullmatch(name)
    ]


def mail_ids(value: str) -> list[str]:
    """Return the Message-IDs a header names, with their angle brackets."""
    return _MAIL_ID.findall(value[:20_000])


def provider_id(mail_id: str) -> str:
    """Return what a mail is known by on its channel: its id, or the id's hash where that is longer than a column."""
    return mail_id if len(mail_id) <= LONGEST_ID else f"<{sha256(mail_id.encode()).hexdigest()}@long-id.invalid>"


def decoded(name: str, value: str, longest: int) -> str:
    """Return a header's text for people: encoded words decoded, one line, nothing that cannot be printed."""
    value = unfolded(value)[:4000]
    if "=?" not in value:
        return printable(value)[:longest].strip()
    try:
        value = str(policy.default.header_factory(name, value))
    except MIME_ERRORS:
        value = decoded_words(value)
    return printable(value)[:longest].strip()


def decoded_words(value: str) -> str:
    """Return a text with its encoded words (RFC 2047) decoded."""
    try:
        return "".join(
            part if isinstance(part, str) else to_text(part, charset or "ascii")
            for part, charset in decode_header(value)
        )
    except (*MIME_ERRORS, binascii.Error):
        return value


def person(value: str) -> tuple[str, str | None]:
    """Return address and display name of the first person a header names."""
    value = unfolded(value)[:2000]
    if not value:
        return "", None
    plain = _PLAIN_PERSON.fullmatch(value)
    if plain and (address := clean_address(plain["named"] or plain["bare"])):
        return address, (plain["atoms"] or plain["quoted"] or "")[:LONGEST_NAME].strip() or None
    try:
        named = policy.default.header_factory("From", value).addresses
        if named and (address := clean_address(named[0].addr_spec)):
            return address, printable(named[0].display_name)[:LONGEST_NAME].strip() or None
    except MIME_ERRORS:
        pass
    found = next(iter(_ADDRESS.findall(value.rpartition("<")[2])), None)
    name = printable(decoded_words(value.rpartition("<")[0])).strip(' "')[:LONGEST_NAME]
    return clean_address(found or ""), name or None


def addresses(value: str) -> list[str]:
    """Return the first addresses a header names."""
    return [
        address
        for one in _ADDRESS.findall(unfolded(value[:20_000]))[:MOST_ADDRESSES]
        if (address := clean_address(one))
    ]


def clean_address(text: str) -> str:
    """Return a mail address in lower case; empty for what is none."""
    text = text.strip().strip("<>").lower()
    return text if len(text) <= LONGEST_ADDRESS and text.isprintable() and _ADDRESS.fullmatch(text) else ""


def clean_type(text: str) -> str:
    """Return a media type in lower case, without parameters; "application/octet-stream" for what is none."""
    kind = text.partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else "application/octet-stream"


def is_machine(address: str) -> bool:
    """Say whether an address is one that nobody reads."""
    return bool(_MACHINES.match(address))


def without_token(address: str) -> str:
    """Return a mail address without what stands between ``+`` and ``@``."""
    local, at, domain = address.partition("@")
    return local.partition("+")[0] + at + domain


def unfolded(value: str) -> str:
    """Return a header in one line. Bytes beyond ASCII, which nobody should send, count as UTF-8 or Latin-1."""
    if value.isascii():
        return " ".join(value.replace("\x00", "").split())
    raw = value.encode("utf-8", "surrogateescape")
    try:
        value = raw.decode()
    except UnicodeDecodeError:
        value = raw.decode("latin-1")
    return " ".join(value.replace("\x00", "").split())


def printable(text: str) -> str:
    """Return the text in one line, without what cannot be printed."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c in "\t\n\r" else "" for c in text)


def to_text(data: bytes, charset: object) -> str:
    """Decode text in the charset it names; where that is unknown or wrong, as well as it goes."""
    named = charset[2] if isinstance(charset, tuple) else charset
    for name in (str(named).strip(" \"'"), "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    as_utf8 = data.decode("utf-8", "replace")
    # A few broken letters in UTF-8, or the letters of Windows, which a mail without a charset is mostly written in.
    return as_utf8 if as_utf8.count("\ufffd") * 20 < len(as_utf8) else data.decode("cp1252", "replace")
