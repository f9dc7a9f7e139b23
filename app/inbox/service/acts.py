"""What staff do with a thread: assign, snooze, done, reopen, tag, read. Each is one unit of work on a locked row."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from app.contacts.schemas import ContactChange, ContactView
from app.contacts.service import change_contact, find_survivor, get_contact
from app.events.service import Work, unit_of_work
from app.inbox import queries
from app.inbox.errors import Blocked, ThreadJoined
from app.inbox.events import AlertCleared, ThreadAssigned, ThreadRead, ThreadSnoozed, ThreadTagged, ThreadUpdated
from app.inbox.schemas import Assignment, BulkAct, BulkResult, Snooze, TagChange, ThreadView
from app.inbox.service.state import recount
from app.kit import clock, database
from app.kit.errors import Invalid, NotFound, OrasyncError
from app.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from app.kit.principal import Principal

MOST_TAGS = 20
LONGEST_SNOOZE = dt.timedelta(days=366)


async def _update(work: Work, thread_id: UUID, **columns: Any) -> ThreadView:
    assignments = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, 3))
    await work.connection.execute(
        f"update thread set {assignments} where clinic_id = $1 and id = $2",  # noqa: S608 - names from this module
        work.clinic_id,
        thread_id,
        *columns.values(),
    )
    return await queries.get_thread(work.clinic_id, thread_id)


def _refuse_if_blocked(row: Any) -> None:
    if row["is_blocked"]:
        raise Blocked("Your clinic has blocked this person. Unblock them first.")


async def assign_thread(principal: Principal, thread_id: UUID, staff_id: UUID | None) -> ThreadView:
    """Give a thread to a colleague, take it, or give it up."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        row = await queries.lock_thread(clinic_id, thread_id)
        if staff_id is not None:
            await queries.find_staff_name(clinic_id, staff_id)
        before = await queries.get_thread(clinic_id, thread_id)
        if row["assignee_id"] == staff_id:
            return before
        thread = await _update(work, thread_id, assignee_id=staff_id)
        work.record(ThreadAssigned(thread=thread, changes={"assignee": [before.assignee, thread.assignee]}))
        work.audit("thread.assigned", "thread", thread_id, before=row["assignee_id"], after=staff_id)
    return thread


async def help_patient(principal: Principal, thread_id: UUID) -> ThreadView:
    """Take care of an escalated thread: it is yours, and the alert goes for everybody."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        row = await queries.lock_thread(clinic_id, thread_id)
        before = await queries.get_thread(clinic_id, thread_id)
        mine = principal.id if principal.type == "staff" else row["assignee_id"]
        thread = await _update(work, thread_id, is_escalated=False, alert=None, assignee_id=mine)
        if row["is_escalated"]:
            work.record(AlertCleared(thread=thread, changes={"escalated": [True, False]}))
        if row["assignee_id"] != mine:
            work.record(ThreadAssigned(thread=thread, changes={"assignee": [before.assignee, thread.assignee]}))
        work.audit("thread.helped", "thread", thread_id)
    return thread


async def snooze_thread(principal: Principal, thread_id: UUID, until: dt.datetime) -> ThreadView:
    """Put a thread to sleep until an instant, or until the patient writes."""
    if not clock.now() < until < clock.now() + LONGEST_SNOOZE:
        raise Invalid.field("until", "Choose a time between now and a year from now.")
    async with unit_of_work(principal.clinic_id, principal) as work:
        row = await queries.lock_thread(principal.clinic_id, thread_id)
        _refuse_if_blocked(row)
        thread = await _update(work, thread_id, state="snoozed", snoozed_until=until)
        work.record(
            ThreadSnoozed(
                thread=thread,
                changes={"state": [row["state"], "snoozed"], "snoozed_until": [row["snoozed_until"], until]},
            )
        )
        work.enqueue("thread_wake", run_at=until, thread_id=thread_id)
        work.audit("thread.snoozed", "thread", thread_id, until=until)
    return thread


async def wake_thread(principal: Principal, thread_id: UUID) -> None:
    """Bring a snoozed thread back when its time has come; a second run finds nothing to do."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        try:
            row = await queries.lock_thread(principal.clinic_id, thread_id)
        except ThreadJoined:
            return  # the one it was joined with wakes by itself
        if row["state"] != "snoozed" or row["snoozed_until"] > clock.now():
            return
        await _reopen(work, row)


