"""Two contacts become one, and are parted again: what of it belongs to the contacts themselves.

Everything here runs in a unit of work of ``inbox``, which moves what lies in the threads. The row of the contact that
was joined stays, with ``merged_into``; ``contact_merge.moved`` keeps what parting them needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.contacts.errors import NotPartable
from app.kit.errors import NotFound

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.events.service import Work

_FIELDS = ("name", "stage", "language", "note", "tags")


async def lock_contacts(work: Work, *ids: UUID) -> dict[UUID, asyncpg.Record]:
    """Lock contacts in id order against everything, also new threads of theirs; raises ``NotFound``."""
    rows = await work.connection.fetch(
        "select * from contact where clinic_id = $1 and id = any ($2) order by id for update", work.clinic_id, list(ids)
    )
    found = {row["id"]: row for row in rows}
    if len(found) != len(set(ids)):
        raise NotFound("This person is not in your clinic's list.")
    return found


async def join_contact(work: Work, survivor: asyncpg.Record, merged: asyncpg.Record) -> dict[str, Any]:
    """Move a contact's numbers, shared numbers and details to the survivor; returns what parting them needs."""
    moved: dict[str, Any] = {
        "before": {name: survivor[name] for name in _FIELDS},
        "points": await _move_points(work, survivor["id"], merged["id"]),
        "sharers": await _move_sharers(work, survivor["id"], merged["id"]),
    }
    moved["after"] = _joined(survivor, merged)
    await _write(work, survivor["id"], moved["after"])
    await work.connection.execute(
        "update contact set merged_into = $3, updated_at = now() where clinic_id = $1 and id = $2",
        work.clinic_id,
        merged["id"],
        survivor["id"],
    )
    return moved


def _joined(survivor: asyncpg.Record, merged: asyncpg.Record) -> dict[str, Any]:
    """The survivor's word counts; what it does not know the other one says."""
    tags = {tag.lower(): tag for tag in [*merged["tags"], *survivor["tags"]]}
    stages = {survivor["stage"], merged["stage"]}
    notes = [row["note"] for row in (survivor, merged) if row["note"]]
    return {
        "name": survivor["name"] or merged["name"],
        "stage": "patient" if "patient" in stages else survivor["stage"],
        "language": survivor["language"] or merged["language"],
        "note": "\n\n".join(dict.fromkeys(notes)),
        "tags": [*survivor["tags"], *(tag for tag in tags.values() if tag not in survivor["tags"])],
    }


async def _write(work: Work, contact_id: UUID, fields: dict[str, Any]) -> None:
    await work.connection.execute(
        "update contact set name = $3, stage = $4, language = $5, note = $6, tags = $7, updated_at = now() "
        "where clinic_id = $1 and id = $2",
        work.clinic_id,
        contact_id,
        *(fields[name] for name in _FIELDS),
    )


async def _move_points(work: Work, survivor_id: UUID, merged_id: UUID) -> list[dict[str, Any]]:
    """The moved ones come after the survivor's own, in their order."""
    rows = await work.connection.fetch(
        "update contact_point p set contact_id = $3, position = x.position from (select q.id, q.position as before, "
        "  coalesce((select max(s.position) from contact_point s where s.clinic_id = $1 and s.contact_id = $3 "
        "    and s.kind = q.kind), -1) + row_number() over (partition by q.kind order by q.position, q.id) as position "
        "  from contact_point q where q.clinic_id = $1 and q.contact_id = $2) x "
        "where p.clinic_id = $1 and p.id = x.id returning p.id, p.kind, p.address, x.before as position",
        work.clinic_id,
        merged_id,
        survivor_id,
    )
    return [{**dict(row), "id": str(row["id"])} for row in rows]


async def _move_sharers(work: Work, survivor_id: UUID, merged_id: UUID) -> dict[str, Any]:
    """The survivor shares what the merged one shared; nobody shares their own number."""
    added = await work.connection.fetch(
        "insert into sharer (clinic_id, kind, address, contact_id, created_at) select clinic_id, kind, address, $3, "
        "created_at from sharer where clinic_id = $1 and contact_id = $2 on conflict do nothing "
        "returning kind, address",
        work.clinic_id,
        merged_id,
        survivor_id,
    )
    gone = await work.connection.fetch(
        "delete from sharer where clinic_id = $1 and contact_id = $2 returning kind, address",
        work.clinic_id,
        merged_id,
    )
    own = await work.connection.fetch(
        "delete from sharer s using contact_point p where s.clinic_id = $1 and s.contact_id = $2 and p.clinic_id = $1 "
        "and p.contact_id = $2 and p.kind = s.kind and p.address = s.address returning s.kind, s.address",
        work.clinic_id,
        survivor_id,
    )
    return {
        "added": [list(row) for row in added],
        "merged": [list(row) for row in gone],
        "survivor": [list(row) for row in own],
    }


async def part_contact(work: Work, survivor: asyncpg.Record, merged: asyncpg.Record, moved: dict[str, Any]) -> None:
    """Give a joined contact back what it brought. Raises ``NotPartable`` when a number of it is elsewhere by now."""
    if survivor["merged_into"] is not None:
        raise NotPartable(f"{survivor['name'] or 'This person'} was joined with somebody else since. Part those first.")
    if merged["merged_into"] != survivor["id"]:
        raise NotPartable("These two are not joined any more.")
    for point in moved["points"]:
        back = await work.connection.fetchval(
            "update contact_point set contact_id = $3, position = $5 where clinic_id = $1 and id = $4::uuid and "
            "contact_id = $2 and address = $6 returning 1",
            work.clinic_id,
            survivor["id"],
            merged["id"],
            point["id"],
            point["position"],
            point["address"],
        )
        if not back:
            raise NotPartable(f"{point['address']} was changed or taken off since, so the two cannot be told apart.")
    kept = {
        name: moved["before"][name] if survivor[name] == moved["after"][name] else survivor[name] for name in _FIELDS
    }
    await _write(work, survivor["id"], kept)
    await work.connection.execute(
        "update contact set merged_into = null, is_blocked = $3, updated_at = now() where clinic_id = $1 and id = $2",
        work.clinic_id,
        merged["id"],
        survivor["is_blocked"],  # both were the same when they were joined; since then it was one person
    )
    for kind, address in moved["sharers"]["added"]:
        await work.connection.execute(
            "delete from sharer where clinic_id = $1 and kind = $2 and address = $3 and contact_id = $4",
            work.clinic_id,
            kind,
            address,
            survivor["id"],
        )
    for owner, lost in (("merged", merged["id"]), ("survivor", survivor["id"])):
        for kind, address in moved["sharers"][owner]:
            await work.connection.execute(
                "insert into sharer (clinic_id, kind, address, contact_id, created_at) "
                "select $1, $2::text, $3::text, $4, now() where exists (select 1 from contact_point "
                "where clinic_id = $1 and kind = $2::text and address = $3::text and contact_id <> $4) "
                "on conflict do nothing",
                work.clinic_id,
                kind,
                address,
                lost,
            )
