"""Staff members and invitations."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Boolean, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column, id_column


class StaffMember(Table, tablename="staff_member"):
    """A person working in the clinic. An e-mail address belongs to one staff member of one clinic."""

    id = id_column()
    clinic_id = clinic_column()
    email = Varchar(length=254, null=False, default=None)
    name = Varchar(length=120, null=False, default=None)
    role = Varchar(length=16, null=False, default=None)
    password_hash = Text(null=True, default=None)
    is_active = Boolean(null=False, default=True)
    preferences = JSONB(null=False, default="{}")  # {"theme", "shortcuts", "sounds"}
    created_at = Timestamptz(null=False)
    removed_at = Timestamptz(null=True, default=None)


class Invitation(Table, tablename="invitation"):
    """A single-use link that lets one address join with a role fixed here. Only its hash is kept."""

    id = id_column()
    clinic_id = clinic_column()
    email = Varchar(length=254, null=False, default=None)
    role = Varchar(length=16, null=False, default=None)
    token_hash = Varchar(length=64, null=False, default=None)
    invited_by_id = UUID(null=True, default=None)
    expires_at = Timestamptz(null=False)
    accepted_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(null=False)
