"""Reads and locked reads of the inbox. Every one takes the clinic first; row level security stands behind it."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

import msgspec

from app.inbox.errors import ThreadJoined
from app.inbox.schemas import BegunReply, Counts, MessageView, Person, SavedReplyView, ThreadRow, ThreadView
from app.kit import database
from app.kit.errors import Invalid, NotFound, Unavailable
from app.kit.ids import as_uuid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

decode_thread = msgspec.json.Decoder(ThreadView).decode
decode_message = msgspec.json.Decoder(MessageView).decode
decode_messages = msgspec.json.Decoder(list[MessageView]).decode

MOVES = 5
"""How often a message may have moved to another thread while somebody waited for its lock."""

COUNTED = 10_000
"""The "all" view stops counting here; the others hold what a desk has open."""


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


# -- one thread, one message


async def get_thread(clinic_id: UUID, thread_id: UUID) -> ThreadView:
    """Return a thread; raises ``NotFound``, or ``ThreadJoined`` with where its messages are now."""
    text = await database.fetchval(
        "select thread_json(t) from thread t where t.clinic_id = $1 and t.id = $2", clinic_id, thread_id
    )
    if text is None:
        await raise_missing(clinic_id, thread_id)
    return decode_thread(text)


async def lock_thread(clinic_id: UUID, thread_id: UUID) -> asyncpg.Record:
    """Lock a thread for the rest of the transaction and return its row; raises as :func:`get_thread`."""
    row = await database.fetchrow(
        "select * from thread where clinic_id = $1 and id = $2 for no key update", clinic_id, thread_id
    )
    if row is None:
        await raise_missing(clinic_id, thread_id)
    return row


async def follow_thread(clinic_id: UUID, thread_id: UUID) -> ThreadView:
    """Return a thread, or the one it was joined with: for readers, whose links may be old."""
    try:
        return await get_thread(clinic_id, thread_id)
    except ThreadJoined as error:
        return await get_thread(clinic_id, UUID(error.extra["thread_id"]))


async def hold_thread(clinic_id: UUID, thread_id: UUID) -> None:
    """Keep a thread from being joined away until the transaction ends; nobody else waits for it."""
    if not await database.fetchval(
        "select 1 from thread where clinic_id = $1 and id = $2 for key share", clinic_id, thread_id
    ):
        await raise_missing(clinic_id, thread_id)


async def find_present_thread(clinic_id: UUID, thread_id: UUID) -> UUID | None:
    """Return where the messages of a joined thread are now; None when it is not one."""
    return await database.fetchval(
        "with recursive chain as (select merged_id as id, 0 as step from (select merged_id from contact_merge "
        "    where clinic_id = $1 and moved->'thread'->>'id' = $2 and undone_at is null "
        "    order by merged_at desc limit 1) m "
        "  union all select c.merged_into, step + 1 from chain join contact c on c.clinic_id = $1 and c.id = chain.id "
        "  where c.merged_into is not null) "
        "select t.id from chain join thread t on t.clinic_id = $1 and t.contact_id = chain.id "
        "order by step desc limit 1",
        clinic_id,
        str(thread_id),
    )


async def raise_missing(clinic_id: UUID, thread_id: UUID) -> NoReturn:
    """Say why a thread is not there: ``ThreadJoined`` or ``NotFound``."""
    present = await find_present_thread(clinic_id, thread_id)
    if present is None or present == thread_id:
        # Joined when it was asked for, and parted again since: it is there now.
        if await database.fetchval("select 1 from thread where clinic_id = $1 and id = $2", clinic_id, thread_id):
            raise Unavailable("This conversation is being changed. Please try again.")
        raise NotFound("This conversation is not in your inbox.")
    raise ThreadJoined(
        "This conversation was joined with another one. Look at it before you go on.", thread_id=str(present)
    )


async def get_merge(clinic_id: UUID, merge_id: UUID) -> asyncpg.Record:
    """Return how two people were joined; raises ``NotFound``."""
    row = await database.fetchrow(
        "select m.*, c.name from contact_merge m join contact c on c.clinic_id = m.clinic_id and c.id = m.merged_id "
        "where m.clinic_id = $1 and m.id = $2",
        clinic_id,
        merge_id,
    )
    if row is None:
        raise NotFound("There is nothing to part.")
    return row


async def list_merges(clinic_id: UUID, survivor_id: UUID, days: int, limit: int) -> list[asyncpg.Record]:
    """Return how others were joined into a person in the last days and not parted since, newest first."""
    return await database.fetch(
        "select m.id, m.merged_id, m.merged_at, c.name, json_build_object('thread', m.moved->'thread', "
        "  'points', m.moved->'points')::text as moved from contact_merge m join contact c on "
        "c.clinic_id = m.clinic_id and c.id = m.merged_id where m.clinic_id = $1 and m.survivor_id = $2 "
        "and m.undone_at is null and m.merged_at > now() - make_interval(days => $3) "
        "order by m.merged_at desc limit $4",
        clinic_id,
        survivor_id,
        days,
        limit,
    )


async def count_messages(clinic_id: UUID, contact_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many messages and notes the threads of contacts have."""
    rows = await database.fetch(
        "select t.contact_id, count(*) from thread t "
        "join message m on m.clinic_id = t.clinic_id and m.thread_id = t.id "
        "where t.clinic_id = $1 and t.contact_id = any ($2) group by t.contact_id",
        clinic_id,
        contact_ids,
    )
    return {row["contact_id"]: row["count"] for row in rows}