async def _reopen(work: Work, row: Any) -> ThreadView:
    await _update(work, row["id"], state="open", snoozed_until=None)
    thread = await recount(work, row["id"])
    work.record(ThreadUpdated(thread=thread, changes={"state": [row["state"], "open"]}))
    return thread


async def close_thread(principal: Principal, thread_id: UUID) -> ThreadView:
    """Mark a thread as done. A new inbound message reopens it."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        row = await queries.lock_thread(principal.clinic_id, thread_id)
        if row["state"] == "closed" and not row["lost_count"]:
            return await queries.get_thread(principal.clinic_id, thread_id)
        # What did not arrive is somebody's decision now; what is lost after this is news again.
        await work.connection.execute(
            "update message set is_settled = true where clinic_id = $1 and thread_id = $2 "
            "and status in ('failed', 'needs_review') and not is_settled",
            principal.clinic_id,
            thread_id,
        )
        thread = await _update(
            work,
            thread_id,
            state="closed",
            waiting_since=None,
            snoozed_until=None,
            unanswered_count=0,
            lost_count=0,
            is_escalated=False,
            is_urgent=False,
            alert=None,
        )
        work.record(ThreadUpdated(thread=thread, changes={"state": [row["state"], "closed"]}))
        if row["is_escalated"]:
            work.record(AlertCleared(thread=thread, changes={"escalated": [True, False]}))
        work.audit("thread.closed", "thread", thread_id)
    return thread


async def reopen_thread(principal: Principal, thread_id: UUID) -> ThreadView:
    """Take a thread back from done or snoozed."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        row = await queries.lock_thread(principal.clinic_id, thread_id)
        if row["state"] == "open":
            return await queries.get_thread(principal.clinic_id, thread_id)
        _refuse_if_blocked(row)
        thread = await _reopen(work, row)
        work.audit("thread.reopened", "thread", thread_id)
    return thread


