"""A rule that answers by itself steps back to suggesting when staff take its answers over too often (N6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.ai import queries
from app.ai.service.happened import written_by_staff
from app.ai.service.rules import lock_rules, write_rule
from app.ai.service.triage import assistant
from app.events.service import unit_of_work
from app.kit import database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from app.events.service import Logged

OF_LAST = 10
"""Answers of a rule that are looked at, the newest, since somebody allowed it."""
TOO_MANY = 3
"""So many of them taken over or corrected, and it steps back."""

# Staff who write soon after an answer, before the patient has said more, correct it; a take-over does so for a day.
_CORRECTED = """update ai_answer a set undone_at = now() from message s
where a.clinic_id = $1 and a.state = 'sent' and a.undone_at is null and s.clinic_id = $1 and s.id = a.sent_id
  and exists (select 1 from message o where o.clinic_id = $1 and o.thread_id = s.thread_id and o.id = any ($2)
    and o.kind = 'text' and o.direction = 'out' and o.author_type in ('staff', 'key') and o.status <> 'cancelled'
    and o.created_at > s.created_at and o.created_at <= s.created_at + interval '10 minutes'
    and not exists (select 1 from message p where p.clinic_id = $1 and p.thread_id = s.thread_id and p.direction = 'in'
      and p.created_at > s.created_at and p.created_at < o.created_at))
returning a.channel, a.intent"""
_TAKEN = """update ai_answer a set undone_at = now() from message s
where a.clinic_id = $1 and a.state = 'sent' and a.undone_at is null and s.clinic_id = $1 and s.id = a.sent_id
  and s.thread_id = $2 and s.created_at > now() - interval '1 day' returning a.channel, a.intent"""
_UNDONE = """select count(*) from (select undone_at from ai_answer where clinic_id = $1 and channel = $2 and intent = $3
  and state = 'sent' and created_at >= $4 order by created_at desc, message_id desc limit $5) x
where undone_at is not null"""


async def note_corrections(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Staff wrote: see whether that was to correct the assistant. Safe to run twice."""
    ids = [message.id for message in written_by_staff(events)]
    if not ids:
        return
    async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
        _weigh_later(work, await work.connection.fetch(_CORRECTED, clinic_id, ids))


async def note_taken(work: Any, thread_id: UUID) -> None:
    """Somebody takes a conversation over in this unit of work: what the assistant has just sent there counts."""
    _weigh_later(work, await work.connection.fetch(_TAKEN, work.clinic_id, thread_id))


def _weigh_later(work: Any, rows: Sequence[asyncpg.Record]) -> None:
    for channel, intent in sorted({(row["channel"], row["intent"]) for row in rows}):
        work.enqueue("ai_weigh", channel=channel, intent=intent)


async def weigh(clinic_id: UUID, channel: str, intent: str) -> None:
    """Have a rule step back if too many of its newest answers were taken over. Safe to run twice."""
    async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
        await lock_rules(work)
        rule = await queries.find_rule(clinic_id, channel, intent)
        if rule is None or rule.mode != "answer":
            return
        undone = await work.connection.fetchval(_UNDONE, clinic_id, channel, intent, rule.allowed_at, OF_LAST)
        if undone < TOO_MANY:
            return
        now = await database.fetchval("select now()")
        after = msgspec.structs.replace(rule, mode="suggest", allowed_by=None, allowed_at=None, stepped_back_at=now)
        await write_rule(work, rule, after, taken_over=undone, of=OF_LAST)
