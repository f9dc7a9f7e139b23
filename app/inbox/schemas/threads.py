"""Threads: as everybody sees them, their lists, and what can be done with them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.inbox.schemas.messages import LastMessage

ThreadState = Literal["open", "snoozed", "closed"]
View = Literal["todo", "mine", "unassigned", "snoozed", "all"]

Tag = Annotated[str, Meta(min_length=1, max_length=40)]


class ThreadContact(msgspec.Struct):
    """The contact's copies on the thread."""

    id: UUID
    name: str
    phone: str | None
    email: str | None


class Person(msgspec.Struct):
    """A staff member, by id and name."""

    id: UUID
    name: str


class ThreadView(msgspec.Struct):
    """A thread as everybody in the clinic sees it."""

    id: UUID
    contact: ThreadContact
    state: ThreadState
    assignee: Person | None
    waiting_since: dt.datetime | None
    last_message: LastMessage | None
    last_seq: Any  # int, as above
    tags: list[str]
    intent: str | None
    sentiment: str | None
    urgent: bool
    escalated: bool
    alert: str | None
    channel: str
    opted_out: list[str]
    """Kinds of channel by which this person does not want to be written to."""
    snoozed_until: dt.datetime | None
    created_at: dt.datetime
    blocked: bool = False
    """The clinic does not want to hear from this person: no notices, no alerts, no campaigns."""
    whatsapp_until: dt.datetime | None = None
    """Free text by WhatsApp is allowed until then."""
    person: Person | None = None
    """Who of several people behind one number is writing, when the desk has said so."""
    lost: int = 0
    """Messages of ours that did not arrive, until they are sent again or the conversation is done."""
    participants: list[UUID] = []
    """Staff who wrote here, were named in a note, or were added: they hear of every new message."""


class ThreadRow(ThreadView):
    """A thread with what only the caller knows: how many messages they have not read."""

    unread: int = 0


class ThreadPage(msgspec.Struct):
    """One keyset page of threads."""

    items: list[ThreadRow]
    next: str | None


class Counts(msgspec.Struct):
    """How many threads each view holds. ``all`` counts up to 10,000 and then stops."""

    todo: int
    mine: int
    unassigned: int
    snoozed: int
    all: int
    lost: int = 0
    """Threads with a message that did not arrive and that nobody has taken care of."""


class Assignment(msgspec.Struct, forbid_unknown_fields=True):
    """``staff_id`` null takes the thread from its assignee."""

    staff_id: UUID | None = None


class Snooze(msgspec.Struct, forbid_unknown_fields=True):
    """Sleep until this instant, or until the patient writes."""

    until: Annotated[dt.datetime, Meta(tz=True)]


class TagChange(msgspec.Struct, forbid_unknown_fields=True):
    """Tags to add and to take off."""

    add: list[Tag] = []
    remove: list[Tag] = []


class ParticipantChange(msgspec.Struct, forbid_unknown_fields=True):
    """Staff to add to a conversation and to take off it."""

    add: Annotated[list[UUID], Meta(max_length=50)] = []
    remove: Annotated[list[UUID], Meta(max_length=50)] = []


class BulkAct(msgspec.Struct, forbid_unknown_fields=True):
    """One act on up to 100 threads; ``args`` as the single act takes them."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=100)]
    act: Literal["assign", "snooze", "close", "reopen", "read", "unread", "tags"]
    args: dict[str, Any] = {}


class BulkResult(msgspec.Struct):
    """Which threads were changed, and which were not there."""

    done: list[UUID]
    missing: list[UUID]
