"""Files that patients send: named with the message, fetched after it, kept, and shown when they are safe.

    waiting --the job fetches it--> stored          waiting --it cannot be had or kept--> refused(reason)

A message never waits for its files. Where the provider holds a file is written beside it in the message's row, which
``shown_files`` (SQL) leaves out of everything that anybody sees.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from app.channels.service import LOOKUP_ERRORS, load_channel, locate_media, media_places
from app.config import settings
from app.events.service import Logged, Work, unit_of_work
from app.inbox import queries
from app.inbox.events import MessageAttachmentStored
from app.inbox.file_rules import LARGEST_FILE, MOST_HELD, clean_name
from app.inbox.schemas import Attached
from app.inbox.service.keeping import Kept, NotTaken, discard, keep, pictures
from app.kit import clock, database, outside
from app.kit.errors import NotFound, Unavailable
from app.kit.ids import new_id
from app.kit.principal import system
from app.kit.sniff import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from app.channels.service import Attachment, ConnectedChannel, InboundMessage

log = structlog.get_logger()

MOST_TRIES = 6
"""Over about five minutes with the usual pauses."""
FETCH_SECONDS = 20.0
GONE = "We could not get this file from the provider. Please ask for it again."

_TYPE = re.compile(r"[a-z0-9][\w.+-]{0,60}/[a-z0-9][\w.+-]{0,60}", re.ASCII)
_STATES = ('"waiting"', '"stored"', '"refused"')
_encode = msgspec.json.Encoder().encode


class Held(Attached, frozen=True, kw_only=True):
    """A file in its message's row: what is shown, and what only we know."""

    source: str | None = None
    sha256: str | None = None
    content_id: str | None = None
    store_key: str | None = None
    thumbnail_key: str | None = None


def kept_as(file_id: UUID, kept: Kept) -> dict[str, Any]:
    """Return what a kept file looks like from outside."""
    return {
        "id": file_id,
        "name": kept.name,
        "type": kept.type,
        "size": kept.size,
        "state": "stored",
        "url": f"/files/{file_id}",
        "thumbnail": f"/files/{file_id}/thumbnail" if kept.thumbnail_key else None,
        "width": kept.width,
        "height": kept.height,
    }


async def hold(channel: ConnectedChannel, message: InboundMessage) -> str:
    """Return the JSON of a message's files for its row. What a mail brought along is kept before this returns.

    Raises ``Unavailable`` when the store is away: the provider delivers again.
    """
    if not message.attachments:
        return "[]"
    try:
        held = [
            await _hold(channel.clinic_id, one)
            if number < MOST_HELD
            else _refused(one, f"Only the first {MOST_HELD} files of a message are kept.")
            for number, one in enumerate(message.attachments)
        ]
    except OSError as error:
        log.warning("file.not_kept", error=type(error).__name__)
        raise Unavailable("The files could not be stored yet. Please deliver again.") from error
    return _encode(held).decode().replace("\\u0000", "")


async def _hold(clinic_id: UUID, file: Attachment) -> Held:
    file_id = new_id()
    if file.content is None:
        return Held(
            id=file_id,
            name=clean_name(file.name),
            type=_told_type(file.type),
            size=file.size,
            state="waiting",
            source=_plain(file.url),
            sha256=_plain(file.sha256),
            content_id=_plain(file.content_id),
        )
    try:
        kept = await keep(clinic_id, file_id, file.content, file.name)
    except NotTaken as error:
        return _refused(file, str(error))
    return Held(
        **kept_as(file_id, kept),
        content_id=_plain(file.content_id),
        store_key=kept.store_key,
        thumbnail_key=kept.thumbnail_key,
    )


def _refused(file: Attachment, reason: str) -> Held:
    size = file.size if file.content is None else len(file.content)
    kind = _told_type(file.type)
    return Held(id=new_id(), name=clean_name(file.name), type=kind, size=size, state="refused", reason=reason)


