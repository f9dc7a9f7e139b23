"""People: who was joined with whom, how much hangs on each, and who works here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.kit import database
from app.kit.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg


async def get_merge(clinic_id: UUID, merge_id: UUID) -> asyncpg.Record:
    """Return how two people were joined; raises ``NotFound``."""
    row = await database.fetchrow(
        "select m.*, c.name from contact_merge m join contact c on c.clinic_id = m.clinic_id and c.id = m.merged_id "
        "where m.clinic_id = $1 and m.id = $2",
        clinic_id,
        merge_id,
    )
    if row is None:
        raise NotFound("There is nothing to part.")
    return row


async def list_merges(clinic_id: UUID, survivor_id: UUID, days: int, limit: int) -> list[asyncpg.Record]:
    """Return how others were joined into a person in the last days and not parted since, newest first."""
    return await database.fetch(
        "select m.id, m.merged_id, m.merged_at, c.name, json_build_object('thread', m.moved->'thread', "
        "  'points', m.moved->'points')::text as moved from contact_merge m join contact c on "
        "c.clinic_id = m.clinic_id and c.id = m.merged_id where m.clinic_id = $1 and m.survivor_id = $2 "
        "and m.undone_at is null and m.merged_at > now() - make_interval(days => $3) "
        "order by m.merged_at desc limit $4",
        clinic_id,
        survivor_id,
        days,
        limit,
    )


async def count_messages(clinic_id: UUID, contact_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many messages and notes the threads of contacts have."""
    rows = await database.fetch(
        "select t.contact_id, count(*) from thread t "
        "join message m on m.clinic_id = t.clinic_id and m.thread_id = t.id "
        "where t.clinic_id = $1 and t.contact_id = any ($2) group by t.contact_id",
        clinic_id,
        contact_ids,
    )
    return {row["contact_id"]: row["count"] for row in rows}


async def find_staff_name(clinic_id: UUID, staff_id: UUID) -> str:
    """Return the name of an active staff member; raises ``Invalid`` naming the field."""
    name = await database.fetchval(
        "select name from staff_member where clinic_id = $1 and id = $2 and is_active", clinic_id, staff_id
    )
    if name is None:
        raise Invalid.field("staff_id", "This person does not work in your clinic any more.")
    return name
