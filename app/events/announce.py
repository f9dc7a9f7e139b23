"""After the commit: tell this process at once, and the other processes with one hint a millisecond.

A hint is only "clinic X has reached n" or "there are jobs". Whoever gets it reads the log; whoever misses it finds the
events at the next poll (``POLL_SECONDS``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from app.events.log import Logged
    from app.kit.pubsub import Bus

LOG_TOPIC, JOBS_TOPIC = "log", "jobs"

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


def announce(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Tell everybody of events that are committed."""
    if not events:
        return
    for listener in _listeners:
        listener(clinic_id, events)
    if _bus is not None:
        _bus.publish(LOG_TOPIC, f"{clinic_id.hex}:{events[-1].seq}")


def announce_jobs() -> None:
    """Wake the relay: rows of table ``job`` are due."""
    if _bus is not None:
        _bus.publish(JOBS_TOPIC, "due")


def parse_hint(text: str) -> tuple[UUID, int]:
    """Return clinic and seq of a hint."""
    clinic, _, seq = text.partition(":")
    return UUID(hex=clinic), int(seq)
