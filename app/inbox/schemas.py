"""What crosses the wire: threads, messages, and what callers ask for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.channels.schemas import TemplateChoice
from app.contacts.schemas import ContactView, Duplicate, SharedPoint, SharerView

ChannelKind = Literal["sms", "whatsapp", "email", "webchat"]
ThreadState = Literal["open", "snoozed", "closed"]
View = Literal["todo", "mine", "unassigned", "snoozed", "all"]

LONGEST_BODY = 10_000
LONGEST_SUBJECT = 250
Body = Annotated[str, Meta(min_length=1, max_length=LONGEST_BODY)]
Tag = Annotated[str, Meta(min_length=1, max_length=40)]


class Author(msgspec.Struct):
    """Who wrote: ``type`` is patient, staff, key, ai, automation or system."""

    type: str
    id: UUID | None
    name: str


class Failure(msgspec.Struct):
    """Why a message could not be delivered; ``text`` is for people."""

    code: str
    text: str | None


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message. ``type`` is by its content once it is stored, before that what its sender says."""

    id: UUID
    name: str
    type: str
    size: int | None
    state: Literal["waiting", "stored", "refused"]
    reason: str | None = None
    """Why it is not there, for people."""
    url: str | None = None
    thumbnail: str | None = None
    width: int | None = None
    height: int | None = None


class AttachmentView(Attached, frozen=True, kw_only=True):
    """A file with an address that opens without signing in, for 15 minutes."""

    link: str | None = None


class FileNamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that was uploaded before."""

    id: UUID


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How the assistant read a message. Confidences are shares from 0 to 1; ``reason`` is for staff."""

    intent: str
    confidence: float
    sentiment: Literal["positive", "neutral", "negative"]
    sentiment_confidence: float
    urgent: bool
    escalate: bool
    entities: dict[str, Any]
    """``{"service": [...], "when": [{"text", "date", "time"}, ...]}``, dates in the clinic's zone."""
    reason: str
    tier: str
    model: str


class MessageView(msgspec.Struct):
    """A message as everybody in the clinic sees it."""

    id: UUID
    thread_id: UUID
    seq: Any  # int; while an event is being written the place of its own number
    direction: Literal["in", "out"]
    channel: str
    kind: Literal["text", "note", "system"]
    body: str
    author: Author
    status: str
    provider_id: str | None
    attachments: list[dict[str, Any]]
    sent_at: dt.datetime | None
    delivered_at: dt.datetime | None
    read_at: dt.datetime | None
    failure: Failure | None
    mode: Literal["live", "simulated"]
    created_at: dt.datetime
    send_at: dt.datetime | None = None
    mentions: list[UUID] = []
    client_id: UUID | None = None
    details: dict[str, Any] | None = None
    """What only some channels have, e.g. a mail's subject; see ``Details`` in ``app.channels.adapters.base``."""
    reactions: list[dict[str, Any]] = []
    """``{"by", "name", "emoji", "at"}``, the newest of each person; ``emoji`` null: taken off again."""
    retry_of: UUID | None = None
    """The message that could not be delivered and that this one sends another way."""
    retried_as: dict[str, Any] | None = None
    """``{"id", "channel"}`` of the message that was sent instead, of one that could not be delivered."""
    triage: Reading | None = None
    """Null: not sorted yet, or nothing to sort."""


class LastMessage(msgspec.Struct):
    """The newest message of a thread, cut to 160 characters."""

    id: UUID
    direction: Literal["in", "out"]
    kind: str
    channel: str
    body: str
    status: str
    author: Author
    created_at: dt.datetime
    send_at: dt.datetime | None = None
    """When it leaves, while it waits."""


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


class MessagePage(msgspec.Struct):
    """One keyset page of messages, newest first."""

    items: list[MessageView]
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


class ReplyDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A reply to send (contract section 6)."""

    channel: ChannelKind | None = None
    body: Annotated[str, Meta(max_length=LONGEST_BODY)] = ""
    attachments: Annotated[list[FileNamed], Meta(max_length=10)] = []
    """Files that were uploaded before (``POST .../attachments``), in the order in which they are shown."""
    seen: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    client_id: UUID | None = None
    send_at: Annotated[dt.datetime, Meta(tz=True)] | None = None
    anyway: bool = False
    template: TemplateChoice | None = None
    """A text WhatsApp has approved, instead of ``body``: the only thing that goes after the 24 hours."""
    subject: Annotated[str, Meta(max_length=LONGEST_SUBJECT)] | None = None
    """Of a mail. Left out, an answer takes the subject of what it answers, and a first mail the clinic's name."""


