"""Families: several people behind one number or address, and who looks like the same person twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contacts import queries
from app.contacts.events import ContactCreated
from app.contacts.queries import get_contact
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from app.contacts.schemas import SharerDraft
    from app.events.service import Work

MOST_SHARERS = 20


async def add_sharer(work: Work, owner_id: UUID, draft: SharerDraft) -> UUID:
    """Write down that somebody uses a number or address of ``owner_id``; returns who. Locks the owner.

    Without ``contact_id`` the person is made by ``name``: they need no number and no conversation of their own.
    """
    clinic_id = work.clinic_id
    await queries.lock_contact(clinic_id, owner_id)
    point = await work.connection.fetchrow(
        "select kind, address from contact_point where clinic_id = $1 and contact_id = $2 and kind <> 'chat' "
        "and ($3::uuid is null or id = $3) order by kind = 'email', position, id limit 1",
        clinic_id,
        owner_id,
        draft.point_id,
    )
    if point is None:
        raise Invalid.field("point_id", "There is no number or address to share.")
    count = await work.connection.fetchval(
        "select count(*) from sharer where clinic_id = $1 and kind = $2 and address = $3", clinic_id, *point
    )
    if count >= MOST_SHARERS:
        raise Invalid(f"At most {MOST_SHARERS} people can share one number.")
    person_id = draft.contact_id
    if person_id is None:
        person_id = await _make_person(work, draft.name.strip(), draft.stage)
    elif person_id == owner_id:
        raise Invalid.field("contact_id", "This is their own number.")
    else:
        await get_contact(clinic_id, person_id)
    made = await work.connection.fetchval(
        "insert into sharer (clinic_id, kind, address, contact_id, created_at) values ($1, $2, $3, $4, $5) "
        "on conflict do nothing returning 1",
        clinic_id,
        *point,
        person_id,
        clock.now(),
    )
    if made:
        work.audit("contact.sharer_added", "contact", owner_id, sharer=str(person_id), address=point["address"])
    return person_id


async def _make_person(work: Work, name: str, stage: str) -> UUID:
    if not name or "\x00" in name:
        raise Invalid.field("name", "Write the person's name.")
    person_id = new_id()
    await work.connection.execute(
        "insert into contact (id, clinic_id, name, stage, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
        person_id,
        work.clinic_id,
        name,
        stage,
        clock.now(),
    )
    work.record(ContactCreated(contact=await get_contact(work.clinic_id, person_id)))
    work.audit("contact.created", "contact", person_id)
    return person_id


async def remove_sharer(work: Work, owner_id: UUID, person_id: UUID) -> None:
    """Write down that somebody no longer uses the owner's numbers and addresses. Locks the owner."""
    await queries.lock_contact(work.clinic_id, owner_id)
    removed = await work.connection.fetch(
        "delete from sharer s using contact_point p where s.clinic_id = $1 and s.contact_id = $3 and p.clinic_id = $1 "
        "and p.contact_id = $2 and p.kind = s.kind and p.address = s.address returning s.address",
        work.clinic_id,
        owner_id,
        person_id,
    )
    if not removed:
        raise NotFound("This person does not share a number of theirs.")
    work.audit("contact.sharer_removed", "contact", owner_id, sharer=str(person_id))
