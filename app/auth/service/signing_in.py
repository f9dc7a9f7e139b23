"""Passwords: signing in with one, and changing what is one's own."""

from __future__ import annotations

import asyncio
import time

import msgspec

from app.auth.limits import Tries
from app.auth.schemas import ClinicBrief, PasswordChange, Preferences, SignedIn, StaffBrief
from app.auth.service.sessions import open_session
from app.clinics.events import SettingsChanged
from app.events.service import unit_of_work
from app.kit import database
from app.kit.crypto import hash_password, needs_rehash, verify_password
from app.kit.errors import Forbidden, NotSignedIn
from app.kit.principal import Principal
from app.staff.events import SessionRevoked

WRONG = "The e-mail address or the password is not right."
WRONG_TAKES = 0.3
"""Seconds until a wrong sign-in is answered, whatever there was to look up and to write: the time tells nothing."""


async def sign_in(
    email: str, password: str, *, user_agent: str, address: str, browser: str | None = None
) -> tuple[str, Principal]:
    """Check a password and start a session. The same answer, in the same time, for unknown addresses.

    ``browser`` is the id of a browser that has been signed in to this account before.
    """
    tries = Tries(email, address, browser)
    await tries.take()
    started = time.monotonic()
    found = await database.fetchrow("select clinic_id, id from find_staff($1)", email.strip())
    row = None
    if found is not None:
        async with database.reading(found["clinic_id"]) as connection:
            row = await connection.fetchrow(
                "select id, name, role, password_hash from staff_member where clinic_id = $1 and id = $2 and is_active",
                found["clinic_id"],
                found["id"],
            )
    good = await verify_password(row["password_hash"] if row else None, password)
    if found is None or row is None or not good:
        if found is not None:
            actor = Principal(clinic_id=found["clinic_id"], type="system", id=None, name="sign-in", address=address)
            async with unit_of_work(found["clinic_id"], actor) as work:
                work.audit("sign_in.failed", "staff", found["id"])
        await asyncio.sleep(max(0.0, started + WRONG_TAKES - time.monotonic()))
        raise NotSignedIn(WRONG)
    await tries.give_back()
    clinic_id = found["clinic_id"]
    token, session_id = await open_session(clinic_id, row["id"], user_agent=user_agent, address=address)
    principal = Principal(
        clinic_id=clinic_id,
        type="staff",
        id=row["id"],
        name=row["name"],
        role=row["role"],
        session_id=session_id,
        address=address,
    )
    rehash = await hash_password(password) if needs_rehash(row["password_hash"]) else None
    async with unit_of_work(clinic_id, principal) as work:
        if rehash:
            await work.connection.execute(
                "update staff_member set password_hash = $3 where clinic_id = $1 and id = $2",
                clinic_id,
                row["id"],
                rehash,
            )
        work.audit("sign_in.succeeded", "staff", row["id"])
    return token, principal


async def check_password(principal: Principal, password: str) -> None:
    """Raise ``Forbidden`` unless this is the caller's password (screen lock, password change)."""
    tries = Tries(str(principal.id), principal.address or "")
    await tries.take()
    async with database.reading(principal.clinic_id) as connection:
        stored = await connection.fetchval(
            "select password_hash from staff_member where clinic_id = $1 and id = $2", principal.clinic_id, principal.id
        )
    if not await verify_password(stored, password):
        raise Forbidden("The password is not right.")
    await tries.give_back()


async def change_password(principal: Principal, change: PasswordChange) -> None:
    """Set a new password; every other session of the caller ends."""
    await check_password(principal, change.current)
    hashed = await hash_password(change.password)
    async with unit_of_work(principal.clinic_id, principal) as work:
        await work.connection.execute(
            "update staff_member set password_hash = $3 where clinic_id = $1 and id = $2",
            principal.clinic_id,
            principal.id,
            hashed,
        )
        await work.connection.execute(
            "update session set revoked_at = now() where clinic_id = $1 and staff_id = $2 and id <> $3 "
            "and revoked_at is null",
            principal.clinic_id,
            principal.id,
            principal.session_id,
        )
        work.record(SessionRevoked(staff_id=principal.id, except_session_id=principal.session_id))
        work.audit("password.changed", "staff", principal.id)


async def change_profile(principal: Principal, name: str) -> None:
    """Change the caller's name; the others' lists of the team hear of it."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        before = await work.connection.fetchval(
            "select name from staff_member where clinic_id = $1 and id = $2 for update",
            principal.clinic_id,
            principal.id,
        )
        await work.connection.execute(
            "update staff_member set name = $3 where clinic_id = $1 and id = $2",
            principal.clinic_id,
            principal.id,
            name.strip(),
        )
        changes = {"name": [before, name.strip()]}
        work.record(SettingsChanged(section="team", changes=changes, staff_id=principal.id))
        work.audit("staff.renamed", "staff", principal.id)


async def change_preferences(principal: Principal, preferences: Preferences) -> None:
    """Keep how the caller likes the desk."""
    async with database.transaction(principal.clinic_id) as connection:
        await connection.execute(
            "update staff_member set preferences = $3::jsonb where clinic_id = $1 and id = $2",
            principal.clinic_id,
            principal.id,
            msgspec.json.encode(preferences).decode(),
        )


async def who_am_i(principal: Principal) -> SignedIn:
    """Return the caller and their clinic."""
    async with database.reading(principal.clinic_id) as connection:
        row = await connection.fetchrow(
            "select c.slug, c.name as clinic_name, s.name, s.email, s.role, s.preferences from clinic c "
            "left join staff_member s on s.clinic_id = c.id and s.id = $2 where c.id = $1",
            principal.clinic_id,
            principal.id,
        )
    if row is None or principal.type != "staff" or principal.id is None:
        raise NotSignedIn("Sign in first.")
    return SignedIn(
        ClinicBrief(principal.clinic_id, row["slug"], row["clinic_name"]),
        StaffBrief(principal.id, row["name"], row["email"], row["role"], msgspec.json.decode(row["preferences"])),
    )
