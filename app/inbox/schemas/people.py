"""People who are joined, parted and told apart."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from app.contacts.schemas import ContactView, Duplicate, SharedPoint, SharerView
from app.inbox.schemas.threads import ThreadView


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
