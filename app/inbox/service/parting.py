"""Two people who were joined are parted again: what had moved goes back, with what their numbers exchanged since."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.contacts.errors import NotPartable
from app.contacts.service import get_contact, lock_contacts, part_contact
from app.events.service import Work, retrying, unit_of_work
from app.inbox import queries
from app.inbox.events import ThreadMerged
from app.inbox.schemas import MergedAway, MergeResult, MergeView, Parted, ThreadView
from app.inbox.service.merging import (
    UNDO_DAYS,
    first_address,
    kept,
    lock_threads,
    move_visitors,
    refresh_copies,
    set_mark,
    tell_families,
    unread_of,
    write_thread,
)
from app.inbox.service.state import recount
from app.kit import clock

if TYPE_CHECKING:
    import asyncpg

    from app.kit.principal import Principal

MOST_MERGES_SHOWN = 5
_INSTANTS = ("waiting_since", "whatsapp_until", "snoozed_until", "last_message_at", "created_at")


async def list_merges(clinic_id: UUID, survivor_id: UUID) -> list[MergeView]:
    """Return who was joined into a person and can still be parted, newest first."""
    rows = await queries.list_merges(clinic_id, survivor_id, UNDO_DAYS, MOST_MERGES_SHOWN)
    return [_view(row) for row in rows]


def _view(row: asyncpg.Record) -> MergeView:
    moved = msgspec.json.decode(row["moved"])
    thread = moved.get("thread")
    away = MergedAway(row["merged_id"], UUID(thread["id"]) if thread else None, row["name"] or first_address(moved))
    return MergeView(row["id"], away, row["merged_at"], row["merged_at"] + dt.timedelta(days=UNDO_DAYS))


async def undo_merge(principal: Principal, merge_id: UUID) -> MergeResult:
    """Part two people who were joined. Raises ``NotPartable`` with the reason where that is not possible any more."""
    return await retrying(_undo, principal, merge_id)


async def _undo(principal: Principal, merge_id: UUID) -> MergeResult:
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        row = await queries.get_merge(clinic_id, merge_id)
        people = await lock_contacts(work, row["survivor_id"], row["merged_id"])
        row = await queries.get_merge(clinic_id, merge_id)  # as it is now that nobody else can change it
        if row["undone_at"] is not None:
            raise NotPartable("These two were parted already.")
        if row["merged_at"] < clock.now() - dt.timedelta(days=UNDO_DAYS):
            raise NotPartable(f"This was more than {UNDO_DAYS} days ago.")
        survivor, merged = people[row["survivor_id"]], people[row["merged_id"]]
        moved = msgspec.json.decode(row["moved"])
        threads = await lock_threads(work, survivor["id"])
        await part_contact(work, survivor, merged, moved)
        parted, message_ids = await _part_threads(work, threads[survivor["id"]], merged, moved)
        await _back_to_families(work, merged["id"], survivor["id"], moved)
        await move_visitors(work, survivor["id"], merged["id"], moved["visitors"])
        thread = await refresh_copies(work, threads[survivor["id"]]["id"])
        await work.connection.execute(
            "update contact_merge set undone_at = now() where clinic_id = $1 and id = $2", clinic_id, merge_id
        )
        contact = await get_contact(clinic_id, survivor["id"])
        back = Parted(parted, await get_contact(clinic_id, merged["id"]), message_ids)
        view = _view(row)
        work.record(ThreadMerged(thread=thread, contact=contact, merged=view.merged, undone=True, parted=back))
        work.audit("contact.parted", "contact", survivor["id"], merged=str(merged["id"]), merge=str(merge_id))
    return MergeResult(view, thread, contact)


async def _part_threads(
    work: Work, now: asyncpg.Record, merged: asyncpg.Record, moved: dict[str, Any]
) -> tuple[ThreadView | None, list[UUID]]:
    """Bring the removed thread back with its messages, and those that its numbers have exchanged since."""
    if "thread" not in moved:
        return None, []
    before = moved["thread"]
    source_id = UUID(before["id"])
    unread = await _unread_now(work, now)
    await _insert_thread(work, merged, before)
    rows = await work.connection.fetch(
        "update message m set thread_id = $3, author_id = case when m.author_id = $8 then $6 else author_id end, "
        "author_name = case when m.author_id = $8 then $9 else author_name end "
        "where m.clinic_id = $1 and m.thread_id = $2 and (m.id = any ($4::uuid[]) or m.seq > $7 and m.kind = 'text' "
        "and m.to_address = any ($5::text[])) returning id",
        work.clinic_id,
        now["id"],
        source_id,
        moved["messages"],
        [point["address"] for point in moved["points"]],
        merged["id"],
        moved["joined_thread"]["last_seq"],
        now["contact_id"],
        (await get_contact(work.clinic_id, merged["id"])).name,
    )
    untouched = _same(kept(now), moved["joined_thread"])
    for thread_id, was in ((source_id, before), (now["id"], moved["survivor_thread"])):
        if untouched:
            await _restore(work, thread_id, was)
        else:
            await _settle(work, thread_id, now, was, moved)
    await _part_marks(work, now, source_id, moved["marks"], unread)
    await _part_drafts(work, now["id"], source_id, moved["drafts"])
    parted = await refresh_copies(work, source_id)
    if parted.state == "snoozed" and parted.snoozed_until:
        work.enqueue("thread_wake", run_at=parted.snoozed_until, thread_id=source_id)
    return parted, [row["id"] for row in rows]


def _same(now: dict[str, Any], then: dict[str, Any]) -> bool:
    return msgspec.json.decode(msgspec.json.encode(now)) == then


async def _insert_thread(work: Work, merged: asyncpg.Record, before: dict[str, Any]) -> None:
    await work.connection.execute(
        "insert into thread (id, clinic_id, contact_id, contact_name, channel, channel_id, intent, sentiment, "
        "whatsapp_until, opted_out, tags, last_message_at, created_at) values ($2, $1, $3, $4, $5, $6::uuid, $7, $8, "
        "$9::timestamptz, '{}', $10, $11, $12)",
        work.clinic_id,
        UUID(before["id"]),
        merged["id"],
        merged["name"],
        before["channel"],
        before["channel_id"],
        before["intent"],
        before["sentiment"],
        _instant(before["whatsapp_until"]),
        before["tags"],
        _instant(before["last_message_at"]),
        _instant(before["created_at"]),
    )


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


async def _restore(work: Work, thread_id: UUID, was: dict[str, Any]) -> None:
    """Nothing happened since: everything is as it was."""
    await recount(work, thread_id)
    columns = {name: _instant(value) if name in _INSTANTS else value for name, value in was.items() if name != "id"}
    await write_thread(work, thread_id, columns)


async def _settle(work: Work, thread_id: UUID, now: asyncpg.Record, was: dict[str, Any], moved: dict[str, Any]) -> None:
    """Work a thread out from the messages it has now; what people did since stays with the survivor."""
    is_survivor = thread_id == now["id"]
    counted = await work.connection.fetchrow(
        "select count(*) filter (where direction = 'in') as inbound, coalesce(max(seq), 0) as last_seq from message "
        "where clinic_id = $1 and thread_id = $2",
        work.clinic_id,
        thread_id,
    )
    brought = {tag.lower() for tag in moved["thread"]["tags"]} - {tag.lower() for tag in was["tags"]}
    has_news = counted["last_seq"] > was["last_seq"]
    columns = {
        "inbound_count": counted["inbound"],
        "last_seq": max(counted["last_seq"], 0),
        "state": now["state"] if is_survivor or now["is_blocked"] else _state(was, has_news=has_news),
        "tags": [tag for tag in now["tags"] if tag.lower() not in brought] if is_survivor else was["tags"],
        "participants": now["participants"] if is_survivor else was.get("participants", []),
        "assignee_id": now["assignee_id"] if is_survivor else _uuid(was["assignee_id"]),
        "is_urgent": now["is_urgent"] and (was["is_urgent"] or has_news),
        "is_escalated": now["is_escalated"] and (was["is_escalated"] or has_news),
    }
    columns["alert"] = (now["alert"] or was["alert"]) if columns["is_escalated"] else None
    await write_thread(work, thread_id, columns)
    await recount(work, thread_id)


def _state(was: dict[str, Any], *, has_news: bool) -> str:
    return "closed" if was["state"] == "closed" and not has_news else "open"


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


async def _unread_now(work: Work, now: asyncpg.Record) -> dict[UUID, int]:
    rows = await work.connection.fetch(
        "select staff_id, inbound_count from read_mark where clinic_id = $1 and thread_id = $2",
        work.clinic_id,
        now["id"],
    )
    return {row["staff_id"]: unread_of(now, row["inbound_count"]) for row in rows}


async def _part_marks(
    work: Work, now: asyncpg.Record, source_id: UUID, before: dict[str, dict[str, int]], unread: dict[UUID, int]
) -> None:
    """Who has read everything has read both; for everybody else each counts as far as they had read it before."""
    for thread_id, marks in ((source_id, before["merged"]), (now["id"], before["survivor"])):
        total = await work.connection.fetchval(
            "select inbound_count from thread where clinic_id = $1 and id = $2", work.clinic_id, thread_id
        )
        for staff_id, left in unread.items():
            mark = marks.get(str(staff_id))
            if left == 0:
                await set_mark(work, staff_id, thread_id, total)
            elif mark is not None:
                await set_mark(work, staff_id, thread_id, min(mark, total))
            else:
                await work.connection.execute(
                    "delete from read_mark where clinic_id = $1 and staff_id = $2 and thread_id = $3",
                    work.clinic_id,
                    staff_id,
                    thread_id,
                )


async def _part_drafts(work: Work, target_id: UUID, source_id: UUID, drafts: list[dict[str, Any]]) -> None:
    """A draft that nobody touched since goes back; another one stays where its author is."""
    for draft in drafts:
        rest = draft["joined"].removesuffix(draft["body"]).removesuffix("\n\n")
        untouched = await work.connection.fetchval(
            "update draft set body = $5 where clinic_id = $1 and staff_id = $2::uuid and thread_id = $3 and kind = $4 "
            "and body = $6 returning 1",
            work.clinic_id,
            draft["staff_id"],
            target_id,
            draft["kind"],
            rest,
            draft["joined"],
        )
        if untouched:
            await work.connection.execute(
                "insert into draft (clinic_id, staff_id, thread_id, kind, body, updated_at) "
                "values ($1, $2::uuid, $3, $4, $5, now())",
                work.clinic_id,
                draft["staff_id"],
                source_id,
                draft["kind"],
                draft["body"],
            )
    await work.connection.execute(
        "delete from draft where clinic_id = $1 and thread_id = $2 and body = ''", work.clinic_id, target_id
    )


async def _back_to_families(work: Work, merged_id: UUID, survivor_id: UUID, moved: dict[str, Any]) -> None:
    await work.connection.execute(
        "update thread t set person_id = $3 where t.clinic_id = $1 and t.person_id = $2 and t.id = any ($4::uuid[])",
        work.clinic_id,
        survivor_id,
        merged_id,
        moved["person_of"],
    )
    await tell_families(work, merged_id, survivor_id)
