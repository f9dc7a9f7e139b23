"""Trying a rule on conversations of the past: what it would have done, beside what staff really sent.

A message is judged as it was then: who had the conversation, what had been written, whether an alert was up. Whether
somebody is opted out or blocked is known for today only, and the words are those without a language model. Nothing is
sent and no event is written.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING, Any

import msgspec

from app.ai import queries
from app.ai.adapters.templates import language_of
from app.ai.gate import judge
from app.ai.labels import Text
from app.ai.schemas import RuleView
from app.ai.service.answering import case_of, is_in_hours
from app.ai.service.drafting import Talk, facts_for, template_draft
from app.ai.service.knowledge import own_words
from app.ai.service.shadow import INSERT, compare_open
from app.ai.service.triage import LONGEST, assistant, quick_classifier, reading_of
from app.ai.shadow_schemas import PastTrial, PastTrialStarted
from app.clinics.service import get_clinic
from app.events.service import unit_of_work
from app.inbox.schemas import Reading
from app.inbox.service import get_message, get_thread
from app.kit import database

if TYPE_CHECKING:
    from uuid import UUID

    from app.ai.schemas import AssistantView
    from app.clinics.schemas import ClinicView
    from app.kit.principal import Principal

LOOKED_AT = 500
"""Incoming messages of the channel that are looked through for those of the rule, newest first."""

# A conversation that was closed or handed back was the assistant's again: the activity log knows when.
_PAST = """with freed as materialized (select subject_id, at from audit_entry
    where clinic_id = $1 and action in ('thread.closed', 'assistant.handed_back')),
asked as (select * from message where clinic_id = $1 and direction = 'in' and kind = 'text' and channel = $2
    and (triage is null or triage->>'intent' = $3) order by created_at desc limit $4)
select m.id, m.thread_id, m.channel, m.body, m.details, m.triage, m.created_at, t.is_blocked, t.opted_out,
  t.contact_email,
  exists (select 1 from message s where s.clinic_id = $1 and s.thread_id = m.thread_id and s.direction = 'out'
    and s.kind = 'text' and s.author_type in ('staff', 'key') and s.status <> 'cancelled'
    and s.created_at between m.created_at - interval '7 days' and m.created_at + $5
    and s.created_at > coalesce((select max(f.at) from freed f where f.subject_id = m.thread_id
      and f.at < m.created_at), '-infinity')) as is_taken_over,
  exists (select 1 from message n where n.clinic_id = $1 and n.thread_id = m.thread_id and n.kind = 'text'
    and n.seq > m.seq and n.created_at <= m.created_at + $5) as has_moved_on,
  exists (select 1 from message e where e.clinic_id = $1 and e.thread_id = m.thread_id and e.direction = 'in'
    and e.seq < m.seq and (e.triage->>'escalate')::boolean and not exists (select 1 from message s
      where s.clinic_id = $1 and s.thread_id = m.thread_id and s.direction = 'out' and s.kind = 'text'
      and s.author_type in ('staff', 'key') and s.seq > e.seq and s.seq < m.seq)) as is_escalated,
  0 as answers_here, 0 as answers_by_rule
from asked m join thread t on t.clinic_id = m.clinic_id and t.id = m.thread_id
where not exists (select 1 from ai_answer a where a.clinic_id = $1 and a.message_id = m.id and not a.is_past)
order by m.created_at desc"""

_LEARNT = """select f.id, m.created_at from clinic_fact f
join message m on m.clinic_id = f.clinic_id and m.id = f.source_id where f.clinic_id = $1"""


async def start_past_trial(principal: Principal, asked: PastTrial) -> PastTrialStarted:
    """Have a rule tried on the past; the comparisons appear when the job is done."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        job_id = work.enqueue("ai_replay", channel=asked.channel, intent=asked.intent, count=asked.count)
        work.audit("assistant.tried_on_past", "ai_rule", channel=asked.channel, intent=asked.intent)
    return PastTrialStarted(job_id)


