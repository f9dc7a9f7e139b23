"""Sessions of staff."""

from __future__ import annotations

from piccolo.columns import UUID, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column, id_column


class Session(Table, tablename="session"):
    """One browser that is signed in. Only the token's SHA-256 is kept."""

    id = id_column()
    clinic_id = clinic_column()
    staff_id = UUID(null=False, default=None)
    token_hash = Varchar(length=64, null=False, default=None)
    user_agent = Text(null=False, default="")
    address = Varchar(length=64, null=False, default="")
    created_at = Timestamptz(null=False)
    seen_at = Timestamptz(null=False)
    revoked_at = Timestamptz(null=True, default=None)
