"""What several use cases need: moving a message forward, and keeping the thread's copies right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.events.service import SEQ, Work
from app.inbox import queries
from app.inbox.events import MessageStatusChanged

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.inbox.schemas import MessageView, ThreadView

# Only forward (contract section 7, R4): a late or repeated report changes nothing.
RANK = {
    "scheduled": 0,
    "queued": 1,
    "sending": 2,
    "unknown": 3,
    "needs_review": 4,
    "sent": 5,
    "delivered": 6,
    "read": 7,
}
LOST = frozenset({"failed", "needs_review"})
FINAL = frozenset({"failed", "cancelled", "simulated"})

_RECOUNT = """
with last as (
  select m.* from message m where m.clinic_id = $1 and m.thread_id = $2 and m.kind in ('text', 'note')
    and m.status <> 'cancelled' order by m.seq desc nulls first limit 1
), answered as (
  -- a message that is being written has no number yet: it is newer than all others
  select coalesce(max(coalesce(m.seq, 9223372036854775807)), 0) as seq
  from message m where m.clinic_id = $1 and m.thread_id = $2
    and m.direction = 'out' and m.kind = 'text' and m.status not in ('cancelled', 'failed')
    and m.author_type <> 'system' -- the fixed answer to "HELP" is not what they were waiting for
), waiting as (
  select min(m.created_at) as since, count(*) as count from message m, answered a
  where m.clinic_id = $1 and m.thread_id = $2 and m.direction = 'in' and m.seq > a.seq
), lost as (
  select count(*) as count from message m where m.clinic_id = $1 and m.thread_id = $2
    and m.direction = 'out' and m.status in ('failed', 'needs_review') and not m.is_settled
)
update thread t set last_message = (select message_brief(l::message) from last l),
  last_message_at = coalesce((select created_at from last), t.last_message_at),
  waiting_since = case when t.state = 'open' then w.since end, unanswered_count = w.count,
  lost_count = l.count
from waiting w, lost l where t.clinic_id = $1 and t.id = $2
"""


async def recount(work: Work, thread_id: UUID) -> ThreadView:
    """Work out again what the thread keeps of its messages: the last one, and since when the patient waits."""
    await work.connection.execute(_RECOUNT, work.clinic_id, thread_id)
    return await queries.get_thread(work.clinic_id, thread_id)


async def refresh_last(work: Work, thread_id: UUID, message_id: UUID) -> ThreadView:
    """Bring a message's new state into the thread's copy, if it is the last one."""
    await work.connection.execute(
        "update thread t set last_message = message_brief(m) from message m where t.clinic_id = $1 and t.id = $2 "
        "and m.clinic_id = $1 and m.id = $3 and t.last_message->>'id' = $4",
        work.clinic_id,
        thread_id,
        message_id,
        str(message_id),
    )
    return await queries.get_thread(work.clinic_id, thread_id)


def may_move(old: str, new: str) -> bool:
    """Say whether a report moves a message forward. Failed gives way only to delivered and read."""
    if old == new or old in {"cancelled", "simulated"}:
        return False
    if old == "failed":
        return new in {"delivered", "read"}
    if new == "failed":
        return old not in {"delivered", "read"}
    return RANK.get(new, -1) > RANK.get(old, -1)


async def set_status(work: Work, message: asyncpg.Record, status: str, **columns: Any) -> MessageView:
    """Write a message's new state and its event. The caller holds the thread and the message and checked the move.

    ``columns`` are written beside it; names come from our own code only.
    """
    if message["is_settled"] and status in LOST:
        columns["is_settled"] = False  # it was sent again, and is lost again
    assignments = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, 4))
    await work.connection.execute(
        f"update message set status = $3{', ' + assignments if assignments else ''} where clinic_id = $1 and id = $2",  # noqa: S608
        work.clinic_id,
        message["id"],
        status,
        *columns.values(),
    )
    counts_again = not {status, message["status"]}.isdisjoint(LOST | {"cancelled"})
    thread = await (
        recount(work, message["thread_id"]) if counts_again else refresh_last(work, message["thread_id"], message["id"])
    )
    view = await queries.get_message(work.clinic_id, message["id"])
    work.record(MessageStatusChanged(message=view, thread=thread, changes={"status": [message["status"], status]}))
    if status == "cancelled" and message["retry_of"] is not None:
        await settle(work, message["thread_id"], message["retry_of"], is_settled=False)
    return view


async def settle(work: Work, thread_id: UUID, message_id: UUID, *, is_settled: bool) -> None:
    """Note that somebody has taken care of a message that did not arrive, or that it waits for somebody again."""
    await work.connection.execute(
        "update message set is_settled = $3 where clinic_id = $1 and id = $2", work.clinic_id, message_id, is_settled
    )
    thread = await recount(work, thread_id)
    view = await queries.get_message(work.clinic_id, message_id)
    work.record(MessageStatusChanged(message=view, thread=thread, changes={"retried_as": [None, view.retried_as]}))


def as_new(message: MessageView, thread: ThreadView) -> None:
    """Mark the places of the event's own number in a message that is being written."""
    message.seq = SEQ
    thread.last_seq = SEQ
