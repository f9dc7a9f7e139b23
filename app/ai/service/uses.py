"""What suggestions cost: one use each. The one place that writes and counts them, for a ledger to take over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from app.clinics.service import get_clinic
from app.kit import clock, database
from app.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.events.service import Work

UNITS = 1
"""Of one suggestion."""

_INSERT = """insert into ai_suggestion (id, clinic_id, type, thread_id, message_id, seen_seq, text, reason, facts, tier,
  model, units, asked_by_id, asked_by_name, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::json, $10, $11, $12, $13, $14, now()) on conflict do nothing returning id"""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was made and is not counted yet."""

    text: str
    reason: str
    facts: list[dict[str, Any]] = []
    tier: str = "template"
    model: str = ""
    thread_id: UUID | None = None
    message_id: UUID | None = None
    seen_seq: int | None = None
    id: UUID = msgspec.field(default_factory=new_id)


async def use(work: Work, suggestion_type: str, made: Sequence[Made]) -> list[Made]:
    """Write suggestions down, each one use; one that was written before (a job that runs twice) is not used again."""
    who = work.principal
    fresh = []
    for one in made:
        values = (
            *(one.id, work.clinic_id, suggestion_type, one.thread_id, one.message_id, one.seen_seq, one.text),
            *(one.reason, msgspec.json.encode(one.facts).decode(), one.tier, one.model, UNITS),
            *(who.id, "" if who.type == "ai" else who.name),
        )
        if await work.connection.fetchval(_INSERT, *values) is not None:
            fresh.append(one)
    return fresh


async def uses_this_month(clinic_id: UUID) -> int:
    """Count what was used since the first of the month, by the clinic's clock."""
    zone = ZoneInfo((await get_clinic(clinic_id)).timezone)
    since = clock.now().astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    async with database.reading(clinic_id) as connection:
        return await connection.fetchval(
            "select coalesce(sum(units), 0)::int8 from ai_suggestion where clinic_id = $1 and created_at >= $2",
            clinic_id,
            since,
        )
