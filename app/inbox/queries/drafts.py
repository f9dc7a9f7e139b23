"""What staff have begun to write, and what they keep to write again."""

from __future__ import annotations

from uuid import UUID

from app.inbox.schemas import BegunReply, Person, SavedReplyView
from app.kit import database


async def list_drafts(clinic_id: UUID, staff_id: UUID, thread_id: UUID) -> dict[str, str]:
    """Return the caller's drafts in a thread by kind."""
    rows = await database.fetch(
        "select kind, body from draft where clinic_id = $1 and staff_id = $2 and thread_id = $3",
        clinic_id,
        staff_id,
        thread_id,
    )
    return {row["kind"]: row["body"] for row in rows}


_BEGUN = (
    "select d.staff_id, s.name, d.body, d.updated_at from draft d "
    "join staff_member s on s.clinic_id = d.clinic_id and s.id = d.staff_id and s.is_active "
    "where d.clinic_id = $1 and d.thread_id = $2 and d.kind = 'reply' and d.body ~ '\\S' "
)


async def list_begun(clinic_id: UUID, thread_id: UUID) -> list[BegunReply]:
    """Return the replies that staff have begun in a thread and not sent, newest first."""
    rows = await database.fetch(f"{_BEGUN} order by d.updated_at desc limit 10", clinic_id, thread_id)
    return [BegunReply(Person(row["staff_id"], row["name"]), row["body"], row["updated_at"]) for row in rows]


async def find_begun(clinic_id: UUID, thread_id: UUID, staff_id: UUID) -> BegunReply | None:
    """Return the reply that somebody has begun in a thread."""
    row = await database.fetchrow(f"{_BEGUN} and d.staff_id = $3", clinic_id, thread_id, staff_id)
    return BegunReply(Person(row["staff_id"], row["name"]), row["body"], row["updated_at"]) if row else None


async def list_saved_replies(clinic_id: UUID) -> list[SavedReplyView]:
    """Return the clinic's saved replies by name."""
    rows = await database.fetch(
        "select id, name, body from saved_reply where clinic_id = $1 order by lower(name)", clinic_id
    )
    return [SavedReplyView(row["id"], row["name"], row["body"]) for row in rows]
