"""Addresses that turned out not to work, inside a unit of work of a higher feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contacts.events import ContactUpdated
from app.contacts.queries import get_contact, lock_contact

if TYPE_CHECKING:
    from uuid import UUID

    from app.events.service import Work


async def mark_failed(work: Work, kind: str, address: str, why: str) -> UUID | None:
    """Note that nothing arrives at an address any more, and why; return whose it is. A repeat changes nothing."""
    contact_id: UUID | None = await work.connection.fetchval(
        "select contact_id from contact_point where clinic_id = $1 and kind = $2 and address = $3",
        work.clinic_id,
        kind,
        address,
    )
    if contact_id is None:
        return None
    await lock_contact(work.clinic_id, contact_id)
    changed = await work.connection.fetchval(
        "update contact_point set is_reachable = false, failure = $4 where clinic_id = $1 and kind = $2 "
        "and address = $3 and contact_id = $5 and (is_reachable or failure is null) returning 1",
        work.clinic_id,
        kind,
        address,
        why,
        contact_id,
    )
    if changed:
        contact = await get_contact(work.clinic_id, contact_id)
        work.record(ContactUpdated(contact=contact, changes={"reachable": [True, False]}))
        work.audit("contact.point_reachable", "contact", contact_id, address=address, after=False)
    return contact_id
