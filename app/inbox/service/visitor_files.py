"""Files of a web chat: what its visitor may send, and links that only open what their own chat shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from app.config import settings
from app.inbox.errors import FileNotTaken
from app.inbox.service.keeping import FILE, THUMBNAIL, pictures
from app.inbox.service.uploads import LINK_SECONDS, Opened, open_file
from app.kit import database
from app.kit.crypto import BadSignatureError, sign, unsign
from app.kit.errors import NotFound
from app.kit.ids import as_uuid
from app.kit.sniff import sniff

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

_PURPOSE = "visitor file"
_THEIRS = """select a.thumbnail_key is not null from attachment a join message m on m.clinic_id = a.clinic_id
and m.id = a.message_id where a.clinic_id = $1 and a.id = $2 and a.state = 'stored' and m.channel = 'webchat'
and m.kind = 'text' and m.to_address = $3 and (m.direction = 'in' or m.status = any ($4))"""


async def picture_or_pdf(data: bytes, name: str) -> str:
    """Return the type of a picture or PDF, by its content. Raises ``FileNotTaken`` for anything else."""
    if not data:
        raise FileNotTaken.field("file", "The file is empty.")
    kind = await asyncio.to_thread(sniff, data, name)
    if kind != "application/pdf" and kind not in pictures().FORMATS:
        raise FileNotTaken.field("file", "Only pictures and PDF files can be sent here.")
    return kind


async def visitor_link(
    clinic_id: UUID, visitor_id: UUID, file_id: UUID, arrived: Collection[str]
) -> tuple[str, str | None]:
    """Return links to a file of this visitor's chat and to its small picture. Raises ``NotFound`` for any other.

    ``arrived`` are the states in which a message of the clinic is theirs.
    """
    has_thumbnail = await _find(clinic_id, visitor_id, file_id, arrived)
    small = _link(clinic_id, visitor_id, file_id, THUMBNAIL, arrived) if has_thumbnail else None
    return _link(clinic_id, visitor_id, file_id, FILE, arrived), small


def _link(clinic_id: UUID, visitor_id: UUID, file_id: UUID, what: str, arrived: Collection[str]) -> str:
    named = f"{clinic_id} {visitor_id} {file_id} {what} {','.join(sorted(arrived))}"
    return f"/files/visitor/{sign(settings().secret_key, _PURPOSE, named, lasts=LINK_SECONDS)}"


async def _find(clinic_id: UUID, visitor_id: UUID, file_id: UUID, arrived: Collection[str]) -> bool:
    async with database.reading(clinic_id) as connection:
        found: bool | None = await connection.fetchval(_THEIRS, clinic_id, file_id, str(visitor_id), list(arrived))
    if found is None:
        raise NotFound("This file is not in your chat.")
    return found


async def open_visitor_link(signed: str) -> Opened:
    """Open what a visitor's link names, as long as their chat shows it. Raises ``NotFound``."""
    try:
        clinic, visitor, file, what, arrived = unsign(settings().secret_key, _PURPOSE, signed).split(" ")
    except (BadSignatureError, ValueError):
        raise NotFound from None
    clinic_id, visitor_id, file_id = as_uuid(clinic), as_uuid(visitor), as_uuid(file)
    if clinic_id is None or visitor_id is None or file_id is None:
        raise NotFound
    await _find(clinic_id, visitor_id, file_id, arrived.split(","))
    return await open_file(clinic_id, file_id, thumbnail=what == THUMBNAIL)
