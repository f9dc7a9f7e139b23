"""Two people become one, and are parted again (A20): messages, notes, numbers, drafts and read marks.

Order of locks: both contacts in id order (against new threads too), their threads in id order, the log last. A webhook
of the same moment waits for the threads, or is told "busy" and looks again: then the number belongs to the survivor,
or the thread it waited for is gone. So no message is lost and none is stored twice.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.contacts.service import find_survivor, get_contact, join_contact, lock_contacts
from app.events.service import Work, retrying, unit_of_work
from app.inbox import queries
from app.inbox.errors import Blocked, ThreadJoined
from app.inbox.events import ThreadMerged, ThreadUpdated
from app.inbox.schemas import MergedAway, MergeDraft, MergeResult, MergeView, ThreadView
from app.inbox.service.state import recount
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.ids import new_id

if TYPE_CHECKING:
    import asyncpg

    from app.kit.principal import Principal

UNDO_DAYS = 30
"""How long two people who were joined can be parted again."""

# A thread as it was: what parting writes again. What follows from messages and numbers is worked out anew.
_KEPT = (
    "id",
    "state",
    "assignee_id",
    "waiting_since",
    "last_seq",
    "channel",
    "channel_id",
    "tags",
    "participants",
    "intent",
    "sentiment",
    "is_urgent",
    "is_escalated",
    "alert",
    "whatsapp_until",
    "snoozed_until",
    "inbound_count",
    "unanswered_count",
    "last_message_at",
    "created_at",
)


async def merge_threads(principal: Principal, thread_id: UUID, draft: MergeDraft) -> MergeResult:
    """Join the person of a thread with another one. Raises ``NotFound``, and ``Invalid`` for the same person twice."""
    return await retrying(_merge, principal, thread_id, draft)


async def _merge(principal: Principal, thread_id: UUID, draft: MergeDraft) -> MergeResult:
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        this = await _whose(work, thread_id)
        other = await _whose(work, draft.into)
        keep = other if draft.survivor is None else await _whose(work, draft.survivor)
        if this == other:
            raise Invalid.field("into", "This is the same person.")
        if keep not in {this, other}:
            raise Invalid.field("survivor", "Say which of the two stays.")
        people = await lock_contacts(work, this, other)
        survivor, merged = people[keep], people[this if keep == other else other]
        if survivor["merged_into"] or merged["merged_into"]:
            raise NotFound("One of them was joined with somebody this moment. Look again.")
        if survivor["is_blocked"] != merged["is_blocked"]:
            # Silently unblocking advertising, or hiding a patient, is not what joining is for.
            raise Blocked("One of the two is blocked. Unblock them first, or block both.")
        await _make_thread_to_keep(work, survivor, merged)
        threads = await lock_threads(work, survivor["id"], merged["id"])
        source = threads.get(merged["id"])
        target = threads[survivor["id"]]
        moved = await join_contact(work, survivor, merged)
        if source is not None:
            moved["thread"] = kept(source)
            moved["survivor_thread"] = kept(target)
            await _join_threads(work, target, source, moved)
        await _others_with(work, merged["id"], survivor["id"], moved)
        moved["visitors"] = await move_visitors(work, merged["id"], survivor["id"])
        thread = await refresh_copies(work, target["id"])
        moved["joined_thread"] = kept(await queries.lock_thread(clinic_id, target["id"]))
        merge_id, at = new_id(), clock.now()
        await work.connection.execute(
            "insert into contact_merge (id, clinic_id, survivor_id, merged_id, moved, merged_at) "
            "values ($1, $2, $3, $4, $5::json, $6)",
            merge_id,
            clinic_id,
            survivor["id"],
            merged["id"],
            msgspec.json.encode(moved).decode(),
            at,
        )
        away = MergedAway(merged["id"], source["id"] if source else None, merged["name"] or first_address(moved))
        contact = await get_contact(clinic_id, survivor["id"])
        work.record(ThreadMerged(thread=thread, contact=contact, merged=away))
        work.audit("contact.merged", "contact", survivor["id"], merged=str(merged["id"]), merge=str(merge_id))
    return MergeResult(MergeView(merge_id, away, at, at + dt.timedelta(days=UNDO_DAYS)), thread, contact)


def first_address(moved: dict[str, Any]) -> str:
    """Return what a joined person was known by, where they had no name."""
    return next((point["address"] for point in moved["points"] if point["kind"] != "chat"), "")


async def _whose(work: Work, some_id: UUID) -> UUID:
    """Return the contact that an id of a thread or a contact means, over joins that were made before."""
    found = await work.connection.fetchval(
        "select contact_id from thread where clinic_id = $1 and id = $2 union all "
        "select id from contact where clinic_id = $1 and id = $2 and merged_into is null limit 1",
        work.clinic_id,
        some_id,
    )
    if found is None:
        found = await find_survivor(work.clinic_id, some_id)
    if found is None:
        try:
            found = (await queries.get_thread(work.clinic_id, some_id)).contact.id
        except ThreadJoined as error:
            return await _whose(work, UUID(error.extra["thread_id"]))
        except NotFound as error:
            raise NotFound("This person is not in your clinic's list.") from error
    return found


async def _make_thread_to_keep(work: Work, survivor: asyncpg.Record, merged: asyncpg.Record) -> None:
    """Make the survivor's thread where only the other one has one: what was written must lie somewhere."""
    await work.connection.execute(
        "insert into thread (id, clinic_id, contact_id, contact_name, channel, opted_out, last_message_at, created_at) "
        "select $4, $1, $2, $5, coalesce((select channel from thread where clinic_id = $1 and contact_id = $3), "
        "'sms'), opted_out_of($1, $2), $6, $6 on conflict (clinic_id, contact_id) do nothing",
        work.clinic_id,
        survivor["id"],
        merged["id"],
        new_id(),
        survivor["name"],
        clock.now(),
    )