async def find_provider_id(clinic_id: UUID, channel_id: UUID, provider_id: str) -> UUID | None:
    """Return the message that a provider knows under this id."""
    return await database.fetchval(
        "select id from message where clinic_id = $1 and channel_id = $2 and provider_id = $3",
        clinic_id,
        channel_id,
        provider_id,
    )


async def lock_message(clinic_id: UUID, message_id: UUID) -> asyncpg.Record:
    """Lock a message and, before it, its thread; returns the message's row; raises ``NotFound``.

    Two people may be joined, or parted, while we wait for the thread: the message then lies in another one.
    """
    for _ in range(MOVES):
        thread_id = await database.fetchval(
            "select thread_id from message where clinic_id = $1 and id = $2", clinic_id, message_id
        )
        if thread_id is None:
            raise NotFound("This message is not in your inbox.")
        with contextlib.suppress(ThreadJoined):
            await lock_thread(clinic_id, thread_id)
        row = await database.fetchrow(
            "select * from message where clinic_id = $1 and id = $2 and thread_id = $3 for no key update",
            clinic_id,
            message_id,
            thread_id,
        )
        if row is not None:
            return row
    raise Unavailable("This conversation is being changed. Please try again.")


async def get_message(clinic_id: UUID, message_id: UUID) -> MessageView:
    """Return a message; raises ``NotFound``."""
    text = await database.fetchval(
        "select message_json(m) from message m where m.clinic_id = $1 and m.id = $2", clinic_id, message_id
    )
    if text is None:
        raise NotFound("This message is not in your inbox.")
    return decode_message(text)


async def find_by_client_id(clinic_id: UUID, client_id: UUID) -> MessageView | None:
    """Return the message that was sent under a client's own id."""
    text = await database.fetchval(
        "select message_json(m) from message m where m.clinic_id = $1 and m.client_id = $2", clinic_id, client_id
    )
    return decode_message(text) if text is not None else None


async def find_retry(clinic_id: UUID, message_id: UUID) -> MessageView | None:
    """Return the message by which this one was sent another way."""
    text = await database.fetchval(
        "select message_json(m) from message m where m.clinic_id = $1 and m.retry_of = $2 and m.status <> 'cancelled'",
        clinic_id,
        message_id,
    )
    return decode_message(text) if text is not None else None


async def list_newer(
    clinic_id: UUID, thread_id: UUID, seen: int, author_id: UUID | None, but: UUID | None = None
) -> list[MessageView]:
    """Return what others wrote into a thread above the seq ``seen``: the fence's question.

    People know what they wrote themselves. Our own programs have no id and know nothing but what they saw. ``but`` is
    the message asked for. What the assistant tells the team is no reason to hold a colleague's answer back.
    """
    rows = await database.fetch(
        "select message_json(m) from message m where m.clinic_id = $1 and m.thread_id = $2 and m.seq > $3 "
        "and m.kind in ('text', 'note') and m.status <> 'cancelled' "
        "and (m.direction = 'in' or $4::uuid is null or m.author_id is distinct from $4) "
        "and m.id is distinct from $5 and not (m.kind = 'note' and m.author_type = 'ai') order by m.seq limit 20",
        clinic_id,
        thread_id,
        seen,
        author_id,
        but,
    )
    return [decode_message(row[0]) for row in rows]


