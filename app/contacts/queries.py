"""Reads of contacts. Every one takes the clinic first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import msgspec

from app.contacts.errors import ContactMerged
from app.contacts.schemas import ContactView, Duplicate, SharedPoint, SharerView
from app.kit import database
from app.kit.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

_VIEW = """json_build_object('id', c.id, 'name', coalesce(nullif(c.name, ''), p.phone, p.email, ''), 'phone', p.phone,
  'email', p.email, 'stage', c.stage, 'language', c.language, 'tags', c.tags, 'note', c.note,
  'blocked', c.is_blocked, 'points', coalesce(p.points, '[]'::json), 'created_at', c.created_at,
  'consents', coalesce((select json_agg(json_build_object('channel', s.channel, 'address', s.address,
      'granted', s.is_granted, 'source', s.source, 'at', s.at) order by s.channel, s.address)
    from consent s join contact_point q on q.clinic_id = s.clinic_id and q.address = s.address
      and q.kind = case s.channel when 'email' then 'email' else 'phone' end
    where s.clinic_id = c.clinic_id and q.contact_id = c.id), '[]'::json))"""
_FROM = """contact c left join lateral (
  select (array_agg(address order by position, id) filter (where kind = 'phone'))[1] as phone,
    (array_agg(address order by position, id) filter (where kind = 'email'))[1] as email,
    json_agg(json_build_object('id', id, 'kind', kind, 'address', address, 'reachable', is_reachable,
      'failure', failure) order by kind = 'chat', kind = 'email', position, id) as points
  from contact_point q where q.clinic_id = c.clinic_id and q.contact_id = c.id) p on true"""

_decode = msgspec.json.Decoder(ContactView).decode


async def get_contact(clinic_id: UUID, contact_id: UUID) -> ContactView:
    """Return one contact; raises ``NotFound``, which is ``ContactMerged`` for one that was joined with another."""
    text = await database.fetchval(
        f"select {_VIEW} from {_FROM} where c.clinic_id = $1 and c.id = $2 and c.merged_into is null",  # noqa: S608
        clinic_id,
        contact_id,
    )
    if text is None:
        await _raise_missing(clinic_id, contact_id)
    return _decode(text)


async def find_survivor(clinic_id: UUID, contact_id: UUID) -> UUID | None:
    """Return who a joined contact is now, over several joins; None for one that was not joined, or is not there."""
    return await database.fetchval(
        "with recursive chain as (select id, merged_into from contact where clinic_id = $1 and id = $2 "
        "  union all select c.id, c.merged_into from chain "
        "  join contact c on c.clinic_id = $1 and c.id = chain.merged_into) "
        "select id from chain where merged_into is null and id <> $2",
        clinic_id,
        contact_id,
    )


async def _raise_missing(clinic_id: UUID, contact_id: UUID) -> NoReturn:
    survivor = await find_survivor(clinic_id, contact_id)
    if survivor is not None:
        raise ContactMerged("This person was joined with somebody else.", contact_id=str(survivor))
    raise NotFound("This person is not in your clinic's list.")


async def list_contacts(clinic_id: UUID, before: UUID | None, limit: int) -> list[ContactView]:
    """Return contacts, newest first, below the id ``before``."""
    rows = await database.fetch(
        f"select {_VIEW} from {_FROM} where c.clinic_id = $1 and c.merged_into is null "  # noqa: S608
        "and ($2::uuid is null or c.id < $2) order by c.id desc limit $3",
        clinic_id,
        before,
        limit,
    )
    return [_decode(row[0]) for row in rows]


async def lock_contact(clinic_id: UUID, contact_id: UUID) -> None:
    """Lock a contact; raises ``NotFound`` as :func:`get_contact` does."""
    row = await database.fetchrow(
        "select merged_into from contact where clinic_id = $1 and id = $2 for no key update", clinic_id, contact_id
    )
    if row is None or row["merged_into"] is not None:
        await _raise_missing(clinic_id, contact_id)


async def find_points(clinic_id: UUID, points: Sequence[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Return whose the given ``(kind, address)`` are."""
    rows = await database.fetch(
        "select p.kind, p.address, p.contact_id from unnest($2::text[], $3::text[]) x (kind, address) "
        "join contact_point p on p.clinic_id = $1 and p.kind = x.kind and p.address = x.address",
        clinic_id,
        [kind for kind, _ in points],
        [address for _, address in points],
    )
    return {(row["kind"], row["address"]): row["contact_id"] for row in rows}


