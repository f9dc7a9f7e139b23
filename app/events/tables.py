"""The log, its head per clinic, and the jobs that leave with a commit."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column, id_column


class ClinicLog(Table, tablename="clinic_log"):
    """The head of a clinic's log. Its row lock, taken last, is what puts events into commit order."""

    clinic_id = UUID(primary_key=True, null=False, default=None)
    epoch = UUID(null=False, default=None)  # changes when the log was restored or cut
    seq = BigInt(null=False, default=0)
    sum = Bytea(null=False, default=b"\x00" * 32)  # chain(seq)
    oldest_seq = BigInt(null=False, default=1)  # events below were removed after 30 days
    audit_n = BigInt(null=False, default=0)
    audit_sum = Bytea(null=False, default=b"\x00" * 32)


class LoggedEvent(Table, tablename="event"):
    """One event. Primary key ``(clinic_id, seq)``. ``body`` is the frame's text without its closing brace."""

    clinic_id = clinic_column()
    seq = BigInt(primary_key=True, null=False, default=None)
    type = Varchar(length=40, null=False, default=None)
    body = Text(null=False, default=None)
    digest = Bytea(null=False, default=None)  # sha256(body) at birth; stays when the body is erased
    sum = Bytea(null=False, default=None)  # chain(seq) = sha256(chain(seq - 1) || digest)
    at = Timestamptz(null=False)


class ReactionPosition(Table, tablename="reaction_position"):
    """How far one reaction has worked through a clinic's log. Primary key ``(clinic_id, name)``."""

    clinic_id = clinic_column()
    name = Varchar(length=64, primary_key=True, null=False, default=None)
    seq = BigInt(null=False, default=0)


class Job(Table, tablename="job"):
    """Work to be done after a commit; also the list people see.

    pending -> processing -> completed | failed (tried again at ``run_at``) | dead.
    """

    id = id_column()
    clinic_id = clinic_column()
    type = Varchar(length=64, null=False, default=None)
    payload = JSONB(null=False, default="{}")
    status = Varchar(length=16, null=False, default="pending")
    attempts = Integer(null=False, default=0)
    run_at = Timestamptz(null=False)
    enqueued_at = Timestamptz(null=True, default=None)
    lease_until = Timestamptz(null=True, default=None)
    error = Text(null=True, default=None)
    created_at = Timestamptz(null=False)
    finished_at = Timestamptz(null=True, default=None)
