"""Answers to somebody who wrote from the clinic's site and has left it since."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from app.kit import clock, database

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.contacts.schemas import ContactView

VISIT_ENDS = dt.timedelta(minutes=5)
"""After that long without a sign of them a visitor has left the site."""
_SEEN = """select max(v.seen_at) from contact_point p join visitor v on v.clinic_id = p.clinic_id
and v.id::text = p.address where p.clinic_id = $1 and p.contact_id = $2 and p.kind = 'chat'"""
_CONNECTED = "select exists (select 1 from channel where clinic_id = $1 and kind = $2 and removed_at is null)"


async def last_visit(clinic_id: UUID, contact_id: UUID) -> dt.datetime | None:
    """Return when a person was last on the site; None for one who never was, or whose visits are forgotten."""
    async with database.reading(clinic_id) as connection:
        seen: dt.datetime | None = await connection.fetchval(_SEEN, clinic_id, contact_id)
    return seen


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
