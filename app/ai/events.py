"""What the assistant tells: contract section 4."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from app.ai.suggest_schemas import SuggestionView
from app.events.service import Event, event_type
from app.inbox.schemas import MessageView, ThreadView


@event_type
class AiTriaged(Event):
    """A message was read: ``message.triage`` says how. ``changes`` are the thread's."""

    type: ClassVar[str] = "ai.triaged"
    message: MessageView
    thread: ThreadView
    changes: dict[str, Any]


@event_type
class AiSuggested(Event):
    """A reply was suggested, or something became of one: ``changes`` says what."""

    type: ClassVar[str] = "ai.suggested"
    suggestion: SuggestionView
    thread: ThreadView
    changes: dict[str, Any] = {}  # noqa: RUF012 - msgspec copies it


@event_type
class AiReplied(Event):
    """The assistant answered by itself."""

    type: ClassVar[str] = "ai.replied"
    message: MessageView
    thread: ThreadView
    answers: UUID
    """The patient's message."""


@event_type
class AiTakenOver(Event):
    """Somebody has taken a conversation over: the assistant is silent there."""

    type: ClassVar[str] = "ai.taken_over"
    thread: ThreadView
    by: str


@event_type
class AiHandedBack(Event):
    """The clinic's rules hold again in a conversation."""

    type: ClassVar[str] = "ai.handed_back"
    thread: ThreadView
    by: str
