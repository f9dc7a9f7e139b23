"""Use cases of connection keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clinics.events import SettingsChanged
from app.clinics.service import get_clinic
from app.events.service import unit_of_work
from app.integrations.schemas import KeyDraft, KeyView, NewKey
from app.kit import clock, database
from app.kit.crypto import hash_token, new_token
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.principal import Principal
from app.staff.events import SessionRevoked

if TYPE_CHECKING:
    from uuid import UUID

PREFIX = "ok_"


async def create_key(principal: Principal, draft: KeyDraft) -> NewKey:
    """Make a key; the answer is the only place it is ever shown."""
    key, key_id = new_token(PREFIX), new_id()
    scopes: list[str] = sorted(set(draft.scopes))
    async with unit_of_work(principal.clinic_id, principal) as work:
        await work.connection.execute(
            "insert into connection_key (id, clinic_id, name, key_hash, last4, scopes, created_by_id, created_at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8)",
            key_id,
            principal.clinic_id,
            draft.name.strip(),
            hash_token(key),
            key[-4:],
            scopes,
            principal.id if principal.type == "staff" else None,
            clock.now(),
        )
        work.record(SettingsChanged(section="keys"))
        work.audit("key.created", "connection_key", key_id, scopes=scopes)
        clinic = await get_clinic(principal.clinic_id)
    return NewKey(key_id, key, clinic.client_code, draft.name.strip(), scopes)


async def list_keys(clinic_id: UUID) -> list[KeyView]:
    """Return the clinic's keys, newest first."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            "select id, name, last4, scopes, created_at, used_at, revoked_at from connection_key "
            "where clinic_id = $1 order by id desc",
            clinic_id,
        )
    return [KeyView(**dict(row)) for row in rows]


async def revoke_key(principal: Principal, key_id: UUID) -> None:
    """End a key at once; its sockets close."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        if not await work.connection.fetchval(
            "update connection_key set revoked_at = now() where clinic_id = $1 and id = $2 "
            "and revoked_at is null returning 1",
            principal.clinic_id,
            key_id,
        ):
            raise NotFound("This key has ended already.")
        work.record(SettingsChanged(section="keys"))
        work.record(SessionRevoked(staff_id=None, session_id=key_id))
        work.audit("key.revoked", "connection_key", key_id)


async def find_caller(key: str) -> Principal | None:
    """Return the principal behind a key, or None. Notes the use at most once a minute."""
    found = await database.fetchrow("select clinic_id, id from find_key($1)", hash_token(key))
    if found is None:
        return None
    async with database.transaction(found["clinic_id"]) as connection:
        row = await connection.fetchrow(
            "select k.name, k.scopes, k.used_at from connection_key k "
            "where k.clinic_id = $1 and k.id = $2 and k.revoked_at is null",
            found["clinic_id"],
            found["id"],
        )
        if row is None:
            return None
        if row["used_at"] is None or (clock.now() - row["used_at"]).total_seconds() > 60:
            await connection.execute(
                "update connection_key set used_at = now() where clinic_id = $1 and id = $2",
                found["clinic_id"],
                found["id"],
            )
    return Principal(
        clinic_id=found["clinic_id"], type="key", id=found["id"], name=row["name"], scopes=tuple(row["scopes"])
    )


async def client_code_of(clinic_id: UUID) -> str:
    """Return the code that must stand beside a key in ``x-client-code``."""
    return (await get_clinic(clinic_id)).client_code
