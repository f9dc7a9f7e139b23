"""What changes a person and their thread with them: numbers and addresses, families, blocking."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from app.clinics.service import get_clinic
from app.contacts import service as contacts
from app.contacts.events import ContactUpdated
from app.contacts.schemas import Duplicate
from app.contacts.service import get_contact
from app.events.service import Work, unit_of_work
from app.inbox import queries
from app.inbox.events import AlertCleared, ThreadUpdated
from app.inbox.schemas import PeopleView
from app.inbox.service.parting import list_merges
from app.inbox.service.state import recount
from app.kit import database
from app.kit.errors import Invalid, NotFound

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.contacts.schemas import BlockDraft, ContactView, PointChange, PointDraft, SharerDraft
    from app.inbox.schemas import ThreadView
    from app.kit.principal import Principal


async def list_people(clinic_id: UUID, contact_id: UUID, other: UUID | None = None) -> PeopleView:
    """Return who else belongs to a person; ``other`` has a number that was to be added: perhaps the same person."""
    async with database.reading(clinic_id):
        await get_contact(clinic_id, contact_id)
        return PeopleView(
            sharers=await contacts.list_sharers(clinic_id, contact_id),
            shared=await contacts.list_shared(clinic_id, contact_id),
            duplicates=await _list_duplicates(clinic_id, contact_id, other),
            merges=await list_merges(clinic_id, contact_id),
        )


async def _list_duplicates(clinic_id: UUID, contact_id: UUID, other: UUID | None) -> list[Duplicate]:
    found = await contacts.find_duplicates(clinic_id, contact_id)
    if other is not None and other != contact_id:
        with contextlib.suppress(NotFound):
            person = await get_contact(clinic_id, other)
            addresses = [point.address for point in person.points if point.kind != "chat"]
            found = [Duplicate(person.id, person.name, "taken", addresses), *(one for one in found if one.id != other)]
    counts = await queries.count_messages(clinic_id, [one.id for one in found])
    for one in found:
        one.messages = counts.get(one.id, 0)
    return found


# -- numbers and addresses


async def add_point(principal: Principal, contact_id: UUID, draft: PointDraft) -> ContactView:
    """Give a person another number or address. Raises ``AddressTaken`` when it is somebody's already."""
    clinic = await get_clinic(principal.clinic_id)
    async with unit_of_work(principal.clinic_id, principal) as work:
        before = await get_contact(principal.clinic_id, contact_id)
        await contacts.add_point(work, contact_id, draft.kind, draft.address, clinic.country)
        return await _tell(work, before)


async def change_point(principal: Principal, contact_id: UUID, point_id: UUID, change: PointChange) -> ContactView:
    """Correct a number or address, use it first, or write to it again after a failure."""
    clinic = await get_clinic(principal.clinic_id)
    async with unit_of_work(principal.clinic_id, principal) as work:
        before = await get_contact(principal.clinic_id, contact_id)
        await contacts.change_point(work, contact_id, point_id, change, clinic.country)
        return await _tell(work, before)


async def remove_point(principal: Principal, contact_id: UUID, point_id: UUID) -> ContactView:
    """Take a number or an address off a person. What was written stays."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        before = await get_contact(principal.clinic_id, contact_id)
        await contacts.remove_point(work, contact_id, point_id)
        await _forget_person(work, contact_id)
        return await _tell(work, before)


async def _tell(work: Work, before: ContactView) -> ContactView:
    """Bring a person's numbers into the thread's copies, and tell what changed."""
    after = await get_contact(work.clinic_id, before.id)
    if after == before:
        return after
    points = [[point.address for point in view.points] for view in (before, after)]
    work.record(ContactUpdated(contact=after, changes={"points": points}))
    thread_id = await work.connection.fetchval(
        "update thread set contact_phone = $3::text, contact_email = $4::text, "
        "opted_out = opted_out_of(clinic_id, contact_id) where clinic_id = $1 and contact_id = $2 and "
        "(contact_phone is distinct from $3::text or contact_email is distinct from $4::text "
        "or opted_out <> opted_out_of(clinic_id, contact_id)) returning id",
        work.clinic_id,
        before.id,
        after.phone,
        after.email,
    )
    if thread_id is not None:
        thread = await queries.get_thread(work.clinic_id, thread_id)
        work.record(ThreadUpdated(thread=thread, changes={"contact": [before.phone, after.phone]}))
    return after


# -- families


async def add_sharer(principal: Principal, contact_id: UUID, draft: SharerDraft) -> PeopleView:
    """Write down that somebody uses a number of this person too."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        await contacts.add_sharer(work, contact_id, draft)
        await _tell_family(work, contact_id)
    return await list_people(principal.clinic_id, contact_id)


