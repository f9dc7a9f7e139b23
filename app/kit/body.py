"""What is wrong with a body or a query before anybody decodes it: depth, number of keys, characters nobody can store.

All of it is linear in the length, with the standard library's C doing the walking: 256 KiB take a few milliseconds.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

DEEPEST_JSON, MOST_KEYS = 32, 1000
FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data"

UNREADABLE = (400, "The request cannot be read.")
TOO_DEEP = (400, "The JSON is nested deeper than 32.")
TOO_MANY = (400, "The request has more than 1,000 fields.")
NOT_TEXT = (422, "The text holds characters that cannot be used.")
NOT_NUMBERS = (422, "NaN and Infinity are no numbers in JSON.")

# A string that never ends matches to the end of the body: without that, each of its quotes would be tried again, and
# the time would grow with the square of the length.
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_NOT_NUMBERS = re.compile(rb"NaN|Infinity")


def look_at_body(media_type: bytes, body: bytes) -> tuple[int, str] | None:
    """Return status and sentence of the refusal, or None."""
    if not body:
        return None
    kind, _, rest = media_type.lower().partition(b";")
    if b"charset" in rest and b"utf-8" not in rest and b"utf8" not in rest:
        return 415, "Send text as UTF-8."
    kind = kind.strip()
    if kind == FORM:
        return TOO_MANY if body.count(b"&") >= MOST_KEYS else look_at_query(body)
    if kind == MULTIPART:
        return NOT_TEXT if b"\x00" in body and b"filename=" not in body else None
    return _look_at_json(body)


def _look_at_json(body: bytes) -> tuple[int, str] | None:
    try:
        body.decode()
    except UnicodeDecodeError:
        return UNREADABLE
    if b"u0000" in body and _NUL.search(body):
        return NOT_TEXT
    crowded = body.count(b"[") + body.count(b"{") > DEEPEST_JSON or body.count(b":") > MOST_KEYS
    if not crowded and not _NOT_NUMBERS.search(body):
        return None
    bare = _STRINGS.sub(b"", body)
    if _NOT_NUMBERS.search(bare):
        return NOT_NUMBERS
    if bare.count(b":") > MOST_KEYS:
        return TOO_MANY
    return TOO_DEEP if _too_deep(bare) else None


def _too_deep(bare: bytes) -> bool:
    depth = 0
    for found in _BRACKETS.finditer(bare):
        depth += 1 if found.group() in {b"[", b"{"} else -1
        if depth > DEEPEST_JSON:
            return True
    return False


def look_at_query(text: bytes) -> tuple[int, str] | None:
    """Refuse a query or a form whose text nobody can store: U+0000, or bytes that are no UTF-8."""
    if b"%" not in text and text.isascii() and b"\x00" not in text:
        return None
    plain = unquote_to_bytes(text)
    try:
        plain.decode()
    except UnicodeDecodeError:
        return NOT_TEXT
    return NOT_TEXT if b"\x00" in plain else None
