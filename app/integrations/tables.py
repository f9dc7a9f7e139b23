"""Connection keys."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column, id_column


class ConnectionKey(Table, tablename="connection_key"):
    """A key for programs. The key itself is shown once; its SHA-256 is kept."""

    id = id_column()
    clinic_id = clinic_column()
    name = Varchar(length=120, null=False, default=None)
    key_hash = Varchar(length=64, null=False, default=None)
    last4 = Varchar(length=4, null=False, default=None)
    scopes = Array(base_column=Text(), null=False, default=list)
    created_by_id = UUID(null=True, default=None)
    created_at = Timestamptz(null=False)
    used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
