"""Shadow mode (N6): a rule decides and writes in silence, and is compared with what staff did next.

Nothing is sent, no suggestion is shown, no event is written: staff must not be led by what they are compared with.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from app.ai import queries
from app.ai.agreement import OUTCOME_WORDS, compare
from app.ai.schemas import RuleView
from app.ai.service.drafting import draft_reply
from app.ai.service.happened import written_by_staff
from app.ai.service.triage import assistant
from app.ai.shadow_schemas import Example, Shadow, ShadowCell, Tally
from app.clinics.service import get_clinic
from app.events.service import unit_of_work
from app.kit import database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from app.ai.gate import Ruling
    from app.ai.schemas import AssistantView
    from app.events.service import Logged
    from app.inbox.schemas import Reading

STAFF_ANSWER_WITHIN = dt.timedelta(hours=24)
MOST_EXAMPLES = 5
"""Of one cell, the newest."""
LOOKS_BACK = dt.timedelta(days=180)
"""What is older says little about the rule of today."""

INSERT = """insert into ai_answer (clinic_id, message_id, thread_id, channel, intent, rule_version, state, against,
  text, facts, is_past, outcome, compared_at, created_at)
values ($1, $2, $3, $4, $5, $6, 'shadow', $7, $8, $9::json, $10, $11::text,
  case when $11::text is not null then now() end, now())
on conflict (clinic_id, message_id) do nothing returning true"""

# The first answer of staff within a day, whether anybody had to raise an alert before it, and whether more can come.
_OPEN = """select a.message_id, a.text, a.facts, s.id as staff_id, s.body as staff_text,
  (t.is_escalated and s.id is null) or exists (select 1 from message e where e.clinic_id = $1
    and e.thread_id = m.thread_id and e.direction = 'in'
    and e.created_at > m.created_at and e.created_at < coalesce(s.created_at, m.created_at + $3)
    and (e.triage->>'escalate')::boolean) as was_escalated,
  (t.state = 'closed' or m.created_at + $3 < now()) as is_over
from ai_answer a join message m on m.clinic_id = a.clinic_id and m.id = a.message_id
join thread t on t.clinic_id = m.clinic_id and t.id = m.thread_id
left join lateral (select o.id, o.body, o.created_at from message o where o.clinic_id = $1 and o.thread_id = m.thread_id
  and o.direction = 'out' and o.kind = 'text' and o.author_type in ('staff', 'key') and o.status <> 'cancelled'
  and o.created_at > m.created_at and o.created_at <= m.created_at + $3 order by o.created_at, o.id limit 1) s on true
where a.clinic_id = $1 and a.state = 'shadow' and a.outcome is null and m.thread_id = any ($2)
order by a.message_id"""

# Since a rule stepped back it has to earn its way anew: older messages do not count.
_COUNTED = """from ai_answer a join message m on m.clinic_id = a.clinic_id and m.id = a.message_id
left join ai_rule r on r.clinic_id = a.clinic_id and r.channel = a.channel and r.intent = a.intent
where a.clinic_id = $1 and a.state = 'shadow' and m.created_at > now() - $2::interval
  and m.created_at > coalesce(r.stepped_back_at, '-infinity')"""

_TALLIES = f"""select a.channel, a.intent, count(*) filter (where a.outcome <> 'left') as compared,
  count(*) filter (where a.outcome = 'agreed') as agreed, count(*) filter (where a.outcome = 'left') as "left",
  count(*) filter (where a.outcome is null) as waiting {_COUNTED} group by a.channel, a.intent"""

_EXAMPLES = f"""select * from (select a.channel, a.intent, m.thread_id, a.message_id, m.created_at as at, a.outcome,
  a.text as ours, s.body as theirs, a.is_past, m.body as asked,
  row_number() over (partition by a.channel, a.intent order by m.created_at desc) as place
  {_COUNTED.replace("where", "left join message s on s.clinic_id = a.clinic_id and s.id = a.staff_message_id where", 1)}
  and a.outcome not in ('left', 'agreed')) x where place <= $3 order by channel, intent, place"""  # noqa: S608 - our own


async def watch(clinic_id: UUID, row: Any, reading: Reading, rule: RuleView, ruling: Ruling) -> None:
    """Keep what the assistant would have done with a message that a rule tries itself out on."""
    against = [one for one in ruling.against if one != "rule_shadow"]
    draft = None if against else await draft_reply(clinic_id, row["thread_id"], alone=True)
    async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
        is_new = await work.connection.fetchval(
            INSERT,
            clinic_id,
            row["id"],
            row["thread_id"],
            row["channel"],
            reading.intent,
            rule.version,
            against,
            draft.text if draft else "",
            msgspec.json.encode(draft.facts if draft else []).decode(),
            False,
            "left" if against else None,
        )
        if is_new and not against:
            work.enqueue("ai_compare", after=STAFF_ANSWER_WITHIN, thread_id=row["thread_id"])


async def ask_for_comparison(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Staff answered: compare once their time to take it back is over."""
    threads = {message.thread_id for message in written_by_staff(events)}
    if not threads:
        return
    async with database.reading(clinic_id) as connection:
        waiting = await connection.fetch(
            "select distinct thread_id from ai_answer where clinic_id = $1 and state = 'shadow' and outcome is null "
            "and thread_id = any ($2::uuid[]) order by thread_id",
            clinic_id,
            list(threads),
        )
    if waiting:
        pause = dt.timedelta(seconds=(await get_clinic(clinic_id)).undo_seconds)
        async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
            for row in waiting:
                work.enqueue("ai_compare", after=pause, thread_id=row["thread_id"])


