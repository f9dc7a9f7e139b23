"""Use cases of the team: invite, join, change a role, remove."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from app.clinics.events import SettingsChanged
from app.config import settings
from app.events.service import Work, unit_of_work
from app.kit import clock, database
from app.kit.crypto import hash_password, hash_token, new_token
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.ids import new_id
from app.kit.principal import Principal
from app.staff.events import SessionRevoked
from app.staff.schemas import InvitationDraft, InvitationView, StaffChange, StaffView, Team

if TYPE_CHECKING:
    from uuid import UUID

INVITATION_LASTS = dt.timedelta(hours=72)
_COLUMNS = "id, name, email, role, is_active"


async def list_team(clinic_id: UUID) -> Team:
    """Return staff members and open invitations."""
    async with database.reading(clinic_id) as connection:
        members = await connection.fetch(
            f"select {_COLUMNS} from staff_member where clinic_id = $1 and removed_at is null order by name, id",  # noqa: S608
            clinic_id,
        )
        invitations = await connection.fetch(
            "select id, email, role, expires_at from invitation where clinic_id = $1 and accepted_at is null "
            "and expires_at > now() order by created_at",
            clinic_id,
        )
    return Team([StaffView(**dict(row)) for row in members], [InvitationView(**dict(row)) for row in invitations])


async def get_staff(clinic_id: UUID, staff_id: UUID) -> StaffView:
    """Return a staff member; raises ``NotFound``."""
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(
            f"select {_COLUMNS} from staff_member where clinic_id = $1 and id = $2 and removed_at is null",  # noqa: S608
            clinic_id,
            staff_id,
        )
    if row is None:
        raise NotFound("This person does not work in your clinic.")
    return StaffView(**dict(row))


async def add_staff(work: Work, *, staff_id: UUID, email: str, name: str, role: str, password_hash: str) -> None:
    """Write a staff member inside a unit of work. Raises ``Conflict`` when the address is taken, anywhere.

    The password comes hashed: hashing takes its time, and a transaction must not wait for it.
    """
    try:
        await work.connection.execute(
            "insert into staff_member "
            "(id, clinic_id, email, name, role, password_hash, is_active, preferences, created_at) "
            "values ($1, $2, $3, $4, $5, $6, true, '{}', $7)",
            staff_id,
            work.clinic_id,
            email.strip().lower(),
            name.strip(),
            role,
            password_hash,
            clock.now(),
        )
    except asyncpg.UniqueViolationError as error:
        raise Conflict("Somebody uses this e-mail address already. Sign in, or take another one.") from error


async def invite(principal: Principal, draft: InvitationDraft) -> InvitationView:
    """Make a single-use link that lets one address join. Only an owner can invite an owner."""
    if draft.role == "owner" and principal.role != "owner":
        raise Forbidden("Only an owner can invite another owner.")
    token, invitation_id, now = new_token(), new_id(), clock.now()
    email = draft.email.strip().lower()
    async with unit_of_work(principal.clinic_id, principal) as work:
        taken = await work.connection.fetchval(
            "select 1 from staff_member where clinic_id = $1 and lower(email) = $2 and removed_at is null",
            principal.clinic_id,
            email,
        )
        if taken:
            raise Conflict("This person works in your clinic already.")
        await work.connection.execute(
            "insert into invitation (id, clinic_id, email, role, token_hash, invited_by_id, expires_at, created_at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8)",
            invitation_id,
            principal.clinic_id,
            email,
            draft.role,
            hash_token(token),
            principal.id if principal.type == "staff" else None,
            now + INVITATION_LASTS,
            now,
        )
        work.record(SettingsChanged(section="team", changes={"invited": [None, draft.role]}))
        work.audit("staff.invited", "invitation", invitation_id, role=draft.role)
    return InvitationView(
        invitation_id, email, draft.role, now + INVITATION_LASTS, f"{settings().public_url}/invitations/{token}"
    )


async def cancel_invitation(principal: Principal, invitation_id: UUID) -> None:
    """Take an invitation back."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        if not await work.connection.fetchval(
            "delete from invitation where clinic_id = $1 and id = $2 and accepted_at is null returning 1",
            principal.clinic_id,
            invitation_id,
        ):
            raise NotFound("This invitation is gone.")
        work.record(SettingsChanged(section="team"))
        work.audit("staff.invitation_cancelled", "invitation", invitation_id)


class Invited(msgspec.Struct):
    """An open invitation as its guest sees it."""

    clinic_id: UUID
    clinic_name: str
    email: str
    role: str


async def find_invited(token: str) -> Invited:
    """Return the invitation behind a link; raises ``NotFound`` when it was used, cancelled or is too old."""
    found = await database.fetchrow("select clinic_id, id from find_invitation($1)", hash_token(token))
    if found is not None:
        async with database.reading(found["clinic_id"]) as connection:
            row = await connection.fetchrow(
                "select i.clinic_id, c.name as clinic_name, i.email, i.role from invitation i "
                "join clinic c on c.id = i.clinic_id where i.clinic_id = $1 and i.id = $2 "
                "and i.accepted_at is null and i.expires_at > now()",
                found["clinic_id"],
                found["id"],
            )
        if row is not None:
            return Invited(**dict(row))
    raise NotFound("This invitation has been used or is too old. Ask for a new one.")


