"""Everything the assistant did, from one place: what it read, suggested, sent and held back, and who let it.

Two streams in the order of time: its acts in the activity log, and the readings, which lie with their messages.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from app.ai.acts_schemas import Act, ActPage
from app.audit.service import harmless
from app.clinics.service import get_clinic
from app.events.service import unit_of_work
from app.inbox.schemas import Reading
from app.kit import clock, database
from app.kit.errors import Invalid
from app.kit.ids import as_uuid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.kit.principal import Principal

PAGE = 500
USUAL_DAYS = 30
HEADINGS = Act.__struct_fields__

_ACTS = """select a.n, a.at, a.action, a.actor_name, a.subject_type, a.subject_id, a.details, s.thread_id, s.message_id,
  s.sent_id, s.tier, s.model, s.facts, w.thread_id as answered_thread_id, w.sent_id as answer_id, d.proof
from audit_entry a
left join ai_suggestion s on a.subject_type = 'ai_suggestion' and s.clinic_id = a.clinic_id and s.id = a.subject_id
left join ai_answer w on a.subject_type = 'message' and w.clinic_id = a.clinic_id and w.message_id = a.subject_id
left join message m on m.clinic_id = w.clinic_id and m.id = w.sent_id
left join decision d on d.clinic_id = m.clinic_id and d.id = m.decision_id
where a.clinic_id = $1 and a.action like 'assistant.%' and a.n > $2 and a.at >= $3 and a.at < $4
order by a.n limit $5"""

# Ids of messages begin with their time.
_READINGS = """select id, created_at, thread_id, channel, triage,
  encode(sha256(convert_to(body, 'UTF8')), 'hex') as digest from message
where clinic_id = $1 and id > $2 and id < $3 and direction = 'in' and triage is not null
order by id limit $4"""


class _Place(msgspec.Struct, frozen=True):
    """How far somebody has read: the number of an act, the id of a message."""

    act: int
    message: UUID


class _Span(msgspec.Struct, frozen=True):
    since: dt.datetime
    until: dt.datetime


async def list_acts(
    clinic_id: UUID, since: dt.date | None, until: dt.date | None, *, cursor: str | None, limit: int
) -> ActPage:
    """Return acts of these days (the clinic's), oldest first. Raises ``Invalid`` for a cursor that is not ours."""
    span = await _span(clinic_id, since, until)
    acts, place = await _page(clinic_id, span, _place(cursor) if cursor else _start(span), limit)
    return ActPage(acts, f"{place.act}~{place.message}" if len(acts) == limit else None)


async def start_acts_export(principal: Principal, since: dt.date | None, until: dt.date | None) -> AsyncIterator[bytes]:
    """Write down that the acts were taken away, then return them as CSV."""
    span = await _span(principal.clinic_id, since, until)
    async with unit_of_work(principal.clinic_id, principal) as work:
        work.audit("assistant.log_exported", since=span.since.isoformat(), until=span.until.isoformat())
    return _export(principal.clinic_id, span)


async def _export(clinic_id: UUID, span: _Span) -> AsyncIterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADINGS)
    place = _start(span)
    while True:
        acts, place = await _page(clinic_id, span, place, PAGE)
        for act in acts:
            writer.writerow([harmless(_cell(value)) for value in msgspec.structs.astuple(act)])
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
        if len(acts) < PAGE:
            return


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return clock.iso(value)
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode() if value else ""
    return str(value)


async def _span(clinic_id: UUID, since: dt.date | None, until: dt.date | None) -> _Span:
    zone = ZoneInfo((await get_clinic(clinic_id)).timezone)
    last = until or clock.now().astimezone(zone).date()
    first = since or last - dt.timedelta(days=min(USUAL_DAYS, last.toordinal() - 1))
    if last < first:
        raise Invalid.field("until", "The last day lies before the first one.")
    try:
        begin, end = (dt.datetime.combine(day, dt.time(), zone) for day in (first, last + dt.timedelta(days=1)))
        return _Span(begin.astimezone(dt.UTC), end.astimezone(dt.UTC))
    except OverflowError:
        raise Invalid.field("until", "Choose a day of this century.") from None


def _start(span: _Span) -> _Place:
    return _Place(0, _first_id(span.since))


def _first_id(at: dt.datetime) -> UUID:
    return UUID(int=max(0, min(int(at.timestamp() * 1000), 2**48 - 1)) << 80)


def _place(cursor: str) -> _Place:
    act, _, message = cursor.partition("~")
    found = as_uuid(message)
    if found is None or not (act.isascii() and act.isdigit() and len(act) < 16):
        raise Invalid.field("cursor", "This is not a cursor of ours. Begin again without it.")
    return _Place(int(act), found)


async def _page(clinic_id: UUID, span: _Span, place: _Place, limit: int) -> tuple[list[Act], _Place]:
    async with database.reading(clinic_id) as connection:
        acts = await connection.fetch(_ACTS, clinic_id, place.act, span.since, span.until, limit)
        readings = await connection.fetch(_READINGS, clinic_id, place.message, _first_id(span.until), limit)
    both = merge(
        ((_act(row), msgspec.structs.replace(place, act=row["n"])) for row in acts),
        ((_reading(row), msgspec.structs.replace(place, message=row["id"])) for row in readings),
        key=lambda pair: pair[0].at,
    )
    found = list(islice(both, limit))
    return [act for act, _ in found], _Place(
        max((at.act for _, at in found), default=place.act), max((at.message for _, at in found), default=place.message)
    )


def _reading(row: Any) -> Act:
    found = msgspec.json.decode(row["triage"], type=Reading)
    return Act(
        at=row["created_at"],
        act="read",
        by="Practice Assistant",
        thread_id=row["thread_id"],
        message_id=row["id"],
        channel=row["channel"],
        intent=found.intent,
        confidence=found.confidence,
        urgent=found.urgent,
        escalate=found.escalate,
        tier=found.tier,
        model=found.model,
        input_digest=row["digest"],
    )


_OWN = frozenset(
    {"action", "actor_type", "actor_id", "actor_name", "subject_type", "subject_id", "mode", "request_id", "address"}
)
_NAMED = frozenset(Act.__struct_fields__) - {"at", "act", "by", "details"}


def _act(row: Any) -> Act:
    """Return an act: what the activity log says of it, and what lies with the suggestion or the answer."""
    told = {name: value for name, value in msgspec.json.decode(row["details"]).items() if name not in _OWN}
    proof = msgspec.json.decode(row["proof"]) if row["proof"] else {}
    known = {name: value for name, value in {**told, **proof}.items() if name in _NAMED}
    subject = row["subject_type"]
    if subject == "ai_suggestion" and row["tier"] is not None:
        known |= {name: row[name] for name in ("thread_id", "message_id", "sent_id", "tier", "model")}
        known["facts"] = msgspec.json.decode(row["facts"])
    elif subject == "message":
        known |= {"message_id": row["subject_id"], "thread_id": row["answered_thread_id"], "sent_id": row["answer_id"]}
    elif subject == "thread":
        known["thread_id"] = row["subject_id"]
    more = {name: value for name, value in told.items() if name not in known}
    fixed = {"at": row["at"], "act": row["action"].removeprefix("assistant."), "by": row["actor_name"]}
    return msgspec.convert({**known, **fixed, "details": more}, Act)
