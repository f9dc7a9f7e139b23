"""The lists of the inbox: their views, orders, cursors and counts, and what is found in them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.inbox.queries.threads import decode_thread
from app.inbox.schemas import Counts, ThreadRow, ThreadView
from app.kit import database
from app.kit.errors import Invalid
from app.kit.ids import as_uuid

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNTED = 10_000
"""The "all" view stops counting here; the others hold what a desk has open."""

_VIEWS = {
    "todo": "t.state = 'open' and (t.waiting_since is not null or t.is_escalated)",
    "mine": "t.state = 'open' and t.assignee_id = $2",
    "unassigned": "t.state = 'open' and t.assignee_id is null",
    "snoozed": "t.state = 'snoozed'",
    "all": "true",
}
# A staff member who never opened a thread has not read what nobody has answered yet.
UNREAD = (
    """greatest(0, case when r.thread_id is null then t.unanswered_count else t.inbound_count - r.inbound_count end)"""
)


_SORTS: dict[str, tuple[str, str, slice]] = {
    "waiting": ("t.waiting_since, t.id", "(t.waiting_since, t.id) > ({}, {})", slice(1, 3)),
    "snoozed": ("t.snoozed_until, t.id", "(t.snoozed_until, t.id) > ({}, {})", slice(1, 3)),
    "newest": (
        "t.is_escalated desc, t.last_message_at desc, t.id desc",
        "(t.is_escalated, t.last_message_at, t.id) < ({}, {}, {})",
        slice(0, 3),
    ),
}
"""Each order of the list: its words in SQL, the rows below a cursor, and what of (escalated, at, id) they compare."""


# -- cursors: what a keyset page goes on from, as an opaque text


def encode_cursor(*parts: object) -> str:
    """Return the cursor of a row."""
    return "~".join(part.isoformat() if isinstance(part, dt.datetime) else str(part) for part in parts)


def decode_row_cursor(cursor: str) -> tuple[bool, dt.datetime, UUID]:
    """Return (escalated, at, id) of a thread cursor; raises ``Invalid``."""
    escalated, _, rest = cursor.partition("~")
    at, _, row_id = rest.partition("~")
    try:
        moment: dt.datetime | None = dt.datetime.fromisoformat(at)
    except (ValueError, OverflowError):
        moment = None
    found = as_uuid(row_id)
    if found is None or moment is None or moment.tzinfo is None or escalated not in {"True", "False"}:
        raise Invalid.field("cursor", "This is not a cursor of ours. Begin again without it.")
    return escalated == "True", moment, found


async def list_threads(
    clinic_id: UUID,
    staff_id: UUID | None,
    *,
    view: str,
    channel: str | None = None,
    intent: str | None = None,
    sentiment: str | None = None,
    tag: str | None = None,
    assignee: UUID | None = None,
    failed: bool = False,
    order: str = "newest",
    ids: Sequence[UUID] | None = None,
    after: tuple[bool, dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[ThreadRow]:
    """Return one page of rows: escalated first, then newest (or longest waiting), below the row ``after``."""
    arguments: list[Any] = [clinic_id, staff_id]
    where = ["t.clinic_id = $1", _VIEWS[view]]

    def add(condition: str, *values: object) -> None:
        names = []
        for value in values:
            arguments.append(value)
            names.append(f"${len(arguments)}")
        where.append(condition.format(*names))

    if channel:
        add("t.channel = {}", channel)
    if intent:
        add("t.intent = {}", intent)
    if sentiment:
        add("t.sentiment = {}", sentiment)
    if tag:
        add("t.tags @> array[{}::text]", tag)
    if assignee:
        add("t.assignee_id = {}", assignee)
    if failed:
        where.append("t.lost_count > 0")
    if ids is not None:
        add("t.id = any ({}::uuid[])", list(ids))
    if order == "waiting":
        where.append("t.waiting_since is not null")
    sort, below, columns = _SORTS["waiting" if order == "waiting" else "snoozed" if view == "snoozed" else "newest"]
    if after:
        add(below, *tuple(after)[columns])
    arguments.append(limit)
    rows = await database.fetch(
        f"select thread_json(t) as view, {UNREAD} as unread from thread t "  # noqa: S608 - the parts are ours
        "left join read_mark r on r.clinic_id = t.clinic_id and r.staff_id = $2 and r.thread_id = t.id "
        f"where {' and '.join(where)} order by {sort} limit ${len(arguments)}",
        *arguments,
    )
    return [_row(row["view"], row["unread"]) for row in rows]


def _row(view: str, unread: int) -> ThreadRow:
    found = msgspec.json.decode(view, type=ThreadRow)
    found.unread = unread
    return found


def row_cursor(row: ThreadRow, *, view: str, order: str) -> str:
    """Return the cursor that goes on below a row."""
    if order == "waiting" and row.waiting_since:
        return encode_cursor(False, row.waiting_since, row.id)
    if view == "snoozed" and row.snoozed_until:
        return encode_cursor(False, row.snoozed_until, row.id)
    at = row.last_message.created_at if row.last_message else row.created_at
    return encode_cursor(row.escalated, at, row.id)


async def count_unread(clinic_id: UUID, staff_id: UUID | None, thread_id: UUID) -> int:
    """Return how many inbound messages of a thread a staff member has not read."""
    return await database.fetchval(
        f"select {UNREAD} from thread t left join read_mark r "  # noqa: S608
        "on r.clinic_id = t.clinic_id and r.staff_id = $2 and r.thread_id = t.id where t.clinic_id = $1 and t.id = $3",
        clinic_id,
        staff_id,
        thread_id,
    )


async def count_views(clinic_id: UUID, staff_id: UUID | None) -> Counts:
    """Return the counts of all views in one query."""
    row = await database.fetchrow(
        "select (select count(*) from thread t where t.clinic_id = $1 and t.state = 'open' "
        "  and (t.waiting_since is not null or t.is_escalated)) as todo, "
        "(select count(*) from thread t where t.clinic_id = $1 and t.state = 'open' and t.assignee_id = $2) as mine, "
        "(select count(*) from thread t where t.clinic_id = $1 and t.state = 'open' and t.assignee_id is null) "
        "as unassigned, "
        "(select count(*) from thread t where t.clinic_id = $1 and t.state = 'snoozed') as snoozed, "
        "(select count(*) from (select 1 from thread t where t.clinic_id = $1 limit $3) x) as all, "
        "(select count(*) from thread t where t.clinic_id = $1 and t.lost_count > 0) as lost",
        clinic_id,
        staff_id,
        COUNTED,
    )
    assert row is not None  # noqa: S101 - an aggregate always answers
    return Counts(**dict(row))


async def list_alerts(clinic_id: UUID, limit: int = 10) -> list[ThreadView]:
    """Return escalated threads that are open, newest first."""
    rows = await database.fetch(
        "select thread_json(t) from thread t where t.clinic_id = $1 and t.state = 'open' and t.is_escalated "
        "order by t.is_escalated desc, t.last_message_at desc, t.id desc limit $2",
        clinic_id,
        limit,
    )
    return [decode_thread(row[0]) for row in rows]


async def search_thread_ids(
    clinic_id: UUID,  # noqa: ARG001 - `search_threads` takes the clinic of the transaction
    text: str,
    limit: int,
) -> list[UUID]:
    """Return threads found by name, e-mail, last digits or words, newest first. ``text`` is what a person typed."""
    words = ["".join(c for c in word if c.isalnum()) for word in text.replace("'", " ").lower().split()]
    words = [word for word in words if word][:8]
    digits = "".join(c for c in text if c.isdigit())
    only_digits = bool(digits) and not any(c.isalpha() for c in text)
    if not words:
        return []
    names = " & ".join(f"'{word}':*" for word in words)
    exact = " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}'" + (":*" if len(words[-1]) > 2 else "")])
    rows = await database.fetch(
        "select id from search_threads($1::text::tsquery, $2::text::tsquery, $3, $4)",
        names,
        exact,
        digits if only_digits and len(digits) >= 3 else "",
        limit,
    )
    return [row["id"] for row in rows]
