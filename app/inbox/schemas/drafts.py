"""What has been begun and not sent, and what is kept to be sent again."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.inbox.schemas.messages import LONGEST_BODY
from app.inbox.schemas.threads import Person


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


class DraftOwner(msgspec.Struct, forbid_unknown_fields=True):
    """Whose reply to go on with."""

    staff_id: UUID


class SavedReplyDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A saved reply; tokens such as ``{first_name}`` and ``{clinic}`` are filled in the composer."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    body: Annotated[str, Meta(min_length=1, max_length=2_000)]


class SavedReplyView(msgspec.Struct):
    """A saved reply."""

    id: UUID
    name: str
    body: str
