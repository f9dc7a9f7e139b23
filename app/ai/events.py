"""What the assistant tells: contract section 4."""

from __future__ import annotations

from typing import Any, ClassVar

from app.events.service import Event, event_type
from app.inbox.schemas import MessageView, ThreadView


@event_type
class AiTriaged(Event):
    """A message was read: ``message.triage`` says how. ``changes`` are the thread's."""

    type: ClassVar[str] = "ai.triaged"
    message: MessageView
    thread: ThreadView
    changes: dict[str, Any]
