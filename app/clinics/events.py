"""What changes of settings tell."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from app.events.service import Event, event_type


@event_type
class SettingsChanged(Event):
    """A setting of the clinic changed: ``section`` is clinic, team, keys, ...; secrets never travel."""

    type: ClassVar[str] = "settings.changed"
    section: str
    changes: dict[str, Any] = {}  # noqa: RUF012 - msgspec copies it
    staff_id: UUID | None = None