async def lock_threads(work: Work, *contact_ids: UUID) -> dict[UUID, asyncpg.Record]:
    """Lock the threads of contacts in id order, against everything; returns those there are."""
    rows = await work.connection.fetch(
        "select * from thread where clinic_id = $1 and contact_id = any ($2) order by id for update",
        work.clinic_id,
        list(contact_ids),
    )
    return {row["contact_id"]: row for row in rows}


def kept(row: asyncpg.Record) -> dict[str, Any]:
    """Return a thread as it is, for parting."""
    return {name: row[name] for name in _KEPT}


async def _join_threads(work: Work, target: asyncpg.Record, source: asyncpg.Record, moved: dict[str, Any]) -> None:
    """Move everything of one thread into the other and remove it. Both are locked."""
    ids = (work.clinic_id, source["id"], target["id"])
    moved["marks"] = await _join_marks(work, target, source)
    moved["drafts"] = await _join_drafts(work, target, source)
    rows = await work.connection.fetch(
        "update message set thread_id = $3 where clinic_id = $1 and thread_id = $2 returning id", *ids
    )
    moved["messages"] = [row["id"] for row in rows]
    joined = _joined_thread(target, source)
    await write_thread(work, target["id"], joined)
    await recount(work, target["id"])
    # Whoever waited for an answer in one of the two still does, although the other one was answered later.
    await write_thread(work, target["id"], {name: joined[name] for name in ("waiting_since", "unanswered_count")})
    if joined["state"] == "snoozed":
        work.enqueue("thread_wake", run_at=joined["snoozed_until"], thread_id=target["id"])
    await work.connection.execute("select remove_joined_thread($1)", source["id"])


def _joined_thread(target: asyncpg.Record, source: asyncpg.Record) -> dict[str, Any]:
    newer = max(target, source, key=lambda row: (row["last_seq"], row is target))
    states = {target["state"], source["state"]}
    state = next(one for one in ("open", "snoozed", "closed") if one in states)
    waits = [row["waiting_since"] for row in (target, source) if row["waiting_since"]]
    wakes = [row["snoozed_until"] for row in (target, source) if row["snoozed_until"]]
    tags = {tag.lower(): tag for tag in [*source["tags"], *target["tags"]]}
    joined = {
        "state": state,
        "assignee_id": target["assignee_id"] or source["assignee_id"],
        "waiting_since": min(waits) if waits and state == "open" else None,
        "snoozed_until": min(wakes) if wakes and state == "snoozed" else None,
        "last_seq": newer["last_seq"],
        "last_message_at": newer["last_message_at"],
        "channel": newer["channel"],
        "channel_id": newer["channel_id"] or target["channel_id"] or source["channel_id"],
        "tags": [*target["tags"], *(tag for tag in tags.values() if tag not in target["tags"])],
        "participants": list(dict.fromkeys([*target["participants"], *source["participants"]])),
        "intent": newer["intent"] or target["intent"],
        "sentiment": newer["sentiment"] or target["sentiment"],
        "is_urgent": target["is_urgent"] or source["is_urgent"],
        "is_escalated": target["is_escalated"] or source["is_escalated"],
        "alert": target["alert"] or source["alert"],
        # The 24 hours belong to a number: the survivor's counts, for it is written to first.
        "whatsapp_until": target["whatsapp_until"] if target["contact_phone"] else source["whatsapp_until"],
        "inbound_count": target["inbound_count"] + source["inbound_count"],
        "unanswered_count": target["unanswered_count"] + source["unanswered_count"],
        "created_at": min(target["created_at"], source["created_at"]),
    }
    if target["is_blocked"]:
        joined |= {"state": "closed", "waiting_since": None, "snoozed_until": None}
        joined |= {"is_urgent": False, "is_escalated": False, "alert": None}
    return joined


async def write_thread(work: Work, thread_id: UUID, columns: dict[str, Any]) -> None:
    """Write columns of a thread whose lock the caller holds; names come from our own code only."""
    assignments = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, 3))
    await work.connection.execute(
        f"update thread set {assignments} where clinic_id = $1 and id = $2",  # noqa: S608 - names from this module
        work.clinic_id,
        thread_id,
        *columns.values(),
    )


