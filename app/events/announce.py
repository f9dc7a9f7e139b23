"""After the commit: tell this process at once, and the other processes with one hint a millisecond.

A hint is only "clinic X has reached n" or "there are jobs". Whoever gets it reads the log; whoever misses it finds the
events at the next poll (``POLL_SECONDS``). It carries the mark of the process that committed, which knows it already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec

from app.kit.ids import new_id
from app.kit.pubsub import MAX_TEXT

if TYPE_CHECKING:
    from app.events.log import Logged
    from app.kit.pubsub import Bus

LOG_TOPIC, JOBS_TOPIC, LIVE_TOPIC = "log", "jobs", "live"
ORIGIN = new_id().hex[-12:]
"""The mark of this process in its hints."""

_bus: Bus | None = None
_listeners: list[Callable[[UUID, Sequence[Logged]], None]] = []


def use_bus(bus: Bus | None) -> None:
    """Set the bus of this process; None: nobody else listens (tests of pure code)."""
    global _bus  # noqa: PLW0603 - one bus a process, set once at start
    _bus = bus


def bus() -> Bus | None:
    """Return the bus of this process."""
    return _bus


def on_commit(listener: Callable[[UUID, Sequence[Logged]], None]) -> None:
    """Call ``listener(clinic_id, events)`` after each commit of this process. It must not block or raise."""
    _listeners.append(listener)


def commit_hint() -> str | None:
    """Return the mark for a hint that ``ingest_batch`` sends by its own commit; None when the bus goes elsewhere."""
    return ORIGIN if _bus is not None and _bus.in_commit else None


def announce(clinic_id: UUID, events: Sequence[Logged], *, hinted: bool = False) -> None:
    """Tell everybody of events that are committed; ``hinted``: the commit has told the other processes itself."""
    if not events:
        return
    for listener in _listeners:
        listener(clinic_id, events)
    if _bus is not None and not hinted:
        _bus.publish(LOG_TOPIC, f"{clinic_id.hex}:{events[-1].seq}:{ORIGIN}")


def announce_jobs() -> None:
    """Wake the relay: rows of table ``job`` are due."""
    if _bus is not None:
        _bus.publish(JOBS_TOPIC, "due")


def announce_live(clinic_id: UUID, live_type: str, data: dict[str, Any]) -> None:
    """Show something that is not kept to all screens of a clinic. The caller sees to four a second at most."""
    frame = msgspec.json.encode({"t": "live", "type": live_type, "data": data}).decode()
    text = f"{clinic_id.hex} {ORIGIN} {frame}"
    if _bus is not None and len(text.encode()) <= MAX_TEXT:
        _bus.publish(LIVE_TOPIC, text)


class Hint(NamedTuple):
    """A clinic's log has reached ``seq``; ``is_ours``: by a commit of this process."""

    clinic_id: UUID
    seq: int
    is_ours: bool


def parse_hint(text: str) -> Hint:
    """Read a hint."""
    clinic, seq, origin = text.split(":")
    return Hint(UUID(hex=clinic), int(seq), origin == ORIGIN)
