"""What the inbox tells: contract section 4. ``data`` holds the full present view of the thing changed."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from app.contacts.schemas import ContactView
from app.events.service import Event, event_type
from app.inbox.schemas import MergedAway, MessageView, Parted, ThreadView


@event_type
class MessageCreated(Event):
    """A text came in or was written. ``contact`` is the brief view; ``new_contact``: nobody knew them before."""

    type: ClassVar[str] = "message.created"
    message: MessageView
    thread: ThreadView
    contact: dict[str, Any]
    new_contact: bool = False


@event_type
class NoteCreated(Event):
    """A colleague left a note."""

    type: ClassVar[str] = "note.created"
    message: MessageView
    thread: ThreadView


@event_type
class MessageStatusChanged(Event):
    """A message moved forward on its way. ``changes``: ``{"status": [old, new]}``."""

    type: ClassVar[str] = "message.status_changed"
    message: MessageView
    thread: ThreadView
    changes: dict[str, Any]


@event_type
class MessageAttachmentStored(Event):
    """A file of a message is there now, or will never be: ``attachment`` says which. ``changes``: its ``state``."""

    type: ClassVar[str] = "message.attachment_stored"
    message: MessageView
    thread: ThreadView
    attachment: dict[str, Any]
    changes: dict[str, Any]


@event_type
class MessageReacted(Event):
    """A patient put an emoji on a message or took it off. ``changes``: ``{"reactions": [old, new]}``."""

    type: ClassVar[str] = "message.reacted"
    message: MessageView
    thread: ThreadView
    changes: dict[str, Any]


@event_type
class ConsentChanged(Event):
    """Somebody may be written to by a kind of channel, or no more. No contact, no thread: a number nobody knows yet."""

    type: ClassVar[str] = "consent.changed"
    channel: str
    address: str
    granted: bool
    source: str
    contact: ContactView | None
    thread: ThreadView | None


class _ThreadEvent(Event):
    thread: ThreadView
    changes: dict[str, Any] = {}  # noqa: RUF012 - msgspec gives each event an empty one of its own


@event_type
class ThreadUpdated(_ThreadEvent):
    """State or facts of a thread changed: done, reopened, renamed contact."""

    type: ClassVar[str] = "thread.updated"


@event_type
class ThreadAssigned(_ThreadEvent):
    """Somebody has it now, or nobody any more."""

    type: ClassVar[str] = "thread.assigned"


@event_type
class ThreadSnoozed(_ThreadEvent):
    """It sleeps."""

    type: ClassVar[str] = "thread.snoozed"


@event_type
class ThreadTagged(_ThreadEvent):
    """Tags were added or taken off."""

    type: ClassVar[str] = "thread.tagged"


@event_type
class ThreadRead(Event):
    """One staff member has read a thread, or marked it unread. Their mark changed, not the thread: it is only named."""

    type: ClassVar[str] = "thread.read"
    thread_id: UUID
    staff_id: UUID
    unread: int
    changes: dict[str, Any]


@event_type
class ThreadMerged(Event):
    """Two people became one: ``thread`` and ``contact`` are the survivor's, ``merged`` names what is gone.

    Messages of ``merged.thread_id`` belong to ``thread`` from here on. With ``undone`` they were parted again:
    ``parted`` has the thread and the contact that are back, and ``message_ids``, which belong to that thread again.
    """

    type: ClassVar[str] = "thread.merged"
    thread: ThreadView
    contact: ContactView
    merged: MergedAway
    undone: bool = False
    parted: Parted | None = None


@event_type
class AlertRaised(_ThreadEvent):
    """A thread needs a person now, and did not when its message came."""

    type: ClassVar[str] = "alert.raised"


@event_type
class AlertCleared(_ThreadEvent):
    """Somebody took care of an escalated thread."""

    type: ClassVar[str] = "alert.cleared"
