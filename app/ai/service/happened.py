"""What reactions look for in events, decoded no further than that: a busy day has many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.events.service import Logged


class _Author(msgspec.Struct):
    type: str


class Written(msgspec.Struct):
    """A message of an event."""

    id: UUID
    thread_id: UUID
    direction: str
    author: _Author


class _Told(msgspec.Struct):
    message: Written


class _ToldEvent(msgspec.Struct):
    data: _Told


class _Thread(msgspec.Struct):
    id: UUID
    escalated: bool


class _Concerned(msgspec.Struct):
    thread: _Thread


class _ConcernedEvent(msgspec.Struct):
    data: _Concerned


_message = msgspec.json.Decoder(_ToldEvent).decode
_thread = msgspec.json.Decoder(_ConcernedEvent).decode


def written_by_staff(events: Sequence[Logged]) -> list[Written]:
    """Return the messages to patients that people wrote."""
    told = (_message(event.body + "}").data.message for event in events)
    return [one for one in told if one.direction == "out" and one.author.type in {"staff", "key"}]


def escalated(events: Sequence[Logged]) -> list[UUID]:
    """Return the conversations that needed a person at the time of an event."""
    told = (_thread(event.body + "}").data.thread for event in events)
    return sorted({one.id for one in told if one.escalated})