async def remove_sharer(principal: Principal, contact_id: UUID, person_id: UUID) -> PeopleView:
    """Write down that somebody does not use this person's numbers any more."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        await contacts.remove_sharer(work, contact_id, person_id)
        if not await _forget_person(work, contact_id):
            await _tell_family(work, contact_id)
    return await list_people(principal.clinic_id, contact_id)


async def _tell_family(work: Work, contact_id: UUID) -> None:
    """Who shares a number is not in the views; their change is still one that open pages draw."""
    work.record(ContactUpdated(contact=await get_contact(work.clinic_id, contact_id), changes={"sharers": []}))


async def set_person(principal: Principal, thread_id: UUID, person_id: UUID | None) -> ThreadView:
    """Say who of a family is writing. Only somebody who uses a number of the thread's contact, or that contact."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        if person_id is not None:
            # Before the thread, as everywhere; joining two people holds both of their contacts.
            named = await work.connection.fetchval(
                "select name from contact where clinic_id = $1 and id = $2 for key share", clinic_id, person_id
            )
            if named == "":
                raise Invalid.field("contact_id", "Give this person a name first.")
        row = await queries.lock_thread(clinic_id, thread_id)
        before = await queries.get_thread(clinic_id, thread_id)
        if row["person_id"] == person_id:
            return before
        if person_id not in {None, row["contact_id"]}:
            family = {one.id for one in await contacts.list_sharers(clinic_id, row["contact_id"])}
            if person_id not in family:
                raise Invalid.field("contact_id", "This person does not use a number of this conversation.")
        thread = await _set_person(work, thread_id, person_id)
        work.record(ThreadUpdated(thread=thread, changes={"person": [before.person, thread.person]}))
        work.audit("thread.person_set", "thread", thread_id, before=row["person_id"], after=person_id)
    return thread


async def _set_person(work: Work, thread_id: UUID, person_id: UUID | None) -> ThreadView:
    await work.connection.execute(
        "update thread set person_id = $3 where clinic_id = $1 and id = $2", work.clinic_id, thread_id, person_id
    )
    return await queries.get_thread(work.clinic_id, thread_id)


async def _forget_person(work: Work, contact_id: UUID) -> bool:
    """Nobody is writing who does not share a number any more. Says whether somebody was."""
    row = await work.connection.fetchrow(
        "select id, person_id from thread where clinic_id = $1 and contact_id = $2 for no key update",
        work.clinic_id,
        contact_id,
    )
    if row is None or row["person_id"] in {None, contact_id}:
        return False
    if row["person_id"] in {one.id for one in await contacts.list_sharers(work.clinic_id, contact_id)}:
        return False
    before = await queries.get_thread(work.clinic_id, row["id"])
    thread = await _set_person(work, row["id"], None)
    work.record(ThreadUpdated(thread=thread, changes={"person": [before.person, None]}))
    return True


# -- blocking


async def block_contact(principal: Principal, contact_id: UUID, draft: BlockDraft) -> ContactView:
    """Hear no more from a person: what they write is kept, and lies in no list that asks for work."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        if await contacts.set_blocked(work, contact_id, blocked=True, reason=draft.reason):
            row = await _thread_of(work, contact_id)
            if row is not None:
                await work.connection.execute(
                    "update thread set is_blocked = true, state = 'closed', snoozed_until = null, "
                    "waiting_since = null, is_escalated = false, is_urgent = false, alert = null "
                    "where clinic_id = $1 and id = $2",
                    work.clinic_id,
                    row["id"],
                )
                thread = await queries.get_thread(work.clinic_id, row["id"])
                work.record(ThreadUpdated(thread=thread, changes={"blocked": [False, True]}))
                if row["is_escalated"]:
                    work.record(AlertCleared(thread=thread, changes={"escalated": [True, False]}))
            await _tell_blocked(work, contact_id, blocked=True)
        return await get_contact(principal.clinic_id, contact_id)


async def unblock_contact(principal: Principal, contact_id: UUID) -> ContactView:
    """Hear from a person again. What nobody has answered meanwhile waits for an answer."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        if await contacts.set_blocked(work, contact_id, blocked=False):
            row = await _thread_of(work, contact_id)
            if row is not None:
                await work.connection.execute(
                    "update thread set is_blocked = false, state = 'open' where clinic_id = $1 and id = $2",
                    work.clinic_id,
                    row["id"],
                )
                thread = await recount(work, row["id"])
                if thread.waiting_since is None:
                    await work.connection.execute(
                        "update thread set state = 'closed' where clinic_id = $1 and id = $2", work.clinic_id, row["id"]
                    )
                    thread = await queries.get_thread(work.clinic_id, row["id"])
                work.record(ThreadUpdated(thread=thread, changes={"blocked": [True, False]}))
            await _tell_blocked(work, contact_id, blocked=False)
        return await get_contact(principal.clinic_id, contact_id)


async def _thread_of(work: Work, contact_id: UUID) -> asyncpg.Record | None:
    return await work.connection.fetchrow(
        "select * from thread where clinic_id = $1 and contact_id = $2 for no key update", work.clinic_id, contact_id
    )


async def _tell_blocked(work: Work, contact_id: UUID, *, blocked: bool) -> None:
    contact = await get_contact(work.clinic_id, contact_id)
    work.record(ContactUpdated(contact=contact, changes={"blocked": [not blocked, blocked]}))