async def tag_thread(principal: Principal, thread_id: UUID, change: TagChange) -> ThreadView:
    """Add and take off tags."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        row = await queries.lock_thread(principal.clinic_id, thread_id)
        gone = {tag.strip().lower() for tag in change.remove}
        tags = {tag.lower(): tag for tag in row["tags"] if tag.lower() not in gone}
        for tag in change.add:
            if tag.strip():
                tags.setdefault(tag.strip().lower(), tag.strip())
        if len(tags) > MOST_TAGS:
            raise Invalid.field("add", f"A conversation can have {MOST_TAGS} tags.")
        if list(tags.values()) == list(row["tags"]):
            return await queries.get_thread(principal.clinic_id, thread_id)
        thread = await _update(work, thread_id, tags=list(tags.values()))
        work.record(ThreadTagged(thread=thread, changes={"tags": [list(row["tags"]), thread.tags]}))
        work.audit("thread.tagged", "thread", thread_id, before=list(row["tags"]), after=thread.tags)
    return thread


async def mark_read(principal: Principal, thread_id: UUID) -> ThreadView:
    """Note that the caller has read everything in a thread; tells their other devices and colleagues once."""
    return await _mark(principal, thread_id, unread=False)


async def mark_unread(principal: Principal, thread_id: UUID) -> ThreadView:
    """Make the newest inbound message unread again for the caller."""
    return await _mark(principal, thread_id, unread=True)


async def _mark(principal: Principal, thread_id: UUID, *, unread: bool) -> ThreadView:
    clinic_id, staff_id = principal.clinic_id, principal.id
    if principal.type != "staff" or staff_id is None:
        raise Invalid("Read marks belong to people; sign in to use them.")
    async with unit_of_work(clinic_id, principal) as work:
        # The thread is only held, not locked: a mark is the reader's own row, and must never make an ingest wait.
        view = await queries.get_thread(clinic_id, thread_id)
        before = await queries.count_unread(clinic_id, staff_id, thread_id)
        if (before > 0) == unread:
            return view
        await queries.hold_thread(clinic_id, thread_id)
        await work.connection.execute(
            "insert into read_mark (clinic_id, staff_id, thread_id, inbound_count, read_at) "
            "select $1, $2, $3, greatest(0, inbound_count - $4), now() from thread where clinic_id = $1 and id = $3 "
            "on conflict (clinic_id, staff_id, thread_id) do update set inbound_count = excluded.inbound_count, "
            "read_at = now()",
            clinic_id,
            staff_id,
            thread_id,
            1 if unread else 0,
        )
        after = await queries.count_unread(clinic_id, staff_id, thread_id)
        changes = {"unread": [before, after]}
        work.record(ThreadRead(thread_id=thread_id, staff_id=staff_id, unread=after, changes=changes))
    return view


async def act_on_many(principal: Principal, bulk: BulkAct) -> BulkResult:
    """Do one act on many threads, each in its own unit of work: one that is gone does not stop the others."""
    done, missing = [], []
    for thread_id in sorted(set(bulk.ids)):
        try:
            await _single(principal, thread_id, bulk)
            done.append(thread_id)
        except (NotFound, ThreadJoined, Blocked):
            missing.append(thread_id)
    return BulkResult(done, missing)


async def _single(principal: Principal, thread_id: UUID, bulk: BulkAct) -> None:
    try:
        match bulk.act:
            case "assign":
                await assign_thread(principal, thread_id, msgspec.convert(bulk.args, Assignment, strict=False).staff_id)
            case "snooze":
                await snooze_thread(principal, thread_id, msgspec.convert(bulk.args, Snooze, strict=False).until)
            case "tags":
                await tag_thread(principal, thread_id, msgspec.convert(bulk.args, TagChange))
            case "close":
                await close_thread(principal, thread_id)
            case "reopen":
                await reopen_thread(principal, thread_id)
            case "read":
                await mark_read(principal, thread_id)
            case "unread":
                await mark_unread(principal, thread_id)
    except msgspec.ValidationError as error:
        raise Invalid.field("args", str(error)) from error


async def open_conversation(principal: Principal, contact_id: UUID) -> ThreadView:
    """Return the contact's thread, making it when they have never written."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        contact_id = await find_survivor(clinic_id, contact_id) or contact_id
        contact = await get_contact(clinic_id, contact_id)
        thread_id = await work.connection.fetchval(
            "insert into thread (id, clinic_id, contact_id, contact_name, contact_phone, contact_email, channel, "
            "opted_out, last_message_at, created_at) "
            "select $2, $1, c.id, c.name, $4, $5, $6, opted_out_of($1, c.id), $7, $7 from contact c "
            "where c.clinic_id = $1 and c.id = $3 on conflict (clinic_id, contact_id) do nothing returning id",
            clinic_id,
            new_id(),
            contact_id,
            contact.phone,
            contact.email,
            "sms" if contact.phone else "email",
            clock.now(),
        )
        if thread_id is None:
            thread_id = await work.connection.fetchval(
                "select id from thread where clinic_id = $1 and contact_id = $2", clinic_id, contact_id
            )
            return await queries.get_thread(clinic_id, thread_id)
        thread = await queries.get_thread(clinic_id, thread_id)
        work.record(ThreadUpdated(thread=thread, changes={"state": [None, "open"]}))
    return thread


async def rename_contact(principal: Principal, contact_id: UUID, change: ContactChange) -> ContactView:
    """Change a person's details, and with them the name in their thread, and in that of a family they belong to."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        contact = await change_contact(work, contact_id, change)
        thread_id = await work.connection.fetchval(
            "update thread set contact_name = $3 where clinic_id = $1 and contact_id = $2 and contact_name <> $3 "
            "returning id",
            clinic_id,
            contact_id,
            contact.name,
        )
        if thread_id is not None:
            thread = await queries.get_thread(clinic_id, thread_id)
            work.record(ThreadUpdated(thread=thread, changes={"contact": [None, contact.name]}))
        if not isinstance(change.name, msgspec.UnsetType):
            rows = await work.connection.fetch(
                "select id from thread where clinic_id = $1 and person_id = $2 order by id for no key update",
                clinic_id,
                contact_id,
            )
            for row in rows:
                thread = await queries.get_thread(clinic_id, row["id"])
                work.record(ThreadUpdated(thread=thread, changes={"person": [None, thread.person]}))
    return contact


async def unassign_from(principal: Principal, staff_id: UUID) -> int:
    """Give up every open thread of somebody who left; returns how many."""
    async with database.reading(principal.clinic_id):
        rows = await database.fetch(
            "select id from thread where clinic_id = $1 and assignee_id = $2 and state <> 'closed' order by id",
            principal.clinic_id,
            staff_id,
        )
    for row in rows:
        with contextlib.suppress(OrasyncError):
            await assign_thread(principal, row["id"], None)
    return len(rows)
