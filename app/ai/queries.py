"""Reads of the assistant; the clinic comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.ai.schemas import AssistantView, RuleView
from app.kit import database

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

_RULE = "channel, intent, mode, hours, daily_limit, wait_seconds, version, allowed_by_name, allowed_at, stepped_back_at"

# Where people answered, the assistant is silent until they hand the conversation back or close it; after a week without
# a word of theirs the next question is a new one.
TAKEN = """(coalesce(k.taken_at is not null, false) or exists (select 1 from message s where s.clinic_id = t.clinic_id
  and s.thread_id = t.id and s.direction = 'out' and s.kind = 'text' and s.author_type in ('staff', 'key')
  and s.status <> 'cancelled' and s.created_at > now() - interval '7 days'
  and s.created_at > coalesce(k.handed_back_at, '-infinity')))"""


def _rule(row: asyncpg.Record) -> RuleView:
    return RuleView(
        channel=row["channel"],
        intent=row["intent"],
        mode=row["mode"],
        hours=row["hours"],
        daily_limit=row["daily_limit"],
        wait_seconds=row["wait_seconds"],
        version=row["version"],
        allowed_by=row["allowed_by_name"] or None,
        allowed_at=row["allowed_at"],
        stepped_back_at=row["stepped_back_at"],
    )


async def list_rules(clinic_id: UUID) -> list[RuleView]:
    """Return the rules that somebody has set."""
    rows = await database.fetch(
        f"select {_RULE} from ai_rule where clinic_id = $1 order by channel, intent",  # noqa: S608 - our own words
        clinic_id,
    )
    return [_rule(row) for row in rows]


async def find_rule(clinic_id: UUID, channel: str, intent: str) -> RuleView | None:
    """Return one rule, if somebody has set it."""
    row = await database.fetchrow(
        f"select {_RULE} from ai_rule where clinic_id = $1 and channel = $2 and intent = $3",  # noqa: S608
        clinic_id,
        channel,
        intent,
    )
    return _rule(row) if row else None


async def get_assistant(clinic_id: UUID) -> AssistantView:
    """Return what holds for all rules."""
    row = await database.fetchrow(
        "select tone, never_topics, emergency_line, alert_minutes, alert_to, agreement_level, least_compared "
        "from assistant where clinic_id = $1",
        clinic_id,
    )
    return msgspec.convert(dict(row), AssistantView) if row else AssistantView()


async def is_taken_over(clinic_id: UUID, thread_id: UUID) -> bool:
    """Say whether people have this conversation."""
    return await database.fetchval(
        f"select {TAKEN} from thread t left join ai_takeover k on k.clinic_id = t.clinic_id "  # noqa: S608
        "and k.thread_id = t.id where t.clinic_id = $1 and t.id = $2",
        clinic_id,
        thread_id,
    )


_HERE = """select coalesce(nullif(k.taken_by_name, ''), (select s.author_name from message s where s.clinic_id = $1
  and s.thread_id = $2 and s.direction = 'out' and s.kind = 'text' and s.author_type in ('staff', 'key')
  and s.status <> 'cancelled' order by s.seq desc limit 1), '') as taken_by, a.id as answer_id,
  a.created_at as answered_at
from (select 1) one left join ai_takeover k on k.clinic_id = $1 and k.thread_id = $2 and k.taken_at is not null
left join lateral (select m.id, m.created_at from message m where m.clinic_id = $1 and m.thread_id = $2
  and m.author_type = 'ai' and m.direction = 'out' and m.kind = 'text' and m.status <> 'cancelled'
  order by m.seq desc limit 1) a on true"""


async def find_happened(clinic_id: UUID, thread_id: UUID) -> asyncpg.Record:
    """Return who took a conversation over or wrote there last, and the assistant's newest answer in it."""
    row = await database.fetchrow(_HERE, clinic_id, thread_id)
    assert row is not None  # noqa: S101 - it always answers
    return row


_CASE = f"""select m.id, m.thread_id, m.channel, m.body, m.details, m.triage, t.last_seq, t.is_blocked, t.is_escalated,
  t.opted_out, t.contact_email, {TAKEN} as is_taken_over,
  exists (select 1 from message n where n.clinic_id = $1 and n.thread_id = m.thread_id and n.kind = 'text'
    and n.seq > m.seq) as has_moved_on,
  (select count(*) from message n where n.clinic_id = $1 and n.thread_id = m.thread_id and n.author_type = 'ai'
    and n.kind = 'text' and n.status <> 'cancelled' and n.created_at > now() - interval '1 day') as answers_here,
  (select count(*) from ai_answer a where a.clinic_id = $1 and a.channel = m.channel and a.intent = m.triage->>'intent'
    and a.state in ('sent', 'held') and a.created_at > now() - interval '1 day') as answers_by_rule,
  (select count(*) from ai_answer a where a.clinic_id = $1 and a.message_id = m.id) as is_settled
from message m join thread t on t.clinic_id = m.clinic_id and t.id = m.thread_id
left join ai_takeover k on k.clinic_id = t.clinic_id and k.thread_id = t.id
where m.clinic_id = $1 and m.id = $2 and m.direction = 'in' and m.triage is not null"""  # noqa: S608 - our own words


async def find_case(clinic_id: UUID, message_id: UUID) -> Any:
    """Return what the gate asks of a message and its conversation; None for one that was never read."""
    return await database.fetchrow(_CASE, clinic_id, message_id)
