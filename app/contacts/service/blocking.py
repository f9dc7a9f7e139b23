"""People the clinic does not want to hear from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contacts import queries

if TYPE_CHECKING:
    from uuid import UUID

    from app.events.service import Work


async def set_blocked(work: Work, contact_id: UUID, *, blocked: bool, reason: str = "") -> bool:
    """Block a person or take that back, inside a unit of work of a higher feature; says whether that is new."""
    await queries.lock_contact(work.clinic_id, contact_id)
    changed = await work.connection.fetchval(
        "update contact set is_blocked = $3, updated_at = now() where clinic_id = $1 and id = $2 and is_blocked <> $3 "
        "returning 1",
        work.clinic_id,
        contact_id,
        blocked,
    )
    if changed:
        detail = {"reason": reason} if blocked else {}
        work.audit("contact.blocked" if blocked else "contact.unblocked", "contact", contact_id, **detail)
    return bool(changed)
