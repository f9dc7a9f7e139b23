"""Files that staff send, and handing out every file: to a signed-in colleague, or by a link that soon ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import structlog

from app.channels.service import OutboundFile
from app.config import settings
from app.events.service import Work, unit_of_work
from app.inbox.errors import FileNotTaken
from app.inbox.file_rules import SENDABLE, why_not
from app.inbox.schemas import AttachmentView
from app.inbox.service.files import Held
from app.inbox.service.keeping import FILE, THUMBNAIL, NotTaken, discard, keep, open_kept, place_of
from app.kit import clock, database
from app.kit.crypto import BadSignatureError, CannotOpenError, sign, unsign
from app.kit.errors import NotFound, TooLarge, TooMany, Unavailable
from app.kit.ids import as_uuid, new_id
from app.kit.principal import system
from app.kit.sniff import sniff
from app.kit.store import NotKept

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import asyncpg

    from app.kit.principal import Principal

log = structlog.get_logger()

LINK_SECONDS = 15 * 60.0
SEND_LINK_SECONDS = 60 * 60.0
"""A provider may fetch a file well after it has taken the message."""
UPLOADS_A_SECOND, UPLOAD_BURST = 1.0, 60.0
"""Of one clinic."""
_PURPOSE = "file"
_COLUMNS = "id, name, type, size, state, reason, store_key, thumbnail_key, width, height"


class Opened(msgspec.Struct, frozen=True):
    """A file that is being handed out. ``parts`` gives its bytes once; of a thumbnail nobody wrote down the size."""

    name: str
    type: str
    size: int | None
    parts: Any


async def upload_file(principal: Principal, name: str, data: bytes, largest: int) -> AttachmentView:
    """Keep a file to be sent with a message later; unsent it is forgotten after 24 hours."""
    clinic_id = principal.clinic_id
    await _limit(clinic_id)
    if len(data) > largest:
        raise TooLarge(f"A file can have {largest // 1024**2} MB.")
    file_id = new_id()
    try:
        kept = await keep(clinic_id, file_id, data, name)
    except NotTaken as error:
        raise FileNotTaken.field("file", str(error)) from None
    except OSError:
        raise Unavailable("The file could not be stored. Please try again.") from None
    if kept.type not in SENDABLE:
        await discard(kept.store_key, kept.thumbnail_key)
        raise FileNotTaken.field("file", "Files of this kind cannot be sent.")
    async with unit_of_work(clinic_id, principal) as work:
        row = await work.connection.fetchrow(
            "insert into attachment (id, clinic_id, name, type, size, state, store_key, thumbnail_key, width, height, "
            "created_at) values ($1, $2, $3, $4, $5, 'stored', $6, $7, $8, $9, $10) returning *",
            file_id,
            clinic_id,
            kept.name,
            kept.type,
            kept.size,
            kept.store_key,
            kept.thumbnail_key,
            kept.width,
            kept.height,
            clock.now(),
        )
    return _view(clinic_id, row)


async def _limit(clinic_id: UUID) -> None:
    if not settings().rate_limits:
        return
    wait = await database.fetchval(
        "select rate_take($1, $2, $3)", f"upload:{clinic_id}", UPLOADS_A_SECOND, UPLOAD_BURST
    )
    if wait > 0:
        raise TooMany("That were many files at once. Please wait a moment.", retry_after=wait)


def _view(clinic_id: UUID, row: asyncpg.Record) -> AttachmentView:
    is_stored, has_thumbnail = row["state"] == "stored", row["thumbnail_key"] is not None
    return AttachmentView(
        id=row["id"],
        name=row["name"],
        type=row["type"],
        size=row["size"],
        state=row["state"],
        reason=row["reason"],
        url=f"/files/{row['id']}" if is_stored else None,
        thumbnail=f"/files/{row['id']}/thumbnail" if is_stored and has_thumbnail else None,
        width=row["width"],
        height=row["height"],
        link=file_link(clinic_id, row["id"]) if is_stored else None,
    )


async def read_file(clinic_id: UUID, file_id: UUID) -> AttachmentView:
    """Return what is known of a file; raises ``NotFound``."""
    return _view(clinic_id, await _row(clinic_id, file_id))


async def _row(clinic_id: UUID, file_id: UUID) -> asyncpg.Record:
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(
            f"select {_COLUMNS} from attachment where clinic_id = $1 and id = $2",  # noqa: S608 - our own names
            clinic_id,
            file_id,
        )
    if row is None:
        raise NotFound
    return row


# -- handing out


async def open_file(clinic_id: UUID, file_id: UUID, *, thumbnail: bool = False) -> Opened:
    """Open a file of the clinic; raises ``NotFound`` for any other, and for one that is not there (yet)."""
    row = await _row(clinic_id, file_id)
    key = row["thumbnail_key" if thumbnail else "store_key"]
    if row["state"] != "stored" or key is None:
        raise NotFound
    parts = open_kept(place_of(clinic_id, file_id, THUMBNAIL if thumbnail else FILE), key)
    try:
        first = await anext(parts)  # before the answer begins: what cannot be opened is not half given
    except OSError as error:
        log.warning("file.store_away", error=type(error).__name__)
        raise Unavailable("The file cannot be fetched right now. Please try again.") from None
    except (NotKept, CannotOpenError):
        log.error("file.lost", file=str(file_id))  # noqa: TRY400 - the trace would show keys
        raise NotFound from None
    kind = sniff(first) if thumbnail else row["type"]
    return Opened(row["name"], kind, None if thumbnail else row["size"], _with(first, parts))


async def _with(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


def file_link(clinic_id: UUID, file_id: UUID, *, thumbnail: bool = False, lasts: float = LINK_SECONDS) -> str:
    """Return an address under which everybody who has it can fetch this one file, for so many seconds."""
    named = f"{clinic_id} {file_id} {THUMBNAIL if thumbnail else FILE}"
    signed = sign(settings().secret_key, _PURPOSE, named, lasts=lasts)
    return f"{settings().public_url}/files/signed/{signed}"


async def open_link(signed: str) -> Opened:
    """Open what a link of ours names. Raises ``NotFound`` for a forged one, and for one whose time is over."""
    try:
        clinic, file, what = unsign(settings().secret_key, _PURPOSE, signed).split(" ")
    except (BadSignatureError, ValueError):
        raise NotFound from None
    clinic_id, file_id = as_uuid(clinic), as_uuid(file)
    if clinic_id is None or file_id is None:
        raise NotFound
    return await open_file(clinic_id, file_id, thumbnail=what == THUMBNAIL)


async def inline_files(clinic_id: UUID, message_id: UUID) -> dict[str, UUID]:
    """Return the pictures inside a mail: what its HTML calls them (``cid:``) and their ids."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            "select content_id, id from attachment where clinic_id = $1 and message_id = $2 and state = 'stored' "
            "and content_id is not null",
            clinic_id,
            message_id,
        )
    return {row["content_id"]: row["id"] for row in rows}


