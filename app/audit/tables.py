"""The audit log's table. Rows are written by ``log_append`` only; nobody may change or delete one."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, BigInt, Bytea, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column


class AuditEntry(Table, tablename="audit_entry"):
    """One act. The primary key is ``(clinic_id, n)``; ``sum`` chains to the row before."""

    clinic_id = clinic_column()
    n = BigInt(primary_key=True, null=False, default=None)
    at = Timestamptz(null=False)
    actor_type = Varchar(length=16, null=False, default=None)
    actor_id = UUID(null=True, default=None)
    actor_name = Text(null=False, default="")
    action = Varchar(length=64, null=False, default=None)
    subject_type = Varchar(length=32, null=False, default="")
    subject_id = UUID(null=True, default=None)
    details = JSON(null=False, default="{}")  # {"before", "after"} without message bodies
    mode = Varchar(length=16, null=False, default="live")
    request_id = Text(null=True, default=None)
    address = Text(null=True, default=None)
    sum = Bytea(null=False, default=None)
