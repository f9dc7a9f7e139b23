"""Answers kept for callers that repeat a request."""

from __future__ import annotations

from piccolo.columns import Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column


class KeptAnswer(Table, tablename="kept_answer"):
    """The answer to one ``Idempotency-Key``. Primary key ``(clinic_id, endpoint, key)``; ``status`` null: running."""

    clinic_id = clinic_column()
    endpoint = Text(null=False, default=None)
    key = Varchar(length=255, primary_key=True, null=False, default=None)
    body_hash = Bytea(null=False, default=None)
    status = Integer(null=True, default=None)
    body = Bytea(null=True, default=None)
    created_at = Timestamptz(null=False)
