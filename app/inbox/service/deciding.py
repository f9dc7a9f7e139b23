"""Why a message is sent, written with it in one transaction and never changed (N8), and when an automatic one may go.

The database refuses an outgoing message without its decision. A person's own answer may go at any hour; what a rule or
a campaign sends waits for daytime where the recipient is (R8).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from app.audit.service import harmless
from app.clinics.service import get_clinic
from app.events.service import unit_of_work
from app.inbox.schemas import Decided
from app.kit import clock, database
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.quiet_hours import Place, Window, next_open, parse_time, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    import asyncpg

    from app.clinics.schemas import ClinicView
    from app.kit.principal import Principal

PEOPLE = frozenset({"staff", "key"})
"""Authors whose messages leave at once: somebody chose this moment."""
ANSWERS = frozenset({"opt_out", "opt_in", "help", "answer"})
"""Kinds of decision to answer what somebody just wrote: a word of the law, or a question. They may go at any hour."""
USUAL = Window(dt.time(8), dt.time(21))
PAGE = 500
HEADINGS = (
    *("message", "decided at", "kind", "channel", "to", "rule", "approved by", "consent", "consent source"),
    *("consent since", "opted out", "time zone", "local time", "quiet hours", "units", "status", "provider's id"),
    "proof",
)

_INSERT = """insert into decision (id, clinic_id, kind, channel, to_address, contact_id, rule, approved_by_type,
  approved_by_id, approved_by_name, consent, consent_source, consent_at, is_opted_out, zone, local_time, quiet_hours,
  units, decided_at, proof)
select $1, $2, $3, $4, $5, p.id, $6, $7, $8, $9,
  case when not c.is_granted then 'Does not want these messages any more'
    when c.is_granted then 'Said yes' when f.created_at is not null then 'Wrote to us first'
    else 'No objection known, on our list since' end,
  case when c.is_granted is not null then c.source when f.created_at is not null then 'message' else 'list' end,
  coalesce(c.at, f.created_at, p.created_at), coalesce(not c.is_granted, false), $10, $11, $12, $13, $14, $17::json
from contact p
left join consent c on c.clinic_id = p.clinic_id and c.channel = $4 and c.address = $5
left join lateral (select m.created_at from message m where m.clinic_id = p.clinic_id and m.thread_id = $16
  and m.direction = 'in' and m.channel = $4 order by m.seq limit 1) f on true
where p.clinic_id = $2 and p.id = $15
returning id"""

_SELECT = """select d.*, m.id as message_id, m.thread_id, m.status, m.provider_id, m.attempt, m.created_at, m.sent_at,
  m.delivered_at, m.read_at, m.failure_text, m.mode, w.words as put_off from message m
join decision d on d.clinic_id = m.clinic_id and d.id = m.decision_id
left join lateral (select string_agg(a.details->>'words', '; put off until ' order by a.n) as words from audit_entry a
  where a.clinic_id = m.clinic_id and a.subject_type = 'message' and a.subject_id = m.id
  and a.action = 'message.put_off') w on true
where m.clinic_id = $1"""


class Reason(NamedTuple):
    """What a sender knows of a message before it is written. ``proof``: how the assistant came to it."""

    kind: str
    rule: str
    units: int = 0
    proof: dict[str, Any] | None = None


async def decide(
    connection: asyncpg.Connection,
    who: Principal,
    reason: Reason,
    *,
    contact_id: UUID,
    thread_id: UUID,
    channel: str,
    to_address: str,
    clinic: ClinicView,
    at: dt.datetime,
) -> UUID:
    """Write down why a message to this address is sent; returns the decision's id for the message's row."""
    zone, local, sum_ = quiet_sum(
        channel, to_address, clinic, at, by_person=who.type in PEOPLE, is_answer=reason.kind in ANSWERS
    )
    return await connection.fetchval(
        _INSERT,
        new_id(),
        who.clinic_id,
        reason.kind,
        channel,
        to_address,
        reason.rule,
        who.type,
        who.id,
        who.name,
        zone,
        local,
        sum_,
        reason.units,
        at,
        contact_id,
        thread_id,
        msgspec.json.encode(reason.proof).decode() if reason.proof else None,
    )


def reason_of(author_type: str, author_name: str) -> Reason:
    """Return the reason of a message that somebody wrote in the conversation."""
    if author_type == "staff":
        return Reason("reply", f"Written by {author_name}")
    if author_type == "key":
        return Reason("reply", f"Sent by the connected program {author_name}")
    return Reason("rule", f"Sent by {author_name or author_type}")


# -- the hours


def quiet_sum(
    channel: str,
    to_address: str,
    clinic: ClinicView,
    now: dt.datetime,
    *,
    by_person: bool,
    is_answer: bool = False,
) -> tuple[str, str, str]:
    """Return the zone that decides, the time there, and the whole reckoning in words."""
    place, window = _place(channel, to_address, clinic), window_of(clinic)
    zone = max(place.zones, key=lambda one: next_open(now, place._replace(zones=(one,)), window) or now)
    local = f"{now.astimezone(ZoneInfo(zone)):%H:%M}"
    hours = "at any hour" if window.opens == window.closes else f"from {window.opens:%H:%M} to {window.closes:%H:%M}"
    told = f"{local} in {zone}; automatic messages go {hours}"
    if place.state is not None:
        told += f", stricter by the law of {place.state.name}"
    if by_person:
        return zone, local, f"{told}; a person's own message may always go"
    if is_answer:
        return zone, local, f"{told}; an answer to their own word may always go"
    opens = may_leave_at(channel, to_address, clinic, now)
    if opens > now:
        return zone, local, f"{told}; it waits until {opens.astimezone(ZoneInfo(zone)):%H:%M} there"
    return zone, local, f"{told}; it may go now"


def may_leave_at(channel: str, to_address: str, clinic: ClinicView, now: dt.datetime) -> dt.datetime:
    """Return when an automatic message may leave: now, or the first open minute where the recipient is."""
    if channel == "webchat":
        return now  # they have our page open
    place = _place(channel, to_address, clinic)
    # Where nothing suits everywhere (the clinic's own hours never meet the law's, a number of many zones): the usual
    # daytime in the first zone, where its law has some hours every day.
    return next_open(now, place, window_of(clinic)) or next_open(now, Place(place.zones[:1], place.state), USUAL) or now


def window_of(clinic: ClinicView) -> Window:
    """Return the clinic's daytime for automatic messages."""
    return Window(parse_time(clinic.quiet_to), parse_time(clinic.quiet_from))


