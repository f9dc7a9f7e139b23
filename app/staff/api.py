"""The team over HTTP."""

from __future__ import annotations

from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.kit.principal import Principal
from app.staff import service
from app.staff.schemas import InvitationDraft, InvitationView, StaffChange, StaffView, TeamPage

BASE = "/api/v1/clinics/{cid:str}/team"
READ, MANAGE = {"operation": "team.read"}, {"operation": "team.manage"}
Caller = NamedDependency[Principal]


@get(BASE, opt=READ, summary="List the team")
async def list_team(caller: Caller) -> TeamPage:
    """Members and open invitations; a team fits on one page."""
    team = await service.list_team(caller.clinic_id)
    return TeamPage(team.members, team.invitations)


@post(f"{BASE}/invitations", opt=MANAGE, summary="Invite a colleague")
async def invite(caller: Caller, data: JSONBody[InvitationDraft]) -> InvitationView:
    """The link is given once; it works once, for 72 hours."""
    return await service.invite(caller, data)


@delete(f"{BASE}/invitations/{{invitation_id:uuid}}", opt=MANAGE, summary="Take an invitation back")
async def cancel_invitation(caller: Caller, invitation_id: FromPath[UUID]) -> None:
    """Its link stops working."""
    await service.cancel_invitation(caller, invitation_id)


@patch(f"{BASE}/{{staff_id:uuid}}", opt=MANAGE, summary="Change a colleague's role")
async def change_staff(caller: Caller, staff_id: FromPath[UUID], data: JSONBody[StaffChange]) -> StaffView:
    """Their open tabs load again."""
    return await service.change_staff(caller, staff_id, data)


@delete(f"{BASE}/{{staff_id:uuid}}", opt=MANAGE, summary="Remove a colleague")
async def remove_staff(caller: Caller, staff_id: FromPath[UUID]) -> None:
    """Signed out everywhere; their conversations are given up."""
    await service.remove_staff(caller, staff_id)


ROUTES = [list_team, invite, cancel_invitation, change_staff, remove_staff]
