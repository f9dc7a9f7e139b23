"""Signing up, on the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from app.staff.schemas import Email, Name, Password


class SignUp(msgspec.Struct, forbid_unknown_fields=True):
    """A new clinic and its owner."""

    clinic_name: Name
    name: Name
    email: Email
    password: Password
    timezone: Annotated[str, Meta(max_length=64)] = "America/New_York"
