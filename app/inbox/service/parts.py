"""A message that leaves as several calls: what has left of it, and what becomes of it as a whole.

WhatsApp takes one file a message, so a reply with three files is three messages there. Every part that the provider
took has a row, written before the next part is tried. A later attempt sends only what is missing; the state people see
is the worst of the parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.events.service import Work, unit_of_work
from app.inbox import queries
from app.inbox.service.state import RANK, may_move
from app.kit import clock
from app.kit.principal import system

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

ALL_LEFT = frozenset({"sent", "delivered", "read", "failed"})
"""States of a message that say more than its parts do: before them, some may not have left yet."""
_FIND = """select message_id, position, status from message_part
where clinic_id = $1 and channel_id = $2 and provider_id = $3"""


async def lock_provider_id(work: Work, provider_id: str) -> None:
    """Keep "the message learns its id" and "a report for that id arrives" apart: one of them sees the other (R4)."""
    await work.connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 7))", provider_id)


async def take_reports(work: Work, channel_id: UUID, provider_id: str) -> list[asyncpg.Record]:
    """Take the reports that came before anybody knew this id, oldest first."""
    rows = await work.connection.fetch(
        "delete from delivery_report where clinic_id = $1 and channel_id = $2 and provider_id = $3 "
        "returning status, error_code, received_at",
        work.clinic_id,
        channel_id,
        provider_id,
    )
    return sorted(rows, key=lambda row: row["received_at"])


async def taken_parts(work: Work, message_id: UUID, channel_id: UUID) -> dict[int, str]:
    """Return what has left of a message by this channel: place and the provider's id."""
    rows = await work.connection.fetch(
        "select position, provider_id from message_part where clinic_id = $1 and message_id = $2 and channel_id = $3",
        work.clinic_id,
        message_id,
        channel_id,
    )
    return {row["position"]: row["provider_id"] for row in rows}


async def note_part(clinic_id: UUID, message_id: UUID, channel_id: UUID, place: int, provider_id: str) -> None:
    """Write down that a part has left, with what was reported of it already. May be repeated."""
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        await lock_provider_id(work, provider_id)
        await work.connection.execute(
            "insert into message_part (clinic_id, message_id, position, channel_id, provider_id, status, created_at) "
            "values ($1, $2, $3, $4, $5, 'sent', $6) on conflict do nothing",
            clinic_id,
            message_id,
            place,
            channel_id,
            provider_id,
            clock.now(),
        )
        for report in await take_reports(work, channel_id, provider_id):
            await move_part(work, channel_id, provider_id, report["status"], report["error_code"])


async def move_part(work: Work, channel_id: UUID, provider_id: str, status: str, error_code: str | None) -> UUID | None:
    """Move the part that a report is about; returns its message, or None where the report is about no part."""
    place = (work.clinic_id, channel_id, provider_id)
    row = await work.connection.fetchrow(_FIND, *place)
    if row is None:
        return None
    await queries.lock_message(work.clinic_id, row["message_id"])
    row = await work.connection.fetchrow(_FIND, *place)  # as it is now that nobody else moves it
    if row is None:
        return None
    if status in ALL_LEFT and may_move(row["status"], status):
        await work.connection.execute(
            "update message_part set status = $4, error_code = $5 where clinic_id = $1 and message_id = $2 "
            "and position = $3",
            work.clinic_id,
            row["message_id"],
            row["position"],
            status,
            error_code if status == "failed" else None,
        )
    return row["message_id"]


async def worst_of(work: Work, message_id: UUID) -> tuple[str, str | None] | None:
    """Return the state of the part that fared worst, with its error code; None for a message without parts."""
    rows = await work.connection.fetch(
        "select status, error_code from message_part where clinic_id = $1 and message_id = $2 order by position",
        work.clinic_id,
        message_id,
    )
    if not rows:
        return None
    worst = min(rows, key=lambda row: RANK.get(row["status"], -1))  # a failed one has no rank: it is below all
    return worst["status"], worst["error_code"]


async def forget_failed(work: Work, message_id: UUID) -> None:
    """Have the parts sent again that did not arrive; those that did stay as they are."""
    await work.connection.execute(
        "delete from message_part where clinic_id = $1 and message_id = $2 and status = 'failed'",
        work.clinic_id,
        message_id,
    )


def is_several(message: asyncpg.Record) -> bool:
    """Say whether a message may go by WhatsApp as several."""
    return message["channel"] == "whatsapp" and len(msgspec.json.decode(message["attachments"])) > 1
