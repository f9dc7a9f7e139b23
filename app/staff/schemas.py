"""Staff on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.kit.principal import Role

Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
Password = Annotated[str, Meta(min_length=10, max_length=200)]


class StaffView(msgspec.Struct):
    """A staff member."""

    id: UUID
    name: str
    email: str
    role: Role
    is_active: bool


class StaffChange(msgspec.Struct, forbid_unknown_fields=True):
    """A colleague's role, or whether they may sign in."""

    role: Role | msgspec.UnsetType = msgspec.UNSET
    is_active: bool | msgspec.UnsetType = msgspec.UNSET


class InvitationDraft(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to invite, with a role fixed now."""

    email: Email
    role: Literal["manager", "front_desk", "viewer", "owner"] = "front_desk"


class InvitationView(msgspec.Struct):
    """An open invitation; ``link`` is given once, when it is made."""

    id: UUID
    email: str
    role: Role
    expires_at: dt.datetime
    link: str | None = None


class TeamPage(msgspec.Struct):
    """The team on the wire: a list like every other, with the open invitations beside it."""

    items: list[StaffView]
    invitations: list[InvitationView]
    next: str | None = None


class Team(msgspec.Struct):
    """Everybody, and who was asked to come."""

    members: list[StaffView]
    invitations: list[InvitationView]


class SignUp(msgspec.Struct, forbid_unknown_fields=True):
    """A new clinic and its owner."""

    clinic_name: Name
    name: Name
    email: Email
    password: Password
    timezone: Annotated[str, Meta(max_length=64)] = "America/New_York"
