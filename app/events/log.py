"""The shape of an event: how its data becomes the stored body, and the body the frame on the wire (contract, 4)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import msgspec

from app.kit import clock

if TYPE_CHECKING:
    from app.kit.principal import Principal


class _Seq:
    """Stands where the event's own number belongs until the log knows it."""

    def __repr__(self) -> str:
        return "SEQ"


SEQ: Any = _Seq()
"""Put this into an event's data where its own seq belongs; ``log_append`` writes the number."""


def _hook(value: object) -> msgspec.Raw:
    if value is SEQ:
        # One raw control character. Encoded JSON can never contain one, so nobody's text can forge the place.
        return msgspec.Raw(b"\x01")
    raise TypeError(f"{type(value).__name__} has no place in an event")


_encode = msgspec.json.Encoder(enc_hook=_hook, decimal_format="number").encode


class Event(msgspec.Struct, kw_only=True):
    """Base of all events. A subclass sets ``type`` (the name in the contract) and has the data as its fields."""

    type: ClassVar[str] = ""


EVENT_TYPES: dict[str, type[Event]] = {}


def event_type(cls: type[Event]) -> type[Event]:
    """Register an event class; a second class of the same type is an error."""
    if not cls.type or cls.type in EVENT_TYPES:
        raise ValueError(f"{cls.__name__}: type {cls.type!r} is missing or taken")
    EVENT_TYPES[cls.type] = cls
    return cls


class Logged(msgspec.Struct, frozen=True):
    """One committed event. ``body`` is the frame without its closing brace, ``sum`` the 32 bytes of the chain."""

    seq: int
    body: str
    sum: bytes

    @property
    def frame(self) -> bytes:
        """Return the JSON text of the wire frame."""
        return f'{self.body},"sum":"{self.sum[:8].hex()}"}}'.encode()

    @property
    def data(self) -> dict[str, Any]:
        """Return the decoded data."""
        return msgspec.json.decode(self.body + "}")["data"]


def encode_rest(event: Event, actor: Principal, at: dt.datetime | None = None) -> str:
    """Return the body after the seq: ``,"type":...,"at":...,"actor":...,"data":{...}`` without the last brace."""
    head = _encode({"type": event.type, "at": clock.iso(at or clock.now()), "actor": actor.actor, "data": event})
    return "," + head[1:-1].decode()


class LogState(msgspec.Struct, frozen=True):
    """The head of a clinic's log."""

    epoch: UUID
    seq: int
    sum: str
