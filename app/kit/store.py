"""Where files lie: in a folder of this machine, or on any server that speaks S3. What is kept there is sealed.

A file is cut into parts, and each part is sealed for its clinic, its row and its place in the file (``Vault``): a part
that is moved, left out or taken from another file does not open, and a file can be sent on while it is being read.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from app.kit.crypto import CannotOpenError, Place, Vault
from app.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from pathlib import Path

PART_BYTES = 256 * 1024
_HEAD_BYTES = 5  # one that says whether it is the last, four of length
_OVERHEAD = 1024
_KEY = re.compile(r"[a-z0-9]+(?:[/-][a-z0-9]+)*")
READ_BYTES = 64 * 1024
LISTED = 1000
"""Keys of a portion of the list."""


class NotKept(Exception):
    """Nothing is kept under this key (any more)."""


class Stored(NamedTuple):
    """What the place says of something it keeps: its key, and since when it lies there."""

    key: str
    at: dt.datetime


class Store(Protocol):
    """Keeps bytes under a key. Whoever has put them finds them, also after a power cut.

    All of it raises ``OSError`` when the place is full, away or slow.
    """

    async def put(self, key: str, parts: Iterable[bytes]) -> None:
        """Keep the bytes; returns when they are safe."""
        ...

    def get(self, key: str) -> AsyncIterator[bytes]:
        """Give the bytes back, piece by piece. Raises ``NotKept``."""
        ...

    async def delete(self, key: str) -> None:
        """Forget the bytes; that there are none is no error."""
        ...

    def list_kept(self) -> AsyncIterator[list[Stored]]:
        """Give all that is kept, a portion at a time; what is put meanwhile may be missing."""
        ...

    async def forget_drafts(self, before: dt.datetime) -> None:
        """Remove what was begun before this moment and never became a file."""
        ...


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("not a key of ours")
    return key


class FolderStore:
    """A folder. A file appears under its name when all of it is on the disk, never earlier."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, parts: Iterable[bytes]) -> None:
        """Write beside it, have it on the disk, then give it its name."""
        await asyncio.to_thread(self._put, self._folder / _checked(key), parts)

    def _put(self, path: Path, parts: Iterable[bytes]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{new_id().hex}")
        try:
            with draft.open("xb") as file:
                draft.chmod(0o600)
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        # The name, too, must survive a power cut; and so must that of a folder that is new.
        for folder in (path.parent, path.parent.parent):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    async def get(self, key: str) -> AsyncIterator[bytes]:
        """Read it in pieces, beside the event loop."""
        try:
            file = await asyncio.to_thread((self._folder / _checked(key)).open, "rb")
        except FileNotFoundError:
            raise NotKept(key) from None
        with file:
            while piece := await asyncio.to_thread(file.read, READ_BYTES):
                yield piece

    async def delete(self, key: str) -> None:
        """Remove it."""
        await asyncio.to_thread((self._folder / _checked(key)).unlink, missing_ok=True)

    async def list_kept(self) -> AsyncIterator[list[Stored]]:
        """Walk through the folders, one after the other."""
        for folder in await asyncio.to_thread(self._folders):
            found = [(name, at) for name, at in await asyncio.to_thread(_entries, folder) if _KEY.fullmatch(name)]
            for start in range(0, len(found), LISTED):
                yield [Stored(f"{folder.name}/{name}", at) for name, at in found[start : start + LISTED]]

    async def forget_drafts(self, before: dt.datetime) -> None:
        """Remove drafts that a crash left behind."""
        for folder in await asyncio.to_thread(self._folders):
            for name, at in await asyncio.to_thread(_entries, folder):
                if name.startswith(".") and at < before:
                    await asyncio.to_thread((folder / name).unlink, missing_ok=True)

    def _folders(self) -> list[Path]:
        return sorted(one for one in self._folder.iterdir() if one.is_dir()) if self._folder.is_dir() else []


def _entries(folder: Path) -> list[tuple[str, dt.datetime]]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # removed since
                if entry.is_file(follow_symlinks=False):
                    found.append((entry.name, dt.datetime.fromtimestamp(entry.stat().st_mtime, dt.UTC)))
    return found


class S3Store:
    """A bucket of any server that speaks S3."""

    def __init__(self, *, endpoint: str, bucket: str, access_key: str, secret_key: str, timeout: float) -> None:
        # 15 MB of compiled code, loaded only where there is a bucket.
        from obstore.store import S3Store as Bucket  # noqa: PLC0415

        self._bucket = Bucket(
            bucket,
            endpoint=endpoint.rstrip("/"),
            access_key_id=access_key,
            secret_access_key=secret_key,
            region="us-east-1",  # signed, but of no meaning, outside of Amazon
            virtual_hosted_style_request=False,
            client_options={"allow_http": endpoint.startswith("http:"), "timeout": f"{round(timeout)}s"},
            retry_config={"max_retries": 2},
        )

    async def put(self, key: str, parts: Iterable[bytes]) -> None:
        """Send it in one request: a file is there whole or not at all."""
        from obstore import put_async  # noqa: PLC0415

        with _as_os_errors():
            await put_async(self._bucket, _checked(key), b"".join(parts), use_multipart=False)

    async def get(self, key: str) -> AsyncIterator[bytes]:
        """Pass on what arrives."""
        from obstore import get_async  # noqa: PLC0415

        with _as_os_errors():
            try:
                found = await get_async(self._bucket, _checked(key))
            except FileNotFoundError:
                raise NotKept(key) from None
            async for piece in found.stream(READ_BYTES):
                yield bytes(piece)

    async def delete(self, key: str) -> None:
        """Remove it."""
        from obstore import delete_async  # noqa: PLC0415

        with _as_os_errors(), contextlib.suppress(FileNotFoundError):
            await delete_async(self._bucket, _checked(key))

    async def list_kept(self) -> AsyncIterator[list[Stored]]:
        """Ask page by page. What else lies in the bucket is none of ours."""
        from obstore import list as list_objects  # noqa: PLC0415

        with _as_os_errors():
            async for page in list_objects(self._bucket, chunk_size=LISTED):
                yield [Stored(one["path"], one["last_modified"]) for one in page if _KEY.fullmatch(one["path"])]

    async def forget_drafts(self, before: dt.datetime) -> None:
        """Nothing: a file is sent in one request and is there whole or not at all."""


@contextlib.contextmanager
def _as_os_errors() -> Iterator[None]:
    """A bucket that does not answer is like a disk that does not: callers know one kind of trouble."""
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        yield
    except BaseError as error:
        # Its own text can hold the address and the headers of the request.
        raise ConnectionError(f"the file store does not answer ({type(error).__name__})") from None


# -- sealed parts


def _place_of(place: Place, number: int, *, is_last: bool) -> Place:
    return place._replace(column=f"{place.column}:{number}:{'last' if is_last else 'more'}")


def seal_parts(vault: Vault, data_key: bytes, place: Place, data: bytes) -> Iterator[bytes]:
    """Cut a file into parts and seal each for its place."""
    starts = range(0, len(data) or 1, PART_BYTES)
    for number, start in enumerate(starts):
        is_last = number == len(starts) - 1
        sealed = vault.seal(data_key, data[start : start + PART_BYTES], _place_of(place, number, is_last=is_last))
        yield bytes((is_last,)) + len(sealed).to_bytes(4, "big") + sealed


async def open_parts(vault: Vault, data_key: bytes, place: Place, sealed: Any) -> AsyncIterator[bytes]:
    """Open what ``seal_parts`` made, part by part. Raises ``CannotOpenError``, also when the end is missing."""
    waiting, number, is_last = bytearray(), 0, False
    async for piece in sealed:
        waiting += piece
        while len(waiting) >= _HEAD_BYTES:
            size = int.from_bytes(waiting[1:_HEAD_BYTES], "big")
            if is_last or size > PART_BYTES + _OVERHEAD:
                raise CannotOpenError("not a file of ours")
            if len(waiting) < _HEAD_BYTES + size:
                break
            is_last = bool(waiting[0])
            part = bytes(waiting[_HEAD_BYTES : _HEAD_BYTES + size])
            del waiting[: _HEAD_BYTES + size]
            yield vault.open(data_key, part, _place_of(place, number, is_last=is_last))
            number += 1
    if waiting or not is_last:
        raise CannotOpenError("the file was cut short")