def _place(channel: str, to_address: str, clinic: ClinicView) -> Place:
    return place_of(to_address if channel in {"sms", "whatsapp"} else None, clinic.timezone)


# -- reading


async def read_decision(clinic_id: UUID, message_id: UUID) -> Decided:
    """Return why one message was sent, and what became of it. Raises ``NotFound``."""
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(f"{_SELECT} and m.id = $2", clinic_id, message_id)
        if row is None:
            raise NotFound("No message of the clinic has this id.")
        acts = await connection.fetch(
            "select at, action, actor_name from audit_entry where clinic_id = $1 and subject_type = 'message' "
            "and subject_id = $2 order by n",
            clinic_id,
            message_id,
        )
    return _decided(row, [{"at": one["at"], "action": one["action"], "by": one["actor_name"]} for one in acts])


def _decided(row: Any, acts: list[dict[str, Any]]) -> Decided:
    return Decided(
        message_id=row["message_id"],
        thread_id=row["thread_id"],
        decided_at=row["decided_at"],
        kind=row["kind"],
        channel=row["channel"],
        to_address=row["to_address"],
        rule=row["rule"],
        approved_by=row["approved_by_name"] or row["approved_by_type"],
        consent=row["consent"],
        consent_source=row["consent_source"],
        consent_at=row["consent_at"],
        is_opted_out=row["is_opted_out"],
        zone=row["zone"],
        local_time=row["local_time"],
        quiet_hours=row["quiet_hours"] + (f"; put off until {row['put_off']}" if row["put_off"] else ""),
        units=row["units"],
        status=row["status"],
        provider_id=row["provider_id"],
        attempts=row["attempt"],
        sent_at=row["sent_at"],
        delivered_at=row["delivered_at"],
        read_at=row["read_at"],
        failure=row["failure_text"],
        mode=row["mode"],
        acts=acts,
        proof=msgspec.json.decode(row["proof"]) if row["proof"] else None,
    )


async def start_decision_export(principal: Principal, since: dt.date, until: dt.date) -> AsyncIterator[bytes]:
    """Write down that the decisions were taken away, then return them as CSV."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        work.audit("decisions.exported", since=since.isoformat(), until=until.isoformat())
    return _export(principal.clinic_id, since, until)


async def _export(clinic_id: UUID, since: dt.date, until: dt.date) -> AsyncIterator[bytes]:
    zone = ZoneInfo((await get_clinic(clinic_id)).timezone)
    begin = dt.datetime.combine(since, dt.time(), zone)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone)
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADINGS)
    last: tuple[dt.datetime, UUID] | None = None
    while True:
        async with database.reading(clinic_id) as connection:
            rows = await connection.fetch(
                f"{_SELECT} and d.decided_at >= $2 and d.decided_at < $3 "
                "and ($4::timestamptz is null or (d.decided_at, d.id) > ($4, $5)) order by d.decided_at, d.id limit $6",
                clinic_id,
                begin,
                end,
                last[0] if last else None,
                last[1] if last else None,
                PAGE,
            )
        for row in rows:
            one = _decided(row, [])
            cells = (
                *(one.message_id, clock.iso(one.decided_at), one.kind, one.channel, one.to_address, one.rule),
                *(one.approved_by, one.consent, one.consent_source, clock.iso(one.consent_at)),
                *("yes" if one.is_opted_out else "no", one.zone, one.local_time, one.quiet_hours, one.units),
                *(one.status, one.provider_id or "none", row["proof"] or "none"),
            )
            writer.writerow([harmless(str(cell)) for cell in cells])
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
        if len(rows) < PAGE:
            return
        last = rows[-1]["decided_at"], rows[-1]["id"]
