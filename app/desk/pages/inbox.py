"""The inbox page and its parts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.ai.service import waiting_alerts
from app.clinics.service import clinic_context
from app.desk import view
from app.inbox.service import list_alerts, list_thread_messages
from app.kit import database
from app.kit.ids import as_uuid
from app.kit.page import shell, staff_page
from app.kit.principal import Principal
from app.kit.templating import render

READ = {"operation": "inbox.read"}
Caller = NamedDependency[Principal]
Asking = Request[Any, Any, Any]


def fragment(template: str, **context: Any) -> Response[str]:
    """Answer a piece of a page."""
    return Response(render(template, **context), media_type="text/html")


@get("/inbox", opt=READ, include_in_schema=False)
async def inbox(request: Asking, caller: Caller) -> Response[str]:
    """The whole page, or with ``part=list|tabs`` only that part."""
    asked = view.parse_asked(request.query_params)
    part = request.query_params.get("part")
    async with database.reading(caller.clinic_id):
        if part in {"list", "tabs"}:
            context = {**await shell(request, caller), **await view.list_part(caller, asked)}
            return fragment("desk/_list.html" if part == "list" else "desk/_tabs.html", **context)
        other = as_uuid(request.query_params.get("other", ""))
        context = await view.whole_part(caller, asked, request.query_params.get("thread"), other)
        pane = "details" if request.query_params.get("pane") == "details" else None
        return await staff_page(request, caller, "desk/inbox.html", nav="inbox", pane=pane, **context)


@get("/inbox/list", opt=READ, include_in_schema=False)
async def more_rows(request: Asking, caller: Caller) -> Response[str]:
    """The rows below a cursor."""
    asked = view.parse_asked(request.query_params)
    async with database.reading(caller.clinic_id):
        context = await view.list_part(caller, asked, request.query_params.get("cursor"))
        return fragment("desk/_rows.html", **{**await shell(request, caller), **context})


@get("/inbox/alerts", opt=READ, include_in_schema=False)
async def alerts(caller: Caller) -> Response[str]:
    """The strip of patients who need help now."""
    async with database.reading(caller.clinic_id):
        found = await list_alerts(caller.clinic_id)
        return fragment(
            "desk/_alerts.html",
            alerts=found,
            overdue=await waiting_alerts(caller.clinic_id),
            clinic=await clinic_context(caller.clinic_id),
        )


@get("/inbox/threads/{thread_id:uuid}", opt=READ, include_in_schema=False)
async def thread(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[str]:
    """Conversation and details."""
    async with database.reading(caller.clinic_id):
        context = await view.thread_part(caller, thread_id, as_uuid(request.query_params.get("other", "")))
        return fragment("desk/_thread.html", **{**await shell(request, caller), **context})


@get("/inbox/threads/{thread_id:uuid}/earlier", opt=READ, include_in_schema=False)
async def earlier(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[str]:
    """Messages before the ones shown."""
    before = request.query_params.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    async with database.reading(caller.clinic_id):
        page = await list_thread_messages(caller.clinic_id, thread_id, number, view.MESSAGES_SHOWN)
        return fragment(
            "desk/_messages.html",
            messages=page.items[::-1],
            earlier=page.next,
            thread_id=str(thread_id),
            clinic=await clinic_context(caller.clinic_id),
        )


ROUTES = [inbox, more_rows, alerts, thread, earlier]
