"""Use cases of contacts. A rename that must reach the thread lives in ``inbox`` (it writes the thread's copy too)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

from app.contacts import queries
from app.contacts.addresses import parse_address
from app.contacts.events import ContactCreated, ContactUpdated
from app.contacts.queries import find_points, get_contact
from app.contacts.schemas import ContactChange, ContactDraft, ContactView
from app.events.service import Work, unit_of_work
from app.kit import clock
from app.kit.errors import Conflict, Invalid
from app.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from app.kit.principal import Principal


async def create_contact(principal: Principal, draft: ContactDraft, country: str) -> ContactView:
    """Add a person. Raises ``Conflict`` when a number or address is somebody's already (with that person's id)."""
    clinic_id = principal.clinic_id
    points: list[tuple[str, str, bool]] = []
    if draft.phone:
        points.append(parse_address("phone", draft.phone, country, field="phone"))
    if draft.email:
        points.append(parse_address("email", draft.email, country, field="email"))
    if not points:
        raise Invalid.field("phone", "Give a phone number or an e-mail address.")
    contact_id, at = new_id(), clock.now()
    async with unit_of_work(clinic_id, principal) as work:
        taken = await find_points(clinic_id, [(kind, address) for kind, address, _ in points])
        if taken:
            raise Conflict(
                "Somebody with this number or address is on your list already.",
                contact_id=str(next(iter(taken.values()))),
            )
        await work.connection.execute(
            "insert into contact (id, clinic_id, name, stage, language, note, tags, created_at, updated_at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
            contact_id,
            clinic_id,
            draft.name.strip(),
            draft.stage,
            draft.language,
            draft.note,
            draft.tags,
            at,
        )
        try:
            for kind, address, reachable in points:
                await work.connection.execute(
                    "insert into contact_point (id, clinic_id, contact_id, kind, address, is_reachable, created_at) "
                    "values ($1, $2, $3, $4, $5, $6, $7)",
                    new_id(),
                    clinic_id,
                    contact_id,
                    kind,
                    address,
                    reachable,
                    at,
                )
        except asyncpg.UniqueViolationError as error:  # somebody wrote in from there this very moment
            raise Conflict("Somebody with this number or address is on your list already.") from error
        contact = await get_contact(clinic_id, contact_id)
        work.record(ContactCreated(contact=contact))
        work.audit("contact.created", "contact", contact_id)
    return contact


async def change_contact(work: Work, contact_id: UUID, change: ContactChange) -> ContactView:
    """Change a person inside a unit of work of a higher feature. Locks the contact."""
    clinic_id = work.clinic_id
    await queries.lock_contact(clinic_id, contact_id)
    before = await get_contact(clinic_id, contact_id)
    fields = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not msgspec.UNSET}
    changes: dict[str, Any] = {
        name: [getattr(before, name), value] for name, value in fields.items() if getattr(before, name) != value
    }
    if not changes:
        return before
    after = {**msgspec.structs.asdict(before), **fields}
    await work.connection.execute(
        "update contact set name = $3, stage = $4, language = $5, note = $6, tags = $7, updated_at = now() "
        "where clinic_id = $1 and id = $2",
        clinic_id,
        contact_id,
        after["name"],
        after["stage"],
        after["language"],
        after["note"],
        after["tags"],
    )
    contact = await get_contact(clinic_id, contact_id)
    work.record(ContactUpdated(contact=contact, changes=changes))
    work.audit("contact.updated", "contact", contact_id, fields=sorted(changes))
    return contact


async def write_consent(work: Work, channel: str, address: str, *, granted: bool, source: str) -> bool:
    """Write down what an address allows, inside a unit of work of a higher feature; says whether that is new."""
    changed = await work.connection.fetchval(
        "insert into consent (clinic_id, channel, address, is_granted, source, at) values ($1, $2, $3, $4, $5, now()) "
        "on conflict (clinic_id, channel, address) do update set is_granted = excluded.is_granted, "
        "source = excluded.source, at = excluded.at where consent.is_granted <> excluded.is_granted returning 1",
        work.clinic_id,
        channel,
        address,
        granted,
        source,
    )
    if changed:
        work.audit("consent.changed", "consent", channel=channel, address=address, granted=granted, source=source)
    return bool(changed)
