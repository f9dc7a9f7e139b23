"""What a channel would refuse is refused here first: free text after WhatsApp's 24 hours, and texts that are too long.

WhatsApp lets a clinic write freely for 24 hours after each message of the person; ``thread.whatsapp_until`` says when
that ends (kept by ``ingest_batch``, counted from when the person wrote). After it only approved texts arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.channels.service import ConnectedChannel, Details, fill_template
from app.inbox.errors import WhatsAppWindowClosed
from app.kit import clock, database
from app.kit.errors import Invalid

if TYPE_CHECKING:
    import datetime as dt

    import asyncpg

    from app.inbox.schemas import ReplyDraft

LONGEST = {"sms": 1600, "whatsapp": 4096}
"""Characters that Twilio takes in one text, and Meta in one message."""

CLOSED = (
    "WhatsApp only takes approved messages when a person has not written for 24 hours. "
    "Choose an approved message, or send a text or an email."
)
LATER = "By then WhatsApp's 24 hours are over, and only approved messages go. Send it sooner, or choose another way."


def is_open(until: dt.datetime | None, at: dt.datetime) -> bool:
    """Say whether free text may go at this instant; at the very end it may not."""
    return until is not None and at < until


async def words_to_send(
    way: ConnectedChannel, thread: asyncpg.Record, draft: ReplyDraft, body: str, at: dt.datetime
) -> tuple[str, Details]:
    """Return what leaves at ``at``, and what is special about it. Raises ``WhatsAppWindowClosed``, ``Invalid``."""
    if draft.template is not None:
        if way.kind != "whatsapp":
            raise Invalid.field("channel", "Approved messages only go by WhatsApp.")
        if body.strip() or draft.attachments:
            raise Invalid.field("body", "An approved message brings its own words. Leave this empty.")
        body, told = await fill_template(way, draft.template)
        return body, Details(template=told)
    longest = LONGEST.get(way.kind)
    if longest and len(body) > longest:
        what = "A text" if way.kind == "sms" else "A WhatsApp message"
        raise Invalid.field("body", f"{what} holds at most {longest:,} characters. This one has {len(body):,}.")
    if way.kind == "whatsapp" and not is_open(thread["whatsapp_until"], at):
        raise WhatsAppWindowClosed(LATER if is_open(thread["whatsapp_until"], clock.now()) else CLOSED)
    return body, Details()


async def why_closed(kind: str, message: asyncpg.Record) -> str | None:
    """Return why this message may not leave now; None when it may. Asked in the claim's own lock."""
    if kind != "whatsapp" or details_of(message).template is not None:
        return None
    until = await database.fetchval(
        "select whatsapp_until from thread where clinic_id = $1 and id = $2", message["clinic_id"], message["thread_id"]
    )
    return None if is_open(until, clock.now()) else CLOSED


def details_of(message: asyncpg.Record) -> Details:
    """Return what is special about a message of ours."""
    return msgspec.json.decode(message["details"], type=Details) if message["details"] else Details()
