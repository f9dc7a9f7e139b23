"""Pictures and PDFs that visitors send, and links to the files of their chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.channels.service import Attachment, InboundMessage
from app.inbox.service import adopt_messages, picture_or_pdf, visitor_link
from app.inbox.service import take as take_item
from app.kit.errors import Invalid, TooLarge
from app.widget.events import ARRIVED
from app.widget.schemas import LONGEST, FileLink, VisitorMessage
from app.widget.service.visiting import limit, limit_sends, plain_text, read_one

if TYPE_CHECKING:
    from uuid import UUID

    from app.channels.service import ConnectedChannel
    from app.widget.service.visiting import Visitor

FILE_BYTES = 10 * 1024 * 1024
FILES_A_MINUTE, FILE_BURST = 6, 5
LINKS_A_MINUTE, LINK_BURST = 120, 60


async def send_file(  # noqa: PLR0917 - what a file is sent with
    channel: ConnectedChannel, visitor: Visitor, client_id: UUID, name: str, data: bytes, body: str
) -> VisitorMessage:
    """Put a visitor's file into the inbox, once for each ``client_id``. Raises ``Invalid``, ``FileNotTaken``.

    Only who has said who they are sends files.
    """
    await limit(f"chat-file:{visitor.id}", FILES_A_MINUTE, FILE_BURST)
    await limit_sends(channel, visitor)
    if not visitor.name:
        raise Invalid.field("name", "Write a first message, then send files.")
    if len(data) > FILE_BYTES:
        raise TooLarge(f"A file can have {FILE_BYTES // 1024**2} MB.")
    if len(body) > LONGEST:
        raise Invalid.field("body", f"A message holds at most {LONGEST:,} characters.")
    kind = await picture_or_pdf(data, name)
    told = {"client_id": client_id, "body": plain_text(body), "file": name, "size": len(data)}
    provider_id = f"{visitor.id}:{client_id}"
    message = InboundMessage(
        provider_id=provider_id,
        from_address=str(visitor.id),
        to_address=channel.address,
        body=plain_text(body),
        name=visitor.name,
        raw=msgspec.json.encode(told).decode(),
        attachments=[Attachment("", kind, name, content=data)],
    )
    await take_item(channel, message)
    sent = await read_one(channel, provider_id)
    # The worker does so, too; but their own page shows the file at once.
    await adopt_messages(channel.clinic_id, [sent.id])
    return sent


async def link_to(visitor: Visitor, file_id: UUID) -> FileLink:
    """Return links to a file of the visitor's own chat, for 15 minutes. Raises ``NotFound`` for any other file."""
    await limit(f"chat-link:{visitor.id}", LINKS_A_MINUTE, LINK_BURST)
    url, thumbnail = await visitor_link(visitor.clinic_id, visitor.id, file_id, ARRIVED)
    return FileLink(url, thumbnail)
