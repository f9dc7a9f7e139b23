"""What triage writes into the inbox: how each message was read, and what that makes of its conversation.

A flag only ever rises here. Who answers a patient, helps them or closes the conversation takes it down. A message may
be read twice: by what is quick, for the desk, and by what is better, for good; ``waits`` in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.events.service import Work
from app.inbox.events import AlertRaised
from app.inbox.red_flags import find_red_flag
from app.inbox.schemas import MessageView, Reading, ThreadView
from app.kit import database
from app.kit.errors import Unavailable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    import asyncpg

_UNSORTED = """select m.id, m.channel, m.body, m.details, m.created_at, m.attachments::text <> '[]' as has_files,
  t.contact_name, t.contact_email, m.triage is not null as is_sorted
from message m join thread t on t.clinic_id = m.clinic_id and t.id = m.thread_id
where m.clinic_id = $1 and m.id = any ($2) and m.direction = 'in' and m.kind = 'text'
  and (m.triage is null or m.triage->>'waits' = 'true')
order by m.seq"""

_LOCK = """select t.id, t.intent, t.sentiment, t.is_urgent, t.is_escalated, t.alert, t.is_blocked, t.state from thread t
where t.clinic_id = $1 and t.id in (select thread_id from message where clinic_id = $1 and id = any ($2))
order by t.id for no key update"""

_WRITE = """update message m set triage = g.triage from unnest($2::uuid[], $3::json[]) g (id, triage)
where m.clinic_id = $1 and m.id = g.id and m.triage is null returning m.id, m.thread_id, null as before"""

_REWRITE = """update message m set triage = g.triage from unnest($2::uuid[], $3::json[]) g (id, triage), message o
where m.clinic_id = $1 and m.id = g.id and m.triage->>'waits' = 'true' and o.clinic_id = $1 and o.id = g.id
returning m.id, m.thread_id, o.triage as before"""

# What the patient has written since the last answer, and the messages that were just read.
_READ = """with answered as (
  select t.id, coalesce((select max(coalesce(m.seq, 9223372036854775807)) from message m where m.clinic_id = $1
    and m.thread_id = t.id and m.direction = 'out' and m.kind = 'text'
    and m.status not in ('cancelled', 'failed')), 0) as seq
  from thread t where t.clinic_id = $1 and t.id = any ($2)
)
select m.thread_id, m.id, m.triage, m.body, m.details, m.seq > a.seq as is_waiting from answered a
join message m on m.clinic_id = $1 and m.thread_id = a.id and m.direction = 'in' and m.triage is not null
  and (m.seq > a.seq or m.id = any ($3))
order by m.seq"""

_MARK = """update thread t set intent = x.intent, sentiment = x.sentiment, is_urgent = x.urgent,
  is_escalated = x.escalated, alert = x.alert
from unnest($2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::text[])
  x (id, intent, sentiment, urgent, escalated, alert)
where t.clinic_id = $1 and t.id = x.id"""

_encode = msgspec.json.Encoder().encode
_decode_reading = msgspec.json.Decoder(Reading).decode
_decode_message = msgspec.json.Decoder(MessageView).decode
_decode_thread = msgspec.json.Decoder(ThreadView).decode


class _Waiting(Reading, frozen=True, kw_only=True):
    """A reading that a better one will take the place of; the mark stays in the database."""

    waits: bool = True


class Unsorted(msgspec.Struct, frozen=True):
    """A message that waits to be read, or to be read again (``is_sorted``).

    ``body`` is without what hangs below a mail; ``name`` is the patient's.
    """

    id: UUID
    channel: str
    subject: str | None
    body: str
    created_at: dt.datetime
    has_files: bool
    name: str
    is_sorted: bool


class Sorted(msgspec.Struct, frozen=True):
    """A message and its conversation as they are now. ``changes`` are the thread's, ``before`` the first reading."""

    message: MessageView
    thread: ThreadView
    changes: dict[str, Any]
    before: Reading | None = None


