"""The numbers and addresses of a person, inside a unit of work of a higher feature: it writes the thread's copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contacts import queries
from app.contacts.addresses import Address, parse_address
from app.contacts.errors import AddressTaken
from app.kit import clock
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.contacts.schemas import PointChange
    from app.events.service import Work

MOST_POINTS = 20

_ADD = """insert into contact_point (id, clinic_id, contact_id, kind, address, is_reachable, created_at, position)
values ($1, $2, $3, $4::text, $5::text, $6, $7, (select coalesce(max(position) + 1, 0) from contact_point
  where clinic_id = $2 and contact_id = $3 and kind = $4::text))
on conflict (clinic_id, kind, address) do nothing returning 1"""


async def add_point(work: Work, contact_id: UUID, kind: str, text: str, country: str) -> UUID:
    """Add a number or an address behind those of its kind; the same one again changes nothing. Locks the contact.

    Raises ``AddressTaken`` when it is somebody else's.
    """
    wanted = parse_address(kind, text, country)
    await queries.lock_contact(work.clinic_id, contact_id)
    if (known := await _owned(work, contact_id, wanted)) is not None:
        return known
    count = await work.connection.fetchval(
        "select count(*) from contact_point where clinic_id = $1 and contact_id = $2", work.clinic_id, contact_id
    )
    if count >= MOST_POINTS:
        raise Invalid.field("address", f"One person can have {MOST_POINTS} numbers and addresses.")
    point_id = new_id()
    made = await work.connection.fetchval(
        _ADD,
        point_id,
        work.clinic_id,
        contact_id,
        wanted.kind,
        wanted.address,
        wanted.is_reachable,
        clock.now(),
    )
    if not made:  # somebody wrote in from there this very moment
        await _owned(work, contact_id, wanted)
        raise Conflict("Somebody with this number or address is on your list already.")
    work.audit("contact.point_added", "contact", contact_id, kind=wanted.kind, address=wanted.address)
    return point_id


async def _owned(work: Work, contact_id: UUID, wanted: Address) -> UUID | None:
    """Return the point if it is this person's; raises ``AddressTaken`` when it is somebody else's."""
    row = await work.connection.fetchrow(
        "select p.id, p.contact_id, c.name from contact_point p join contact c on c.clinic_id = p.clinic_id "
        "and c.id = p.contact_id where p.clinic_id = $1 and p.kind = $2 and p.address = $3",
        work.clinic_id,
        wanted.kind,
        wanted.address,
    )
    if row is None:
        return None
    if row["contact_id"] != contact_id:
        raise AddressTaken(row["contact_id"], row["name"], wanted.kind)
    return row["id"]


async def _lock(work: Work, contact_id: UUID, point_id: UUID) -> asyncpg.Record:
    await queries.lock_contact(work.clinic_id, contact_id)
    row = await work.connection.fetchrow(
        "select * from contact_point where clinic_id = $1 and contact_id = $2 and id = $3 for no key update",
        work.clinic_id,
        contact_id,
        point_id,
    )
    if row is None:
        raise NotFound("This number or address is gone.")
    return row


async def change_point(work: Work, contact_id: UUID, point_id: UUID, change: PointChange, country: str) -> None:
    """Correct a number or address, use it first, or write to it again after a failure. Locks the contact."""
    row = await _lock(work, contact_id, point_id)
    if change.address is not None:
        if row["kind"] == "chat":
            raise Invalid.field("address", "A web chat has no address that could be changed.")
        wanted = parse_address(row["kind"], change.address, country)
        if wanted.address != row["address"]:
            if await _owned(work, contact_id, wanted) is not None:
                raise Conflict("This person has that number or address already.")
            await _end_sharing(work, row)
            await work.connection.execute(
                "update contact_point set address = $3, is_reachable = $4, failure = null where clinic_id = $1 "
                "and id = $2",
                work.clinic_id,
                point_id,
                wanted.address,
                wanted.is_reachable,
            )
            work.audit(
                "contact.point_changed",
                "contact",
                contact_id,
                kind=row["kind"],
                changes=[row["address"], wanted.address],
            )
            row = await _lock(work, contact_id, point_id)
    if change.reachable is not None:
        # A number that was never complete stays unreachable, whatever anybody says.
        if change.reachable and not _is_whole(row, country):
            raise Invalid.field("reachable", "This number is not complete. Correct it first.")
        await work.connection.execute(
            "update contact_point set is_reachable = $3, failure = case when $3 then null else failure end "
            "where clinic_id = $1 and id = $2",
            work.clinic_id,
            point_id,
            change.reachable,
        )
        if change.reachable != row["is_reachable"]:
            work.audit("contact.point_reachable", "contact", contact_id, address=row["address"], after=change.reachable)
    if change.first:
        await work.connection.execute(
            "update contact_point p set position = (select min(position) - 1 from contact_point q "
            "where q.clinic_id = $1 and q.contact_id = $2 and q.kind = p.kind) where p.clinic_id = $1 and p.id = $3",
            work.clinic_id,
            contact_id,
            point_id,
        )
        work.audit("contact.point_first", "contact", contact_id, address=row["address"])


def _is_whole(row: asyncpg.Record, country: str) -> bool:
    if row["kind"] != "phone":
        return True
    return parse_address("phone", row["address"], country).is_reachable


async def remove_point(work: Work, contact_id: UUID, point_id: UUID) -> None:
    """Take a number or an address off a person, and with it who shared it. Locks the contact."""
    row = await _lock(work, contact_id, point_id)
    if row["kind"] == "chat":
        raise Invalid("A web chat belongs to the person who opened it.")
    await _end_sharing(work, row)
    await work.connection.execute(
        "delete from contact_point where clinic_id = $1 and id = $2", work.clinic_id, point_id
    )
    work.audit("contact.point_removed", "contact", contact_id, kind=row["kind"], address=row["address"])


async def _end_sharing(work: Work, row: asyncpg.Record) -> None:
    await work.connection.execute(
        "delete from sharer where clinic_id = $1 and kind = $2 and address = $3",
        work.clinic_id,
        row["kind"],
        row["address"],
    )
