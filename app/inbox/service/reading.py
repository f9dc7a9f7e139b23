"""Reads that other features ask of the inbox."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from app.clinics.service import get_clinic
from app.inbox import queries
from app.inbox.schemas import MessagePage, SavedReplyView, ThreadPage, ThreadRow, ThreadView
from app.kit import clock, database

if TYPE_CHECKING:
    from uuid import UUID

    from app.kit.principal import Principal

MOST_HITS = 500
PAGE = 50


def _reader(principal: Principal) -> UUID | None:
    return principal.id if principal.type == "staff" else None


async def list_view(
    principal: Principal,
    *,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
    order: str = "newest",
    view: str = "all",
    **filters: Any,
) -> ThreadPage:
    """Return one page of a view, narrowed by search and filters."""
    clinic_id = principal.clinic_id
    after = queries.decode_row_cursor(cursor) if cursor else None
    async with database.reading(clinic_id):
        ids = await queries.search_thread_ids(clinic_id, q, MOST_HITS) if q and q.strip() else None
        rows = await queries.list_threads(
            clinic_id, _reader(principal), view=view, order=order, ids=ids, after=after, limit=limit + 1, **filters
        )
    more, rows = len(rows) > limit, rows[:limit]
    return ThreadPage(rows, queries.row_cursor(rows[-1], view=view, order=order) if more else None)


async def read_thread(principal: Principal, thread_id: UUID) -> ThreadRow:
    """Return a thread with the caller's unread count."""
    async with database.reading(principal.clinic_id):
        thread = await queries.follow_thread(principal.clinic_id, thread_id)
        unread = await queries.count_unread(principal.clinic_id, _reader(principal), thread.id)
    return ThreadRow(**{**msgspec.structs.asdict(thread), "unread": unread})


async def list_thread_messages(clinic_id: UUID, thread_id: UUID, before: int | None, limit: int = PAGE) -> MessagePage:
    """Return one page of a thread's messages, newest first."""
    async with database.reading(clinic_id):
        thread = await queries.follow_thread(clinic_id, thread_id)
        rows = await queries.list_messages(clinic_id, thread.id, before, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    return MessagePage(rows, str(rows[-1].seq) if more else None)


async def is_first_mail(clinic_id: UUID, thread_id: UUID) -> bool:
    """Say whether nobody has written us a mail here: then ours begins the exchange, and has a subject of its own."""
    async with database.reading(clinic_id) as connection:
        return not await connection.fetchval(
            "select exists (select 1 from message where clinic_id = $1 and thread_id = $2 and channel = 'email' "
            "and direction = 'in')",
            clinic_id,
            thread_id,
        )


async def list_alerts(clinic_id: UUID) -> list[ThreadView]:
    """Return the open threads of patients who need help now."""
    async with database.reading(clinic_id):
        return await queries.list_alerts(clinic_id)


async def saved_replies(clinic_id: UUID) -> list[SavedReplyView]:
    """Return the clinic's saved replies."""
    async with database.reading(clinic_id):
        return await queries.list_saved_replies(clinic_id)


async def list_known_tags(clinic_id: UUID) -> list[str]:
    """Return the tags in use, the most used first; looks at the newest 2,000 conversations."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            "select tag from (select tags from thread where clinic_id = $1 order by last_message_at desc limit "
            "2000) t, "
            "unnest(t.tags) tag group by tag order by count(*) desc, tag limit 30",
            clinic_id,
        )
    return [row["tag"] for row in rows]


async def count_answered_today(clinic_id: UUID) -> int:
    """Return how many conversations got an answer of ours since midnight, in the clinic's own time."""
    clinic = await get_clinic(clinic_id)
    midnight = clock.now().astimezone(ZoneInfo(clinic.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    async with database.reading(clinic_id) as connection:
        return await connection.fetchval(
            "select count(*) from thread where clinic_id = $1 and last_message_at >= $2 and "
            "last_message->>'direction' = 'out' "
            "and last_message->>'kind' = 'text'",
            clinic_id,
            midnight.astimezone(dt.UTC),
        )
