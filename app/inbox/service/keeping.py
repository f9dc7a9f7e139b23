"""Keeping a file: what it is, is found out; pictures are drawn anew; the bytes are sealed and put away."""

from __future__ import annotations

import asyncio
import contextlib
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec

from app.channels.service import data_key_of, vault
from app.config import settings
from app.inbox.file_rules import LARGEST_FILE, MIB, clean_name, name_for
from app.kit.crypto import Place
from app.kit.ids import new_id
from app.kit.sniff import PROGRAM, sniff
from app.kit.store import FolderStore, S3Store, Store, open_parts, seal_parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import ModuleType
    from uuid import UUID

STORE_SECONDS = 30.0
FILE, THUMBNAIL = "store", "thumbnail"
"""What is sealed as what: a thumbnail put in the file's place does not open."""

_drawing: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class NotTaken(Exception):
    """The file is not kept, and never will be. The message says why, for people."""


class Kept(msgspec.Struct, frozen=True):
    """A file that is safe in the store."""

    name: str
    type: str
    size: int
    store_key: str
    thumbnail_key: str | None = None
    width: int | None = None
    height: int | None = None


@lru_cache(maxsize=2)
def _bucket(endpoint: str, bucket: str, access_key: str, secret_key: str) -> Store:
    return S3Store(
        endpoint=endpoint, bucket=bucket, access_key=access_key, secret_key=secret_key, timeout=STORE_SECONDS
    )


def store() -> Store:
    """Return where this installation keeps its files."""
    told = settings()
    if told.is_live("s3"):
        return _bucket(told.s3_endpoint or "", told.s3_bucket or "", told.s3_access_key or "", told.s3_secret_key or "")
    return FolderStore(told.var_dir / "files")


def place_of(clinic_id: UUID, file_id: UUID, what: str = FILE) -> Place:
    """Return where a file's bytes belong."""
    return Place(clinic_id, "attachment", what, file_id)


async def keep(clinic_id: UUID, file_id: UUID, data: bytes, name: str) -> Kept:
    """Look at a file, make it harmless and put it away; returns when it is safe. Raises ``NotTaken``.

    Not inside a transaction: drawing a large picture takes a second.
    """
    if not data:
        raise NotTaken("The file is empty.")
    if len(data) > LARGEST_FILE:
        raise NotTaken(f"The file is larger than {LARGEST_FILE // MIB} MB.")
    name = clean_name(name)
    kind = await asyncio.to_thread(sniff, data, name)
    if kind == PROGRAM:
        raise NotTaken("Files of this kind can harm a computer, so it was not kept.")
    thumbnail, width, height = b"", None, None
    if kind in pictures().FORMATS:
        try:
            async with _one_at_a_time():
                picture = await asyncio.to_thread(pictures().redraw, data, kind)
        except pictures().NotAPicture as error:
            raise NotTaken(str(error)) from None
        data, kind, thumbnail = picture.data, picture.type, picture.thumbnail
        width, height = picture.width, picture.height
    data_key = await data_key_of(clinic_id)
    store_key = await _put(data_key, place_of(clinic_id, file_id), data)
    thumbnail_key = await _put(data_key, place_of(clinic_id, file_id, THUMBNAIL), thumbnail) if thumbnail else None
    return Kept(name_for(name, kind), kind, len(data), store_key, thumbnail_key, width, height)


def pictures() -> ModuleType:
    """Return what draws pictures. Pillow would take a tenth of every start, and most processes never see a picture."""
    return import_module("app.kit.pictures")


def _one_at_a_time() -> asyncio.Semaphore:
    """A picture may take 300 MB while it is drawn: a process draws one at a time."""
    return _drawing.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(1))


async def _put(data_key: bytes, place: Place, data: bytes) -> str:
    # Random, so that a key tells nothing; by clinic, so that a clinic's files can be found and forgotten together.
    key = f"{place.clinic_id.hex}/{new_id().hex}"
    await store().put(key, seal_parts(vault(), data_key, place, data))
    return key


async def open_kept(place: Place, key: str) -> AsyncIterator[bytes]:
    """Give the bytes back, part by part."""
    data_key = await data_key_of(place.clinic_id)
    async for part in open_parts(vault(), data_key, place, store().get(key)):
        yield part


async def discard(*keys: str | None) -> None:
    """Forget bytes that nothing points at; what cannot be reached now stays, sealed and nameless."""
    for key in keys:
        if key:
            with contextlib.suppress(OSError):
                await store().delete(key)