async def join(token: str, name: str, password: str) -> tuple[UUID, UUID]:
    """Accept an invitation; returns the clinic and the new staff member. A link works once."""
    invited = await find_invited(token)
    hashed = await hash_password(password)
    staff_id = new_id()
    actor = Principal(clinic_id=invited.clinic_id, type="staff", id=staff_id, name=name.strip())
    async with unit_of_work(invited.clinic_id, actor) as work:
        used = await work.connection.fetchval(
            "update invitation set accepted_at = now() where clinic_id = $1 and token_hash = $2 "
            "and accepted_at is null and expires_at > now() returning id",
            invited.clinic_id,
            hash_token(token),
        )
        if used is None:
            raise NotFound("This invitation has been used or is too old. Ask for a new one.")
        await add_staff(
            work, staff_id=staff_id, email=invited.email, name=name, role=invited.role, password_hash=hashed
        )
        work.record(SettingsChanged(section="team", changes={"joined": [None, name.strip()]}, staff_id=staff_id))
        work.audit("staff.joined", "staff", staff_id, role=invited.role)
    return invited.clinic_id, staff_id


async def change_staff(principal: Principal, staff_id: UUID, change: StaffChange) -> StaffView:
    """Change a role, or whether somebody may sign in; their open tabs end at once. There is always an owner."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        row = await _lock_staff(work, staff_id)
        role = row["role"] if change.role is msgspec.UNSET else change.role
        active = row["is_active"] if change.is_active is msgspec.UNSET else change.is_active
        if "owner" in {role, row["role"]} and role != row["role"] and principal.role != "owner":
            raise Forbidden("Only an owner can make or unmake an owner.")
        if row["role"] == "owner" and (role != "owner" or not active):
            if principal.role != "owner":
                raise Forbidden("Only an owner can change an owner.")
            await _keep_an_owner(work, staff_id)
        if (role, active) != (row["role"], row["is_active"]):
            await work.connection.execute(
                "update staff_member set role = $3, is_active = $4 where clinic_id = $1 and id = $2",
                principal.clinic_id,
                staff_id,
                role,
                active,
            )
            if not active:
                await _end_sessions(work, staff_id)
            work.record(
                SettingsChanged(
                    section="team",
                    changes={"role": [row["role"], role], "is_active": [row["is_active"], active]},
                    staff_id=staff_id,
                )
            )
            work.record(SessionRevoked(staff_id=staff_id))
            work.audit(
                "staff.changed",
                "staff",
                staff_id,
                before={"role": row["role"], "is_active": row["is_active"]},
                after={"role": role, "is_active": active},
            )
    return await get_staff(principal.clinic_id, staff_id)


async def remove_staff(principal: Principal, staff_id: UUID) -> None:
    """Remove a colleague: signed out everywhere, conversations given up (a reaction of the inbox), history kept."""
    if staff_id == principal.id:
        raise Invalid("You cannot remove yourself. Ask another owner.")
    async with unit_of_work(principal.clinic_id, principal) as work:
        row = await _lock_staff(work, staff_id)
        if row["role"] == "owner":
            if principal.role != "owner":
                raise Forbidden("Only an owner can remove an owner.")
            await _keep_an_owner(work, staff_id)
        await work.connection.execute(
            "update staff_member set is_active = false, removed_at = now() where clinic_id = $1 and id = $2",
            principal.clinic_id,
            staff_id,
        )
        await _end_sessions(work, staff_id)
        work.record(SettingsChanged(section="team", changes={"removed": [row["name"], None]}, staff_id=staff_id))
        work.record(SessionRevoked(staff_id=staff_id))
        work.audit("staff.removed", "staff", staff_id)


async def _lock_staff(work: Work, staff_id: UUID) -> asyncpg.Record:
    row = await work.connection.fetchrow(
        "select * from staff_member where clinic_id = $1 and id = $2 and removed_at is null for update",
        work.clinic_id,
        staff_id,
    )
    if row is None:
        raise NotFound("This person does not work in your clinic.")
    return row


async def _keep_an_owner(work: Work, but: UUID) -> None:
    # Locks all owners in id order, so that two of them cannot remove each other at the same moment.
    owners = await work.connection.fetch(
        "select id from staff_member where clinic_id = $1 and role = 'owner' and is_active and removed_at is null "
        "order by id for update",
        work.clinic_id,
    )
    if not [row for row in owners if row["id"] != but]:
        raise Conflict("A clinic needs an owner. Make somebody else owner first.")


async def _end_sessions(work: Work, staff_id: UUID) -> None:
    await work.connection.execute(
        "update session set revoked_at = now() where clinic_id = $1 and staff_id = $2 and revoked_at is null",
        work.clinic_id,
        staff_id,
    )