async def replay(clinic_id: UUID, channel: str, intent: str, count: int) -> None:
    """Try one rule on its newest messages of the past; what an earlier trial found is replaced. Safe to run twice."""
    clinic = await get_clinic(clinic_id)
    async with database.reading(clinic_id) as connection:
        settings = await queries.get_assistant(clinic_id)
        rule = await queries.find_rule(clinic_id, channel, intent) or RuleView(channel=channel, intent=intent)  # type: ignore[arg-type]
        rule = msgspec.structs.replace(rule, mode="shadow")
        wait = dt.timedelta(seconds=rule.wait_seconds)
        rows = await connection.fetch(_PAST, clinic_id, channel, intent, LOOKED_AT, wait)
        learnt = {row["id"]: row["created_at"] for row in await connection.fetch(_LEARNT, clinic_id)}
    chosen = [(row, one) for row, one in await _read(rows, clinic) if one.intent == intent][:count]
    tried = [await _try(clinic, settings, rule, row, reading, learnt) for row, reading in chosen]
    async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
        await _write(work.connection, clinic_id, rule, tried)


async def _read(rows: list[Any], clinic: ClinicView) -> list[tuple[Any, Reading]]:
    """Read in memory what came before there was an assistant."""
    zone = zoneinfo.ZoneInfo(clinic.timezone)
    unread = [row for row in rows if row["triage"] is None]
    texts = [
        Text(
            channel=row["channel"],
            text=row["body"][:LONGEST],
            received_at=row["created_at"].astimezone(zone).replace(tzinfo=None),
        )
        for row in unread
    ]
    found = await quick_classifier().classify(texts) if texts else []
    fresh = {row["id"]: reading_of(one) for row, one in zip(unread, found, strict=True)}
    return [(row, fresh.get(row["id"]) or msgspec.json.decode(row["triage"], type=Reading)) for row in rows]


async def _try(  # noqa: PLR0917 - what a trial rests on
    clinic: ClinicView,
    settings: AssistantView,
    rule: RuleView,
    row: Any,
    reading: Reading,
    learnt: dict[UUID, dt.datetime],
) -> tuple[Any, list[str], str, list[dict[str, Any]]]:
    ruling = judge(case_of(row, reading, rule, settings, is_in_hours=is_in_hours(clinic, rule, row["created_at"])))
    against: list[str] = [one for one in ruling.against if one != "rule_shadow"]
    if against:
        return row, against, "", []
    async with database.reading(clinic.id):
        message = await get_message(clinic.id, row["id"])
        thread = await get_thread(clinic.id, row["thread_id"])
    question = own_words(message)
    talk = Talk(
        clinic=clinic,
        assistant=settings,
        thread=thread,
        messages=[message],
        newest=message,
        question=question,
        intent=reading.intent,  # type: ignore[arg-type]  # of the labels: the assistant wrote it
        language=language_of(question),
        reason=reading.reason,
    )
    # What was learnt from an answer of later would make the trial look better than it is.
    known = [
        one for one in await facts_for(talk, alone=True) if one.id not in learnt or learnt[one.id] < row["created_at"]
    ]
    draft = template_draft(talk, known, alone=True)
    return row, [], draft.text, draft.facts


async def _write(connection: Any, clinic_id: UUID, rule: RuleView, tried: list[Any]) -> None:
    await connection.execute(
        "delete from ai_answer where clinic_id = $1 and channel = $2 and intent = $3 and is_past",
        clinic_id,
        rule.channel,
        rule.intent,
    )
    for row, against, text, facts in tried:
        await connection.fetchval(
            INSERT,
            clinic_id,
            row["id"],
            row["thread_id"],
            rule.channel,
            rule.intent,
            rule.version,
            against,
            text,
            msgspec.json.encode(facts).decode(),
            True,
            "left" if against else None,
        )
    await compare_open(connection, clinic_id, [row["thread_id"] for row, *_ in tried])
    # Staff may answer these yet: they are no past.
    await connection.execute(
        "delete from ai_answer where clinic_id = $1 and channel = $2 and intent = $3 and is_past and outcome is null",
        clinic_id,
        rule.channel,
        rule.intent,
    )
