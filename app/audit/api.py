"""The activity log over HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, Parameter
from litestar.response import Stream

from app.audit import service
from app.audit.schemas import AuditPage
from app.kit.errors import Invalid
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}/audit"
OPERATION = {"operation": "audit.read"}
Caller = NamedDependency[Principal]
Word = Annotated[str | None, Parameter(max_length=64)]


class AuditCheck(msgspec.Struct):
    """The outcome of recomputing the chain."""

    checked: int
    broken_at: int | None


@get(BASE, opt=OPERATION, summary="Read the activity log")
async def list_audit(  # noqa: PLR0917 - Litestar gives them by name
    caller: Caller,
    action: Word = None,
    actor: Word = None,
    since: FromQuery[dt.date | None] = None,
    until: FromQuery[dt.date | None] = None,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 50,
    cursor: Word = None,
) -> AuditPage:
    """Newest first."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise Invalid.field("cursor", "This is not a cursor of ours. Begin again without it.")
    return await service.list_entries(
        caller.clinic_id,
        action=action,
        actor=actor,
        since=since,
        until=until,
        before=int(cursor) if cursor else None,
        limit=limit,
    )


@get(
    f"{BASE}/export",
    opt=OPERATION,
    summary="Export the activity log as CSV",
    responses={200: ResponseSpec(str, media_type="text/csv", description="The rows")},
)
async def export_audit(
    caller: Caller,
    action: Word = None,
    actor: Word = None,
    since: FromQuery[dt.date | None] = None,
    until: FromQuery[dt.date | None] = None,
) -> Stream:
    """Exactly the filter's rows; that they were taken is a row itself."""
    rows = await service.start_export(caller, action=action, actor=actor, since=since, until=until)
    return Stream(rows, media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="activity.csv"'})


@get(f"{BASE}/verify", opt=OPERATION, summary="Check the activity log's chain")
async def verify_audit(caller: Caller) -> AuditCheck:
    """``broken_at`` is null when every row is as it was written."""
    return AuditCheck(*await service.verify_audit(caller.clinic_id))


ROUTES = [list_audit, export_audit, verify_audit]