async def compare_threads(clinic_id: UUID, thread_ids: Sequence[UUID]) -> None:
    """Compare what waits in these conversations and can be compared by now. Safe to run twice."""
    async with database.transaction(clinic_id) as connection:
        await compare_open(connection, clinic_id, thread_ids)


async def compare_open(connection: asyncpg.Connection, clinic_id: UUID, thread_ids: Sequence[UUID]) -> None:
    """Compare inside a transaction."""
    for row in await connection.fetch(_OPEN, clinic_id, list(thread_ids), STAFF_ANSWER_WITHIN):
        if row["staff_id"] is None and not row["is_over"] and not row["was_escalated"]:
            continue
        found = compare(
            row["text"],
            row["staff_text"],
            names_facts=bool(msgspec.json.decode(row["facts"])),
            was_escalated=row["was_escalated"],
        )
        await connection.execute(
            "update ai_answer set outcome = $3, likeness = $4, staff_message_id = $5, compared_at = now() "
            "where clinic_id = $1 and message_id = $2 and outcome is null",
            clinic_id,
            row["message_id"],
            found.outcome,
            found.likeness,
            row["staff_id"],
        )


async def tallies(clinic_id: UUID) -> dict[tuple[str, str], Tally]:
    """Return how each cell's trial stands, by channel and wish."""
    rows = await database.fetch(_TALLIES, clinic_id, LOOKS_BACK)
    return {
        (row["channel"], row["intent"]): Tally(row["compared"], row["agreed"], row["left"], row["waiting"])
        for row in rows
    }


def is_earned(tally: Tally, settings: AssistantView) -> bool:
    """Say whether a trial has reached the clinic's level. Pure."""
    enough = tally.compared >= settings.least_compared
    return enough and tally.agreed >= round(settings.agreement_level * tally.compared, 9)


async def get_shadow(clinic_id: UUID) -> Shadow:
    """Return all trials: of rules that try themselves out, and of those that have."""
    async with database.reading(clinic_id) as connection:
        settings = await queries.get_assistant(clinic_id)
        known = await queries.list_rules(clinic_id)
        counted = await tallies(clinic_id)
        rows = await connection.fetch(_EXAMPLES, clinic_id, LOOKS_BACK, MOST_EXAMPLES)
    rules: dict[tuple[str, str], RuleView] = {(rule.channel, rule.intent): rule for rule in known}
    cells = sorted(counted.keys() | {cell for cell, rule in rules.items() if rule.mode == "shadow"})
    return Shadow(
        [_cell(cell, rules.get(cell), counted.get(cell) or Tally(), settings, rows) for cell in cells],
        settings.agreement_level,
        settings.least_compared,
    )


def _cell(
    cell: tuple[str, str], rule: RuleView | None, tally: Tally, settings: AssistantView, rows: Sequence[Any]
) -> ShadowCell:
    examples = [
        Example(
            row["thread_id"],
            row["message_id"],
            row["at"],
            row["outcome"],
            OUTCOME_WORDS[row["outcome"]],
            row["ours"],
            row["theirs"],
            row["is_past"],
            row["asked"],
        )
        for row in rows
        if (row["channel"], row["intent"]) == cell
    ]
    return ShadowCell(
        channel=cell[0],  # type: ignore[arg-type]  # of our own rows
        intent=cell[1],  # type: ignore[arg-type]
        mode=rule.mode if rule else "off",
        compared=tally.compared,
        agreed=tally.agreed,
        agreement=tally.agreement,
        left=tally.left,
        waiting=tally.waiting,
        is_earned=is_earned(tally, settings),
        examples=examples,
    )
