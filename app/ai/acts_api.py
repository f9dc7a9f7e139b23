"""What the assistant did, over HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, Parameter
from litestar.response import Stream

from app.ai import service
from app.ai.acts_schemas import ActPage
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}/ai-log"
READ = {"operation": "audit.read"}

Caller = NamedDependency[Principal]


@get(BASE, opt=READ, summary="Read what the assistant did")
async def list_acts(
    caller: Caller,
    since: FromQuery[dt.date | None] = None,
    until: FromQuery[dt.date | None] = None,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Parameter(max_length=64)] = None,
) -> ActPage:
    """Oldest first: what it read, suggested, sent or held back, who took over, who changed its rules."""
    return await service.list_acts(caller.clinic_id, since, until, cursor=cursor, limit=limit)


@get(
    f"{BASE}/export",
    opt=READ,
    summary="Export what the assistant did as CSV",
    responses={200: ResponseSpec(str, media_type="text/csv", description="The rows")},
)
async def export_acts(
    caller: Caller, since: FromQuery[dt.date | None] = None, until: FromQuery[dt.date | None] = None
) -> Stream:
    """All of these days (the clinic's; without days the last thirty); that they were taken away is written down."""
    rows = await service.start_acts_export(caller, since, until)
    return Stream(rows, media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="assistant.csv"'})


ROUTES = [list_acts, export_acts]
