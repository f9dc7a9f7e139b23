"""Health, metrics and jobs over HTTP."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, Parameter

from app.auth.service import authenticate_request
from app.kit.errors import Invalid, NotSignedIn, OrasyncError
from app.kit.ids import as_uuid
from app.kit.principal import Principal
from app.ops import service
from app.ops.metrics import render_metrics
from app.ops.schemas import Health, JobPage, JobStatus, JobView

BASE = "/api/v1/clinics/{cid:str}"
OPERATION = {"operation": "jobs.manage"}
Caller = NamedDependency[Principal]


@get("/health/live", opt={"public": True}, summary="Is this process alive?")
async def live() -> dict[str, bool]:
    """Yes, if it answers."""
    return {"ok": True}


@get("/health/ready", opt={"public": True}, summary="Can this process serve?")
async def ready() -> Response[Health]:
    """503 names the part that is down."""
    health = await service.check_health()
    return Response(health, status_code=200 if health.ok else 503)


@get("/metrics", opt={"public": True}, media_type="text/plain", summary="Numbers for Prometheus")
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """For this machine, or with a connection key."""
    peer = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(peer).is_loopback
    except ValueError:
        local = False
    if not local:
        try:
            await authenticate_request(request)
        except OrasyncError as error:
            raise NotSignedIn("Ask from this machine, or with a connection key.") from error
    return Response(await render_metrics(), media_type="text/plain; version=0.0.4")


@get(f"{BASE}/jobs", opt=OPERATION, summary="List jobs")
async def list_jobs(
    caller: Caller,
    status: FromQuery[JobStatus | None] = None,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Parameter(max_length=64)] = None,
) -> JobPage:
    """``status=dead`` lists what needs a hand."""
    before = as_uuid(cursor) if cursor else None
    if cursor and before is None:
        raise Invalid.field("cursor", "This is not a cursor of ours. Begin again without it.")
    return await service.list_jobs(caller.clinic_id, status, before, limit)


@post(f"{BASE}/jobs/{{job_id:uuid}}/retry", opt=OPERATION, status_code=200, summary="Try a dead job again")
async def retry_job(caller: Caller, job_id: FromPath[UUID]) -> JobView:
    """From its first attempt."""
    return await service.retry_job(caller, job_id)


ROUTES = [live, ready, metrics, list_jobs, retry_job]