class Again(msgspec.Struct, forbid_unknown_fields=True):
    """How to send a message again: as it was sent, or by another ``channel``."""

    channel: ChannelKind | None = None
    seen: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    """As in ``ReplyDraft``; asked by another channel only, whose message is a new one."""
    anyway: bool = False


class OtherWay(msgspec.Struct, frozen=True):
    """A way by which a message could go instead, and in plain words why not."""

    channel: ChannelKind
    reason: str | None = None


class ScheduledChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a message that waits; fields left out stay. ``send_at`` null: now."""

    body: Annotated[str, Meta(max_length=LONGEST_BODY)] | msgspec.UnsetType = msgspec.UNSET
    send_at: Annotated[dt.datetime, Meta(tz=True)] | msgspec.UnsetType | None = msgspec.UNSET
    seen: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    anyway: bool = False


class NoteDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A note for the team."""

    body: Body
    mentions: list[UUID] = []
    client_id: UUID | None = None


class DraftText(msgspec.Struct, forbid_unknown_fields=True):
    """What has been typed and not sent."""

    body: Annotated[str, Meta(max_length=LONGEST_BODY)]
    kind: Literal["reply", "note", "subject"] = "reply"
    """``subject`` is that of a mail, in one line."""


class BegunReply(msgspec.Struct, frozen=True):
    """A reply that a colleague has begun and not sent."""

    staff: Person
    body: str
    updated_at: dt.datetime


class Drafts(msgspec.Struct):
    """The caller's drafts in one thread, and which replies colleagues have begun there."""

    reply: str = ""
    note: str = ""
    subject: str = ""
    others: list[BegunReply] = []


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


class DraftOwner(msgspec.Struct, forbid_unknown_fields=True):
    """Whose reply to go on with."""

    staff_id: UUID


class BulkAct(msgspec.Struct, forbid_unknown_fields=True):
    """One act on up to 100 threads; ``args`` as the single act takes them."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=100)]
    act: Literal["assign", "snooze", "close", "reopen", "read", "unread", "tags"]
    args: dict[str, Any] = {}


class BulkResult(msgspec.Struct):
    """Which threads were changed, and which were not there."""

    done: list[UUID]
    missing: list[UUID]


class MergeDraft(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to join with. ``into`` and ``survivor`` are ids of a thread or a contact; ``survivor`` is one of the two."""

    into: UUID
    survivor: UUID | None = None
    """Whose name and first number stay; ``into`` when it is left out."""


class MergedAway(msgspec.Struct):
    """What is no more by itself. ``thread_id`` is null for somebody who never had a conversation."""

    contact_id: UUID
    thread_id: UUID | None
    name: str


class Parted(msgspec.Struct):
    """What is back by itself."""

    thread: ThreadView | None
    contact: ContactView
    message_ids: list[UUID]


class MergeView(msgspec.Struct):
    """Two people who were joined; ``until`` is how long they can be parted again."""

    id: UUID
    merged: MergedAway
    merged_at: dt.datetime
    until: dt.datetime


class MergeResult(msgspec.Struct):
    """The survivor."""

    merge: MergeView
    thread: ThreadView
    contact: ContactView


class PersonChoice(msgspec.Struct, forbid_unknown_fields=True):
    """Who of a family is writing; null when that is not known."""

    contact_id: UUID | None


class PeopleView(msgspec.Struct):
    """Who else belongs to a person: a family, a second entry, somebody who was joined in."""

    sharers: list[SharerView]
    shared: list[SharedPoint]
    duplicates: list[Duplicate]
    merges: list[MergeView]


class SavedReplyDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A saved reply; tokens such as ``{first_name}`` and ``{clinic}`` are filled in the composer."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    body: Annotated[str, Meta(min_length=1, max_length=2_000)]


class SavedReplyView(msgspec.Struct):
    """A saved reply."""

    id: UUID
    name: str
    body: str


class Decided(msgspec.Struct):
    """Why a message was sent, and what became of it (N8). Times are UTC; ``local_time`` is the recipient's."""

    message_id: UUID
    thread_id: UUID
    decided_at: dt.datetime
    kind: str
    channel: str
    to_address: str
    rule: str
    approved_by: str
    consent: str
    consent_source: str
    consent_at: dt.datetime
    is_opted_out: bool
    zone: str
    local_time: str
    quiet_hours: str
    units: int
    status: str
    provider_id: str | None
    attempts: int
    sent_at: dt.datetime | None
    delivered_at: dt.datetime | None
    read_at: dt.datetime | None
    failure: str | None
    mode: str
    acts: list[dict[str, Any]]
    """What people did with it: ``{"at", "action", "by"}``."""
    proof: dict[str, Any] | None = None
    """Of what the assistant sent by itself: what it read, how sure it was, by whose leave."""