async def find_chat_address(clinic_id: UUID, thread_id: UUID, contact_id: UUID) -> str | None:
    """Return the visit to a site that a person wrote from last: one person may have several, in several browsers."""
    found: str | None = await database.fetchval(
        "select coalesce((select m.to_address from message m where m.clinic_id = $1 and m.thread_id = $2 "
        "and m.channel = 'webchat' and m.direction = 'in' order by m.seq desc limit 1), "
        "(select p.address from contact_point p where p.clinic_id = $1 and p.contact_id = $3 and p.kind = 'chat' "
        "order by p.created_at desc limit 1))",
        clinic_id,
        thread_id,
        contact_id,
    )
    return found


async def list_messages(clinic_id: UUID, thread_id: UUID, before: int | None, limit: int) -> list[MessageView]:
    """Return messages below the seq ``before``, newest first."""
    rows = await database.fetch(
        "select message_json(m) from message m where m.clinic_id = $1 and m.thread_id = $2 "
        "and m.seq < coalesce($3, 9223372036854775807) order by m.seq desc limit $4",
        clinic_id,
        thread_id,
        before,
        limit,
    )
    return [decode_message(row[0]) for row in rows]


# -- lists

_VIEWS = {
    "todo": "t.state = 'open' and (t.waiting_since is not null or t.is_escalated)",
    "mine": "t.state = 'open' and t.assignee_id = $2",
    "unassigned": "t.state = 'open' and t.assignee_id is null",
    "snoozed": "t.state = 'snoozed'",
    "all": "true",
}
# A staff member who never opened a thread has not read what nobody has answered yet.
_UNREAD = (
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
        f"select thread_json(t) as view, {_UNREAD} as unread from thread t "  # noqa: S608 - the parts are ours
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
        f"select {_UNREAD} from thread t left join read_mark r "  # noqa: S608
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


# -- the small things


async def list_drafts(clinic_id: UUID, staff_id: UUID, thread_id: UUID) -> dict[str, str]:
    """Return the caller's drafts in a thread by kind."""
    rows = await database.fetch(
        "select kind, body from draft where clinic_id = $1 and staff_id = $2 and thread_id = $3",
        clinic_id,
        staff_id,
        thread_id,
    )
    return {row["kind"]: row["body"] for row in rows}


_BEGUN = (
    "select d.staff_id, s.name, d.body, d.updated_at from draft d "
    "join staff_member s on s.clinic_id = d.clinic_id and s.id = d.staff_id and s.is_active "
    "where d.clinic_id = $1 and d.thread_id = $2 and d.kind = 'reply' and d.body ~ '\\S' "
)


async def list_begun(clinic_id: UUID, thread_id: UUID) -> list[BegunReply]:
    """Return the replies that staff have begun in a thread and not sent, newest first."""
    rows = await database.fetch(f"{_BEGUN} order by d.updated_at desc limit 10", clinic_id, thread_id)
    return [BegunReply(Person(row["staff_id"], row["name"]), row["body"], row["updated_at"]) for row in rows]


async def find_begun(clinic_id: UUID, thread_id: UUID, staff_id: UUID) -> BegunReply | None:
    """Return the reply that somebody has begun in a thread."""
    row = await database.fetchrow(f"{_BEGUN} and d.staff_id = $3", clinic_id, thread_id, staff_id)
    return BegunReply(Person(row["staff_id"], row["name"]), row["body"], row["updated_at"]) if row else None


async def list_saved_replies(clinic_id: UUID) -> list[SavedReplyView]:
    """Return the clinic's saved replies by name."""
    rows = await database.fetch(
        "select id, name, body from saved_reply where clinic_id = $1 order by lower(name)", clinic_id
    )
    return [SavedReplyView(row["id"], row["name"], row["body"]) for row in rows]


async def find_staff_name(clinic_id: UUID, staff_id: UUID) -> str:
    """Return the name of an active staff member; raises ``Invalid`` naming the field."""
    name = await database.fetchval(
        "select name from staff_member where clinic_id = $1 and id = $2 and is_active", clinic_id, staff_id
    )
    if name is None:
        raise Invalid.field("staff_id", "This person does not work in your clinic any more.")
    return name
