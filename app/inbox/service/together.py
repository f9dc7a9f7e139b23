"""Several people at one conversation: who takes part in it (A39), and going on with what a colleague began (A19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.events.service import Work, unit_of_work
from app.inbox import queries
from app.inbox.errors import DraftGone
from app.inbox.events import ThreadUpdated
from app.inbox.schemas import BegunReply, ParticipantChange, Person, ThreadView
from app.inbox.service.drafts import staff_id_of
from app.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    import asyncpg

    from app.kit.principal import Principal

MOST_PARTICIPANTS = 50


async def take_part(work: Work, thread: asyncpg.Record, mentioned: Iterable[UUID] = ()) -> None:
    """Who writes here, and whom they name, takes part from now on. The caller holds the thread, and tells of it."""
    author = [work.principal.id] if work.principal.type == "staff" and work.principal.id else []
    await _write(work, thread, [*thread["participants"], *author, *mentioned])


async def _write(work: Work, thread: asyncpg.Record, people: list[UUID]) -> bool:
    after = list(dict.fromkeys(people))[:MOST_PARTICIPANTS]
    if after == list(thread["participants"]):
        return False
    await work.connection.execute(
        "update thread set participants = $3 where clinic_id = $1 and id = $2", work.clinic_id, thread["id"], after
    )
    return True


async def change_participants(principal: Principal, thread_id: UUID, change: ParticipantChange) -> ThreadView:
    """Add staff to a conversation, or take them off it; who writes again takes part again."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        row = await queries.lock_thread(principal.clinic_id, thread_id)
        for staff_id in change.add:
            await queries.find_staff_name(principal.clinic_id, staff_id)
        people = [one for one in [*row["participants"], *change.add] if one not in change.remove]
        is_changed = await _write(work, row, people)
        thread = await queries.get_thread(principal.clinic_id, thread_id)
        if is_changed:
            changes = {"participants": [list(row["participants"]), thread.participants]}
            work.record(ThreadUpdated(thread=thread, changes=changes))
            work.audit("thread.participants", "thread", thread_id, before=changes["participants"][0], after=people)
    return thread


async def continue_draft(principal: Principal, thread_id: UUID, staff_id: UUID) -> BegunReply:
    """Take over the reply that a colleague has begun; it stands above what the caller has typed. Locks the thread.

    Raises ``DraftGone`` when it was sent, emptied or taken over meanwhile: nobody continues it twice.
    """
    clinic_id, me = principal.clinic_id, staff_id_of(principal)
    if staff_id == me:
        raise Invalid.field("staff_id", "This is your own.")
    async with unit_of_work(clinic_id, principal) as work:
        await queries.lock_thread(clinic_id, thread_id)
        begun = await queries.find_begun(clinic_id, thread_id, staff_id)
        if begun is None:
            raise DraftGone("This reply was sent, or somebody else goes on with it.")
        await work.connection.execute(
            "delete from draft where clinic_id = $1 and staff_id = $2 and thread_id = $3 and kind = 'reply'",
            clinic_id,
            staff_id,
            thread_id,
        )
        await work.connection.execute(
            "insert into draft as d (clinic_id, staff_id, thread_id, kind, body, updated_at) "
            "values ($1, $2, $3, 'reply', $4, now()) on conflict (clinic_id, staff_id, thread_id, kind) do update set "
            "body = excluded.body || E'\\n' || d.body, updated_at = excluded.updated_at",
            clinic_id,
            me,
            thread_id,
            begun.body,
        )
        # Its subject comes along, unless there is one.
        await work.connection.execute(
            "update draft d set staff_id = $2 where clinic_id = $1 and staff_id = $4 and thread_id = $3 "
            "and kind = 'subject' and not exists (select 1 from draft o where o.clinic_id = $1 and o.staff_id = $2 "
            "and o.thread_id = $3 and o.kind = 'subject')",
            clinic_id,
            me,
            thread_id,
            staff_id,
        )
        change = {"draft": [begun.staff, Person(me, principal.name)]}
        work.record(ThreadUpdated(thread=await queries.get_thread(clinic_id, thread_id), changes=change))
        work.audit("draft.continued", "thread", thread_id, of=staff_id)
    return begun
