"""Websocket frames as bytes. A server's frame is unmasked, so every socket gets the same bytes (RFC 6455 section 5)."""

from __future__ import annotations

import struct
from typing import Any

import msgspec

_TEXT = 0x81  # FIN and opcode 1
_encode = msgspec.json.Encoder().encode


def text_frame(payload: bytes) -> bytes:
    """Return one whole text frame."""
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", _TEXT, 126, size) + payload
    return struct.pack("!BBQ", _TEXT, 127, size) + payload


def json_frame(value: Any) -> bytes:
    """Return one text frame with a JSON value."""
    return text_frame(_encode(value))
