"""The clinic's records over HTTP: its log, and why each message was sent. Routes of ``api``."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, Parameter
from litestar.response import Stream

from app.events.service import LARGEST_READ, LogState, log_state, read_log
from app.inbox import service
from app.inbox.schemas import Decided
from app.kit.errors import Invalid
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}"
READ = {"operation": "inbox.read"}

Caller = NamedDependency[Principal]


@get(
    f"{BASE}/events",
    opt=READ,
    summary="Read the log",
    responses={
        200: ResponseSpec(dict[str, Any], description="The frames, and where to go on", generate_examples=False)
    },
)
async def events(
    caller: Caller,
    after: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=LARGEST_READ)] = 500,
) -> Response[bytes]:
    """The same frames as on the socket, byte for byte; ``next`` is the ``after`` of the next page."""
    rows = await read_log(caller.clinic_id, after, limit)
    following = b'"%d"' % rows[-1].seq if len(rows) == limit else b"null"
    body = b'{"items":[' + b",".join(row.frame for row in rows) + b'],"next":' + following + b"}"
    return Response(body, media_type="application/json")


@get(f"{BASE}/sync", opt=READ, summary="Check a client's state")
async def sync(caller: Caller, seq: FromQuery[int | None] = None) -> LogState:
    """Equal ``sum`` at one ``seq`` means the same history."""
    return await log_state(caller.clinic_id, seq)


@get(f"{BASE}/messages/{{message_id:uuid}}/decision", opt=READ, summary="Read why a message was sent")
async def read_decision(caller: Caller, message_id: FromPath[UUID]) -> Decided:
    """Consent with its source and date, quiet hours where the recipient is, who approved it, and what became of it."""
    return await service.read_decision(caller.clinic_id, message_id)


@get(
    f"{BASE}/decisions/export",
    opt={"operation": "audit.read"},
    summary="Export why messages were sent as CSV",
    responses={200: ResponseSpec(str, media_type="text/csv", description="The rows")},
)
async def export_decisions(caller: Caller, since: FromQuery[dt.date], until: FromQuery[dt.date]) -> Stream:
    """All messages of these days (the clinic's), oldest first; that they were taken away is written down."""
    if until < since:
        raise Invalid.field("until", "The last day lies before the first one.")
    rows = await service.start_decision_export(caller, since, until)
    return Stream(rows, media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="why.csv"'})


ROUTES = [events, sync, read_decision, export_decisions]
