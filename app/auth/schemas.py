"""Signing up and in, on the wire (contract section 6)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.kit.principal import Role
from app.staff.schemas import Name, Password


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Address and password."""

    email: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class Unlock(msgspec.Struct, forbid_unknown_fields=True):
    """The password again, for a locked screen."""

    password: Annotated[str, Meta(min_length=1, max_length=200)]


class Join(msgspec.Struct, forbid_unknown_fields=True):
    """What an invited colleague gives."""

    name: Name
    password: Password


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True):
    """A new password, with the present one."""

    current: Annotated[str, Meta(min_length=1, max_length=200)]
    password: Password


class Preferences(msgspec.Struct, forbid_unknown_fields=True):
    """How a person likes the desk."""

    theme: Literal["system", "light", "dark"] = "system"
    shortcuts: bool = True
    sounds: bool = False


class Profile(msgspec.Struct, forbid_unknown_fields=True):
    """A person's own name."""

    name: Name


class ClinicBrief(msgspec.Struct):
    """The caller's clinic."""

    id: UUID
    slug: str
    name: str = ""


class StaffBrief(msgspec.Struct):
    """The caller."""

    id: UUID
    name: str = ""
    email: str = ""
    role: Role | None = None
    preferences: dict[str, Any] = {}


class SignedIn(msgspec.Struct):
    """Who is signed in now, and where."""

    clinic: ClinicBrief
    staff: StaffBrief


class SessionView(msgspec.Struct):
    """One browser that is signed in."""

    id: UUID
    user_agent: str
    address: str
    created_at: dt.datetime
    seen_at: dt.datetime
    current: bool


class SessionPage(msgspec.Struct):
    """Where a person is signed in."""

    items: list[SessionView]
    next: str | None = None