def _told_type(told: str) -> str:
    """What the sender says it is, as long as it looks like a type at all."""
    kind = told.partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else UNKNOWN


def _plain(told: str | None) -> str | None:
    """Text of a header may hold halves of characters, which no JSON can."""
    return told if told is None else told.encode(errors="replace").decode()[:4096]


async def forget_repeat(channel: ConnectedChannel, message: InboundMessage, attachments: str) -> None:
    """A message was here already: forget the bytes that its repeat brought, unless they are the very ones it has."""
    keys = [
        key for one in msgspec.json.decode(attachments, type=list[Held]) for key in (one.store_key, one.thumbnail_key)
    ]
    if not any(keys):
        return
    async with database.reading(channel.clinic_id) as connection:
        known = await connection.fetchval(
            "select attachments from message where clinic_id = $1 and channel_id = $2 and provider_id = $3",
            channel.clinic_id,
            channel.id,
            message.provider_id,
        )
    # A batch whose commit was not heard of is stored again and then looks like a repeat of itself.
    if known is not None:
        await discard(*(key for key in keys if key and key not in known))


# -- after the commit


async def adopt_files(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Give the files of new messages rows of their own and have the missing ones fetched. Safe to repeat."""
    # The word in quotes can only stand in a body by chance, and then costs a look.
    with_files = [event for event in events if any(word in event.body for word in _STATES)]
    new = [one for event in with_files if (one := event.data["message"])["direction"] == "in" and one["attachments"]]
    if new:
        await adopt_messages(clinic_id, [one["id"] for one in new])


async def adopt_messages(clinic_id: UUID, message_ids: Sequence[UUID | str]) -> None:
    """Do so for these messages."""
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        rows = await work.connection.fetch(
            "select id, attachments from message where clinic_id = $1 and id = any ($2::uuid[])",
            clinic_id,
            list(message_ids),
        )
        for row in rows:
            for position, file in enumerate(msgspec.json.decode(row["attachments"], type=list[Held])):
                await _adopt(work, row["id"], position, file)


async def _adopt(work: Work, message_id: UUID, position: int, file: Held) -> None:
    added = await work.connection.fetchval(
        "insert into attachment (id, clinic_id, message_id, position, name, type, size, state, reason, source, "
        "content_id, store_key, thumbnail_key, width, height, created_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
        "on conflict do nothing returning id",
        file.id,
        work.clinic_id,
        message_id,
        position,
        file.name,
        file.type,
        file.size,
        file.state,
        file.reason,
        file.source,
        file.content_id[:255] if file.content_id else None,
        file.store_key,
        file.thumbnail_key,
        file.width,
        file.height,
        clock.now(),
    )
    if added is not None and file.state == "waiting":
        work.enqueue("attachment_fetch", attachment_id=file.id, tries=1)


async def fetch_file(clinic_id: UUID, attachment_id: UUID, tries: int) -> None:
    """Fetch one file from where its provider holds it. Safe to run twice: the row decides who was first."""
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(
            "select m.id, m.channel_id, m.attachments from attachment a join message m on m.clinic_id = a.clinic_id "
            "and m.id = a.message_id where a.clinic_id = $1 and a.id = $2 and a.state = 'waiting'",
            clinic_id,
            attachment_id,
        )
    if row is None:
        return
    file = next(one for one in msgspec.json.decode(row["attachments"], type=list[Held]) if one.id == attachment_id)
    try:
        data = await _get(row["channel_id"], file)
        kept = await keep(clinic_id, attachment_id, data, file.name)
    except (NotTaken, outside.Refused) as error:
        await _settle(clinic_id, row["id"], attachment_id, {"state": "refused", "reason": str(error)})
    except (outside.NoAnswer, *LOOKUP_ERRORS) as error:
        log.warning("file.no_answer", error=type(error).__name__, tries=tries)
        await _again(clinic_id, row["id"], attachment_id, tries)
    else:
        stored = await _settle(clinic_id, row["id"], attachment_id, kept_as(attachment_id, kept), kept)
        if not stored:
            await discard(kept.store_key, kept.thumbnail_key)


async def _get(channel_id: UUID, file: Held) -> bytes:
    try:
        channel = await load_channel(channel_id)
    except NotFound:
        raise NotTaken("The number it came to is no longer connected.") from None
    if channel.removed:
        raise NotTaken("The number it came to is no longer connected.")
    if channel.mode == "simulated":
        # A practice run calls nobody: a picture of ours shows how it would look.
        if file.type.startswith("image/"):
            return pictures().practice_picture()
        raise NotTaken("This is a practice run: no file was fetched.")
    url, headers = await locate_media(channel, file.source or "")
    places = media_places(channel.provider)
    data = await outside.fetch(url, places, headers=headers, most=LARGEST_FILE, seconds=FETCH_SECONDS)
    if file.sha256 and not _fits(data, file.sha256):
        raise outside.NoAnswer("not the file that was announced")
    return data


def _fits(data: bytes, told: str) -> bool:
    """Compare with the digest the provider announced: Meta writes it as base64 or in hex."""
    digest = sha256(data)
    return hmac.compare_digest(told.encode(), base64.b64encode(digest.digest())) or hmac.compare_digest(
        told.lower().encode(), digest.hexdigest().encode()
    )


async def _again(clinic_id: UUID, message_id: UUID, attachment_id: UUID, tries: int) -> None:
    if tries >= MOST_TRIES:
        await _settle(clinic_id, message_id, attachment_id, {"state": "refused", "reason": GONE})
        return
    pause = dt.timedelta(seconds=settings().job_base_backoff * 2 ** (tries - 1))
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        work.enqueue("attachment_fetch", after=pause, attachment_id=attachment_id, tries=tries + 1)


async def _settle(
    clinic_id: UUID, message_id: UUID, attachment_id: UUID, outcome: dict[str, Any], kept: Kept | None = None
) -> bool:
    """Write what became of a file, in its row and in its message, and tell everybody. Says whether it was the first."""
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        message = await queries.lock_message(clinic_id, message_id)
        row = await work.connection.fetchrow(
            "update attachment set state = $3, reason = $4, name = coalesce($5, name), type = coalesce($6, type), "
            "size = coalesce($7, size), store_key = $8, thumbnail_key = $9, width = $10, height = $11 "
            "where clinic_id = $1 and id = $2 and state = 'waiting' returning id",
            clinic_id,
            attachment_id,
            outcome["state"],
            outcome.get("reason"),
            outcome.get("name"),
            outcome.get("type"),
            outcome.get("size"),
            kept.store_key if kept else None,
            kept.thumbnail_key if kept else None,
            outcome.get("width"),
            outcome.get("height"),
        )
        if row is None:
            return False
        await _tell(work, message, attachment_id, outcome)
    return True


async def _tell(work: Work, message: asyncpg.Record, attachment_id: UUID, outcome: dict[str, Any]) -> None:
    held = msgspec.json.decode(message["attachments"], type=list[Held])
    now = [msgspec.structs.replace(one, **outcome) if one.id == attachment_id else one for one in held]
    await work.connection.execute(
        "update message set attachments = $3::json where clinic_id = $1 and id = $2",
        work.clinic_id,
        message["id"],
        _encode(now).decode(),
    )
    view = await queries.get_message(work.clinic_id, message["id"])
    thread = await queries.get_thread(work.clinic_id, message["thread_id"])
    file = next(one for one in view.attachments if one["id"] == str(attachment_id))
    changes = {"state": ["waiting", outcome["state"]]}
    work.record(MessageAttachmentStored(message=view, thread=thread, attachment=file, changes=changes))


async def sweep_files() -> None:
    """Have files fetched whose job got lost; this is their last try."""
    for row in await database.fetch("select clinic_id, id from stalled_files(100)"):
        async with unit_of_work(row["clinic_id"], system(row["clinic_id"])) as work:
            work.enqueue("attachment_fetch", attachment_id=row["id"], tries=MOST_TRIES)
