"""Reads of contacts. Every one takes the clinic first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.contacts.schemas import ContactView
from app.kit import database
from app.kit.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

_VIEW = """json_build_object('id', c.id, 'name', coalesce(nullif(c.name, ''), p.phone, p.email, ''), 'phone', p.phone,
  'email', p.email, 'stage', c.stage, 'language', c.language, 'tags', c.tags, 'note', c.note,
  'points', coalesce(p.points, '[]'::json), 'created_at', c.created_at,
  'consents', coalesce((select json_agg(json_build_object('channel', s.channel, 'address', s.address,
      'granted', s.is_granted, 'source', s.source, 'at', s.at) order by s.channel, s.address)
    from consent s join contact_point q on q.clinic_id = s.clinic_id and q.address = s.address
      and q.kind = case s.channel when 'email' then 'email' else 'phone' end
    where s.clinic_id = c.clinic_id and q.contact_id = c.id), '[]'::json))"""
_FROM = """contact c left join lateral (
  select min(address) filter (where kind = 'phone') as phone, min(address) filter (where kind = 'email') as email,
    json_agg(json_build_object('id', id, 'kind', kind, 'address', address, 'reachable', is_reachable) order by id)
      as points
  from contact_point q where q.clinic_id = c.clinic_id and q.contact_id = c.id) p on true"""

_decode = msgspec.json.Decoder(ContactView).decode


async def get_contact(clinic_id: UUID, contact_id: UUID) -> ContactView:
    """Return one contact; raises ``NotFound``."""
    text = await database.fetchval(
        f"select {_VIEW} from {_FROM} where c.clinic_id = $1 and c.id = $2",  # noqa: S608
        clinic_id,
        contact_id,
    )
    if text is None:
        raise NotFound("This person is not in your clinic's list.")
    return _decode(text)


async def list_contacts(clinic_id: UUID, before: UUID | None, limit: int) -> list[ContactView]:
    """Return contacts, newest first, below the id ``before``."""
    rows = await database.fetch(
        f"select {_VIEW} from {_FROM} where c.clinic_id = $1 and ($2::uuid is null or c.id < $2) "  # noqa: S608
        "order by c.id desc limit $3",
        clinic_id,
        before,
        limit,
    )
    return [_decode(row[0]) for row in rows]


async def lock_contact(clinic_id: UUID, contact_id: UUID) -> None:
    """Lock a contact; raises ``NotFound``."""
    found = await database.fetchval(
        "select 1 from contact where clinic_id = $1 and id = $2 for no key update", clinic_id, contact_id
    )
    if not found:
        raise NotFound("This person is not in your clinic's list.")


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
