"""What staff changes tell."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from app.events.service import Event, event_type


@event_type
class SessionRevoked(Event):
    """Somebody may no longer do what their open tabs think: their sockets are closed on every replica (R17).

    ``session_id`` names one session (or key); null means all of ``staff_id`` but ``except_session_id``.
    """

    type: ClassVar[str] = "session.revoked"
    staff_id: UUID | None
    session_id: UUID | None = None
    except_session_id: UUID | None = None
