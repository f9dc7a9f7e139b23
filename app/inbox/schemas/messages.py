"""Messages: as everybody sees them, and what callers ask for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.channels.schemas import TemplateChoice

ChannelKind = Literal["sms", "whatsapp", "email", "webchat"]

LONGEST_BODY = 10_000
LONGEST_SUBJECT = 250
Body = Annotated[str, Meta(min_length=1, max_length=LONGEST_BODY)]


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


class MessagePage(msgspec.Struct):
    """One keyset page of messages, newest first."""

    items: list[MessageView]
    next: str | None


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