async def find_unsorted(clinic_id: UUID, message_ids: Sequence[UUID]) -> list[Unsorted]:
    """Return those of these messages that nobody has read for good yet, oldest first."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(_UNSORTED, clinic_id, list(message_ids))
    return [_unsorted(row) for row in rows]


def _unsorted(row: asyncpg.Record) -> Unsorted:
    details = msgspec.json.decode(row["details"]) if row["details"] else {}
    return Unsorted(
        row["id"],
        row["channel"],
        details.get("subject"),
        row["body"][: details.get("quoted_at")],
        row["created_at"],
        row["has_files"],
        row["contact_name"],
        row["is_sorted"],
    )


async def write_readings(
    work: Work,
    readings: Mapping[UUID, Reading],
    *,
    main_wish: Callable[[Sequence[Reading]], Reading],
    alert_of: Callable[[Reading], str],
    waits: bool = False,
    again: bool = False,
) -> list[Sorted]:
    """Keep how messages were read and bring their conversations up to date; returns what was written now.

    ``waits``: a better reading will come. ``again``: this is the better one; it takes the place of one that waits for
    it, and of no other. ``main_wish`` picks of several unanswered messages the one that says what the conversation is
    about; ``alert_of`` gives the few words of an alert. Raises ``Unavailable`` when conversations were joined at this
    very moment.
    """
    clinic_id, connection = work.clinic_id, work.connection
    threads = {row["id"]: row for row in await connection.fetch(_LOCK, clinic_id, list(readings))}
    kept = [_Waiting(**msgspec.structs.asdict(one)) if waits else one for one in readings.values()]
    written = await connection.fetch(
        _REWRITE if again else _WRITE, clinic_id, list(readings), [_encode(one).decode() for one in kept]
    )
    if not written:
        return []
    new = {row["id"]: _decode_reading(row["before"]) if row["before"] else None for row in written}
    about = {row["thread_id"] for row in written}
    if not about <= threads.keys():
        raise Unavailable("This conversation was joined with another one just now.")
    told: dict[UUID, list[asyncpg.Record]] = {}
    for row in await connection.fetch(_READ, clinic_id, list(about), list(new)):
        told.setdefault(row["thread_id"], []).append(row)
    marks = {thread_id: _mark(threads[thread_id], rows, new, main_wish, alert_of) for thread_id, rows in told.items()}
    await connection.execute(_MARK, clinic_id, list(marks), *zip(*marks.values(), strict=True))
    return await _views(work, new, {id_: (threads[id_], mark) for id_, mark in marks.items()})


Mark = tuple[str, str, bool, bool, str | None]


def _mark(
    thread: asyncpg.Record,
    rows: Sequence[asyncpg.Record],
    new: Mapping[UUID, Reading | None],
    main_wish: Callable[[Sequence[Reading]], Reading],
    alert_of: Callable[[Reading], str],
) -> Mark:
    read = [(row, _decode_reading(row["triage"])) for row in rows]
    waiting = [reading for row, reading in read if row["is_waiting"]]
    about = main_wish(waiting or [read[-1][1]])
    moods = [reading.sentiment for reading in waiting if reading.sentiment != "neutral"]
    urgent, escalated, alert = thread["is_urgent"], thread["is_escalated"], thread["alert"]
    # Closed or snoozed since it came: a person has decided already.
    if not thread["is_blocked"] and thread["state"] == "open":
        # A message whose red flag rose when it came is not raised again: somebody may have seen to it since then. For
        # the same reason a second reading raises only what the first one did not.
        raising = [
            (one, new[row["id"]])
            for row, one in read
            if row["is_waiting"] and row["id"] in new and not _was_flagged(row)
        ]
        grown = [one for one, before in raising if one.urgent and not (before and before.urgent)]
        worst = [one for one, before in raising if one.escalate and (one in grown or not (before and before.escalate))]
        urgent = urgent or bool(grown)
        if worst:
            escalated, alert = True, alert or alert_of(main_wish(worst))
    return about.intent, moods[-1] if moods else about.sentiment, urgent, escalated, alert


def _was_flagged(row: asyncpg.Record) -> bool:
    details = msgspec.json.decode(row["details"]) if row["details"] else {}
    return find_red_flag(row["body"][: details.get("quoted_at")]) is not None


async def _views(
    work: Work, new: Mapping[UUID, Reading | None], marks: Mapping[UUID, tuple[asyncpg.Record, Mark]]
) -> list[Sorted]:
    threads = {
        row["id"]: _decode_thread(row["view"])
        for row in await work.connection.fetch(
            "select t.id, thread_json(t) as view from thread t where t.clinic_id = $1 and t.id = any ($2)",
            work.clinic_id,
            list(marks),
        )
    }
    messages = await work.connection.fetch(
        "select message_json(m) from message m where m.clinic_id = $1 and m.id = any ($2) order by m.seq",
        work.clinic_id,
        list(new),
    )
    changes = {thread_id: _changes(before, mark) for thread_id, (before, mark) in marks.items()}
    for thread_id, changed in changes.items():
        if "escalated" in changed:
            work.record(AlertRaised(thread=threads[thread_id], changes=changed))
    found = [_decode_message(row[0]) for row in messages]
    return [
        Sorted(message, threads[message.thread_id], changes[message.thread_id], new[message.id]) for message in found
    ]


def _changes(before: asyncpg.Record, mark: Mark) -> dict[str, Any]:
    names = ("intent", "sentiment", "urgent", "escalated", "alert")
    columns = ("intent", "sentiment", "is_urgent", "is_escalated", "alert")
    return {
        name: [before[column], now]
        for name, column, now in zip(names, columns, mark, strict=True)
        if before[column] != now
    }
