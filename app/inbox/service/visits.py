"""Answers to somebody who wrote from the clinic's site and has left it since."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from app.inbox import queries
from app.kit import clock, database
from app.kit.ids import as_uuid

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.contacts.schemas import ContactView

VISIT_ENDS = dt.timedelta(minutes=5)
"""After that long without a sign of them a visitor has left the site."""
# The case: nothing but a chat's address is an id, and it must be found by its index.
_SEEN = """select max(v.seen_at) from contact_point p join visitor v on v.clinic_id = p.clinic_id
and v.id = case when p.kind = 'chat' then p.address::uuid end
where p.clinic_id = $1 and p.contact_id = $2 and p.kind = 'chat'"""
_CONNECTED = "select exists (select 1 from channel where clinic_id = $1 and kind = $2 and removed_at is null)"


async def last_visit(clinic_id: UUID, contact_id: UUID) -> dt.datetime | None:
    """Return when a person was last on the site; None for one who never was, or whose visits are forgotten."""
    async with database.reading(clinic_id) as connection:
        seen: dt.datetime | None = await connection.fetchval(_SEEN, clinic_id, contact_id)
    return seen


async def chat_address(clinic_id: UUID, thread_id: UUID, contact_id: UUID) -> str | None:
    """Return the visit to write to; None for somebody whose visits are forgotten: nobody would ever read it."""
    address = await queries.find_chat_address(clinic_id, thread_id, contact_id)
    known = address and await database.fetchval(
        "select 1 from visitor where clinic_id = $1 and id = $2", clinic_id, as_uuid(address)
    )
    return address if known else None


async def usual_way(thread: asyncpg.Record, contact: ContactView) -> str:
    """Return the kind of channel an answer leaves by when nobody names one: that of the patient's last message.

    A visitor who has left the site gets it as a text, or by email; only where there is neither it waits in the chat.
    """
    if thread["channel"] != "webchat":
        return thread["channel"]
    seen = await last_visit(thread["clinic_id"], contact.id)
    if seen is not None and clock.now() - seen <= VISIT_ENDS:
        return "webchat"
    for kind, address in (("sms", contact.phone), ("email", contact.email)):
        is_open = address and kind not in thread["opted_out"]
        if is_open and await database.fetchval(_CONNECTED, thread["clinic_id"], kind):
            return kind
    return "webchat"