# -- sending


def file_ids_of(message: asyncpg.Record) -> list[UUID]:
    """Return the files of a message, in their order."""
    return [UUID(file["id"]) for file in msgspec.json.decode(message["attachments"])]


async def attach(
    work: Work, message_id: UUID, file_ids: Sequence[UUID], channel: str, retry_of: asyncpg.Record | None = None
) -> str:
    """Give uploaded files to a message that is being written, and return the JSON for its row.

    They must be the clinic's own and not sent yet. Those of a message that was taken back may go again, and so may
    those of ``retry_of``, which did not arrive. Raises ``FileNotTaken`` also where this kind of channel does not take
    them. The caller holds the thread.
    """
    if not file_ids:
        return "[]"
    rows = await work.connection.fetch(
        f"select {_COLUMNS} from attachment a where clinic_id = $1 and id = any ($2::uuid[]) and state = 'stored' "  # noqa: S608 - our own names
        "and (message_id is null or exists (select 1 from message m where m.clinic_id = $1 and m.id = a.message_id "
        "and m.direction = 'out' and (m.status = 'cancelled' or m.id = $3))) order by id for no key update of a",
        work.clinic_id,
        list(file_ids),
        retry_of["id"] if retry_of else None,
    )
    found = {row["id"]: row for row in rows}
    if len(set(file_ids)) != len(file_ids) or len(found) != len(file_ids):
        raise FileNotTaken.field("attachments", "One of the files is not here any more. Attach it again.")
    ordered = [found[file_id] for file_id in file_ids]
    reason = why_not(channel, [(row["type"], row["size"]) for row in ordered])
    if reason is not None:
        raise FileNotTaken.field("attachments", reason)
    await work.connection.execute(
        "update attachment a set message_id = $2, position = x.n - 1 from unnest($3::uuid[]) with ordinality x (id, n) "
        "where a.clinic_id = $1 and a.id = x.id",
        work.clinic_id,
        message_id,
        list(file_ids),
    )
    return msgspec.json.encode([_held(row) for row in ordered]).decode()


def _held(row: asyncpg.Record) -> Held:
    return Held(
        id=row["id"],
        name=row["name"],
        type=row["type"],
        size=row["size"],
        state="stored",
        url=f"/files/{row['id']}",
        thumbnail=f"/files/{row['id']}/thumbnail" if row["thumbnail_key"] else None,
        width=row["width"],
        height=row["height"],
    )


async def files_to_send(clinic_id: UUID, message_id: UUID) -> list[OutboundFile]:
    """Return a message's files as adapters take them: links of an hour, and the bytes for who wants them."""
    rows = await database.fetch(
        f"select {_COLUMNS} from attachment where clinic_id = $1 and message_id = $2 and state = 'stored' "  # noqa: S608 - our own names
        "order by position",
        clinic_id,
        message_id,
    )
    return [_to_send(clinic_id, row) for row in rows]


def _to_send(clinic_id: UUID, row: asyncpg.Record) -> OutboundFile:
    file_id: UUID = row["id"]

    async def read() -> bytes:
        return await _joined((await open_file(clinic_id, file_id)).parts)

    return OutboundFile(
        name=row["name"],
        type=row["type"],
        size=row["size"],
        url=file_link(clinic_id, file_id, lasts=SEND_LINK_SECONDS),
        read=read,
    )


async def _joined(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


async def forget_unsent() -> int:
    """Forget uploads that nobody sent within 24 hours; returns how many."""
    count = 0
    for row in await database.fetch("select clinic_id, id from unsent_files(1000)"):
        async with unit_of_work(row["clinic_id"], system(row["clinic_id"])) as work:
            gone = await work.connection.fetchrow(
                "delete from attachment where clinic_id = $1 and id = $2 and message_id is null "
                "returning store_key, thumbnail_key",
                row["clinic_id"],
                row["id"],
            )
        if gone is not None:
            count += 1
            await discard(gone["store_key"], gone["thumbnail_key"])
    return count
