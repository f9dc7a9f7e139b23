"""What crosses the wire between a visitor's page and us. Nothing of staff, tags, notes or other channels is in it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

LONGEST = 2_000


class Arrival(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody opened the chat; ``page`` is where."""

    page: Annotated[str, Meta(max_length=500)] = ""


class NewVisitor(msgspec.Struct, frozen=True):
    """The key is shown this once; only its hash is kept."""

    id: UUID
    key: str


class VisitorDraft(msgspec.Struct, forbid_unknown_fields=True):
    """What a visitor sends. Who they are is asked before the first message and ignored after it."""

    client_id: UUID
    body: Annotated[str, Meta(min_length=1, max_length=LONGEST)]
    name: Annotated[str, Meta(max_length=80)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""


class SeenMark(msgspec.Struct, forbid_unknown_fields=True):
    """Everything up to this number stood on the visitor's screen."""

    seq: Annotated[int, Meta(ge=0, le=2**53)]


class Writer(msgspec.Struct, frozen=True):
    """Who wrote: ``you``, a person of the clinic by first name, or its assistant."""

    type: Literal["you", "staff", "assistant", "clinic"]
    name: str


class VisitorFile(msgspec.Struct, frozen=True):
    """A file of a message. Its link is asked for when it is shown: links end soon."""

    id: UUID
    name: str
    type: str
    size: int | None
    is_picture: bool
    """It has a small picture of itself."""
    is_kept: bool = True
    """False: it could not be read, and nobody has it."""


class FileLink(msgspec.Struct, frozen=True):
    """Where a file of the chat is, for 15 minutes and for this visitor."""

    url: str
    thumbnail: str | None = None


class VisitorMessage(msgspec.Struct, frozen=True):
    """A message as its visitor sees it."""

    id: UUID
    seq: int
    direction: Literal["in", "out"]
    body: str
    author: Writer
    status: str
    created_at: dt.datetime
    client_id: str | None = None
    files: list[VisitorFile] = []


class VisitorPage(msgspec.Struct):
    """Messages, oldest first. Ask again with ``after`` = ``seq``."""

    items: list[VisitorMessage]
    seq: int
