"""What realtime needs running in a web process: the hub and its ear on the bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.config import settings
from app.desk.service import load_context, render_event
from app.events.service import LOG_TOPIC, bus, on_commit
from app.ops.service import ROOMS, SOCKETS
from app.realtime.hub import Hub
from app.realtime.presence import Presence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.events.service import Logged

_hub: Hub | None = None
_presence: Presence | None = None


def hub() -> Hub:
    """Return the hub of this process."""
    if _hub is None:
        raise RuntimeError("the hub has not been started")
    return _hub


def presence() -> Presence:
    """Return the presence of this process."""
    if _presence is None:
        raise RuntimeError("the hub has not been started")
    return _presence


def _tell(clinic_id: UUID, events: Sequence[Logged]) -> None:
    if _hub is not None:
        _hub.on_commit(clinic_id, events)


on_commit(_tell)
SOCKETS.set_function(lambda: sum(len(room.clients) for room in _hub.rooms.values()) if _hub else 0)
ROOMS.set_function(lambda: len(_hub.rooms) if _hub else 0)


async def start(_dsn: str) -> None:
    """Open the hub."""
    global _hub, _presence  # noqa: PLW0603 - one hub a process
    _hub = Hub(render=render_event, load=load_context, poll_seconds=settings().poll_seconds)
    the_bus = bus()
    _presence = Presence(_hub, the_bus)
    if the_bus is not None:
        the_bus.subscribe(LOG_TOPIC, _hub.on_hint)
    _hub.start()


async def stop() -> None:
    """Close the hub; uvicorn has closed the sockets with 1012."""
    global _hub, _presence  # noqa: PLW0603
    if _hub is not None:
        await _hub.stop()
    _hub = _presence = None