async def _join_marks(work: Work, target: asyncpg.Record, source: asyncpg.Record) -> dict[str, Any]:
    """Each member has as many unread messages as in both together; returns the marks as they were."""
    rows = await work.connection.fetch(
        "select staff_id, thread_id, inbound_count from read_mark where clinic_id = $1 and thread_id = any ($2)",
        work.clinic_id,
        [target["id"], source["id"]],
    )
    marks: dict[UUID, dict[UUID, int]] = {}
    for row in rows:
        marks.setdefault(row["staff_id"], {})[row["thread_id"]] = row["inbound_count"]
    total = target["inbound_count"] + source["inbound_count"]
    for staff_id, own in marks.items():
        unread = sum(unread_of(thread, own.get(thread["id"])) for thread in (target, source))
        await set_mark(work, staff_id, target["id"], max(0, total - unread))
    return {
        name: {str(staff_id): own[thread["id"]] for staff_id, own in marks.items() if thread["id"] in own}
        for name, thread in (("survivor", target), ("merged", source))
    }


def unread_of(thread: asyncpg.Record, mark: int | None) -> int:
    """Return how many messages of a thread a staff member with this mark has not read; as ``queries.UNREAD``."""
    return max(0, thread["unanswered_count"] if mark is None else thread["inbound_count"] - mark)


async def set_mark(work: Work, staff_id: UUID, thread_id: UUID, inbound_count: int) -> None:
    """Write how far a staff member has read a thread."""
    await work.connection.execute(
        "insert into read_mark (clinic_id, staff_id, thread_id, inbound_count, read_at) values ($1, $2, $3, $4, now()) "
        "on conflict (clinic_id, staff_id, thread_id) do update set inbound_count = excluded.inbound_count",
        work.clinic_id,
        staff_id,
        thread_id,
        inbound_count,
    )


async def _join_drafts(work: Work, target: asyncpg.Record, source: asyncpg.Record) -> list[dict[str, Any]]:
    """What somebody typed in both follows on; returns what lay in the one that goes, with what came of it."""
    rows = await work.connection.fetch(
        "insert into draft as d (clinic_id, staff_id, thread_id, kind, body, updated_at) "
        "select clinic_id, staff_id, $3, kind, body, updated_at from draft where clinic_id = $1 and thread_id = $2 "
        "on conflict (clinic_id, staff_id, thread_id, kind) do update set "
        "body = case when d.kind = 'subject' then d.body else d.body || E'\\n\\n' || excluded.body end "
        "returning staff_id, kind, body",
        work.clinic_id,
        source["id"],
        target["id"],
    )
    joined = {(row["staff_id"], row["kind"]): row["body"] for row in rows}
    before = await work.connection.fetch(
        "select staff_id, kind, body from draft where clinic_id = $1 and thread_id = $2", work.clinic_id, source["id"]
    )
    return [{**dict(row), "joined": joined[row["staff_id"], row["kind"]]} for row in before]


async def _others_with(work: Work, merged_id: UUID, survivor_id: UUID, moved: dict[str, Any]) -> None:
    """Threads of others in which the merged person was the one who writes: a family."""
    rows = await work.connection.fetch(
        "update thread set person_id = $3 where clinic_id = $1 and person_id = $2 returning id",
        work.clinic_id,
        merged_id,
        survivor_id,
    )
    moved["person_of"] = [row["id"] for row in rows]
    await tell_families(work, survivor_id)


async def tell_families(work: Work, *people: UUID) -> None:
    """Their names, or who they are, changed where they are the ones who write."""
    rows = await work.connection.fetch(
        "select id from thread where clinic_id = $1 and person_id = any ($2) order by id",
        work.clinic_id,
        list(people),
    )
    for row in rows:
        thread = await queries.get_thread(work.clinic_id, row["id"])
        work.record(ThreadUpdated(thread=thread, changes={"person": [None, thread.person]}))


async def move_visitors(work: Work, before: UUID, after: UUID, only: list[str] | None = None) -> list[UUID]:
    """Give web chat visitors to another contact; returns which."""
    rows = await work.connection.fetch(
        "update visitor set contact_id = $3 where clinic_id = $1 and contact_id = $2 "
        "and ($4::uuid[] is null or id = any ($4)) returning id",
        work.clinic_id,
        before,
        after,
        only,
    )
    return [row["id"] for row in rows]


async def refresh_copies(work: Work, thread_id: UUID) -> ThreadView:
    """Bring the contact's name and addresses into the thread's copies."""
    row = await queries.lock_thread(work.clinic_id, thread_id)
    contact = await get_contact(work.clinic_id, row["contact_id"])
    await work.connection.execute(
        "update thread set contact_name = $3, contact_phone = $4, contact_email = $5, "
        "opted_out = opted_out_of(clinic_id, contact_id) where clinic_id = $1 and id = $2",
        work.clinic_id,
        thread_id,
        "" if contact.name in {contact.phone, contact.email} else contact.name,
        contact.phone,
        contact.email,
    )
    return await queries.get_thread(work.clinic_id, thread_id)