async def find_consent(clinic_id: UUID, channel: str, address: str) -> asyncpg.Record | None:
    """Return what an address allows (``is_granted``, ``source``), None when nobody asked."""
    return await database.fetchrow(
        "select is_granted, source from consent where clinic_id = $1 and channel = $2 and address = $3",
        clinic_id,
        channel,
        address,
    )


async def list_sharers(clinic_id: UUID, contact_id: UUID) -> list[SharerView]:
    """Return who else uses the numbers and addresses of a contact."""
    rows = await database.fetch(
        "select c.id, coalesce(nullif(c.name, ''), s.address) as name, c.stage, s.kind, s.address from contact_point p "
        "join sharer s on s.clinic_id = p.clinic_id and s.kind = p.kind and s.address = p.address "
        "join contact c on c.clinic_id = s.clinic_id and c.id = s.contact_id "
        "where p.clinic_id = $1 and p.contact_id = $2 order by lower(c.name), c.id",
        clinic_id,
        contact_id,
    )
    return [SharerView(**dict(row)) for row in rows]


async def list_shared(clinic_id: UUID, contact_id: UUID) -> list[SharedPoint]:
    """Return the numbers and addresses of others that a contact uses, and what these allow: a stop counts for all."""
    rows = await database.fetch(
        "select s.kind, s.address, p.contact_id as owner_id, coalesce(nullif(c.name, ''), s.address) as owner, "
        "coalesce((select array_agg(distinct n.channel::text order by n.channel::text) from consent n "
        "  where n.clinic_id = s.clinic_id and n.address = s.address and not n.is_granted "
        "  and s.kind = case n.channel when 'email' then 'email' else 'phone' end), '{}') as opted_out "
        "from sharer s join contact_point p on p.clinic_id = s.clinic_id and p.kind = s.kind and p.address = s.address "
        "join contact c on c.clinic_id = p.clinic_id and c.id = p.contact_id "
        "where s.clinic_id = $1 and s.contact_id = $2 order by s.kind desc, s.address",
        clinic_id,
        contact_id,
    )
    return [SharedPoint(**dict(row)) for row in rows]


async def find_duplicates(clinic_id: UUID, contact_id: UUID, limit: int = 3) -> list[Duplicate]:
    """Return who may be the same person: the same name, or the same local number written without its country.

    Who shares a number is known to be somebody else.
    """
    rows = await database.fetch(
        "with me as (select id, lower(name) as name from contact where clinic_id = $1 and id = $2), "
        "numbers as (select left(last_digits(address), 7) as tail from contact_point where clinic_id = $1 "
        "  and contact_id = $2 and kind = 'phone' and length(last_digits(address)) >= 7), "
        "found as (select c.id, 'name' as why from contact c, me where c.clinic_id = $1 and me.name <> '' "
        "  and lower(c.name) = me.name and c.merged_into is null and c.id <> me.id "
        "  union select p.contact_id, 'number' from numbers n join contact_point p on p.clinic_id = $1 "
        "  and p.kind = 'phone' and left(last_digits(p.address), 7) = n.tail and p.contact_id <> $2 "
        "  and (not p.is_reachable or exists (select 1 from contact_point q where q.clinic_id = $1 "
        "    and q.contact_id = $2 and q.kind = 'phone' and not q.is_reachable))) "
        "select c.id, coalesce(nullif(c.name, ''), (select min(address) from contact_point q where q.clinic_id = $1 "
        "  and q.contact_id = c.id), '') as name, min(f.why) as why, "
        "  coalesce((select array_agg(q.address::text order by q.kind = 'email', q.position, q.id) "
        "    from contact_point q where q.clinic_id = $1 and q.contact_id = c.id "
        "    and q.kind <> 'chat'), '{}') as addresses "
        "from found f join contact c on c.clinic_id = $1 and c.id = f.id and c.merged_into is null "
        "where not exists (select 1 from sharer s join contact_point q on q.clinic_id = $1 and q.kind = s.kind "
        "  and q.address = s.address where s.clinic_id = $1 and ((s.contact_id = c.id and q.contact_id = $2) "
        "  or (s.contact_id = $2 and q.contact_id = c.id))) group by c.id, c.name order by why desc, c.id limit $3",
        clinic_id,
        contact_id,
        limit,
    )
    return [Duplicate(**dict(row)) for row in rows]
