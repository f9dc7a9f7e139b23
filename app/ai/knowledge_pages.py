"""The settings page of what the assistant knows: plain forms; and with them those of the suggestion card."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.ai import service
from app.ai.knowledge_schemas import FactChange, FactDraft
from app.ai.suggest_pages import ROUTES as SUGGESTIONS
from app.kit.errors import OrasyncError
from app.kit.page import go_to, staff_page
from app.kit.principal import Principal

PATH = "/settings/knowledge"
READ, MANAGE = {"operation": "settings.read"}, {"operation": "settings.manage"}
Caller = NamedDependency[Principal]
Asking = Request[Any, Any, Any]

_WRONG = {
    "kind": "Choose what it is about.",
    "title": "Fill this in, with at most 200 characters.",
    "body": "Fill this in, with at most 2,000 characters.",
}

_STARTERS = {
    "price": "How much is a cleaning?",
    "insurance": "Which insurances do you take?",
    "directions": "Where can I park?",
    "policy": "What if I have to cancel?",
}
"""What patients of every clinic ask: an empty page offers to begin with one of them."""


async def _page(request: Asking, caller: Principal, **more: Any) -> Response[Any]:
    facts = await service.list_facts(caller.clinic_id)
    asked = request.query_params.get("about", "")
    values = {"kind": asked, "title": _STARTERS[asked]} if asked in _STARTERS else {}
    context = {"facts": facts.items, "starters": _STARTERS, "editing": None, "values": values, **more}
    return await staff_page(request, caller, "ai/knowledge.html", nav="settings", section="knowledge", **context)


@get(PATH, opt=READ, include_in_schema=False)
async def knowledge(request: Asking, caller: Caller) -> Response[Any]:
    """All it knows, by kind."""
    return await _page(request, caller)


async def _form(request: Asking) -> dict[str, str]:
    form = await request.form()
    return {name: str(form[name]).strip() for name in ("kind", "title", "body") if name in form}


async def _save(request: Asking, caller: Principal, fact_id: UUID | None) -> Response[Any]:
    given = await _form(request)
    try:
        if fact_id is None:
            await service.add_fact(caller, msgspec.convert(given, FactDraft))
        else:
            await service.change_fact(caller, fact_id, msgspec.convert(given, FactChange))
    except msgspec.ValidationError as error:
        key = next((name for name in _WRONG if f"$.{name}" in str(error) or f"`{name}`" in str(error)), "title")
        errors = {key: _WRONG[key]}
        return await _page(request, caller, status_code=422, errors=errors, values=given, editing=fact_id)
    except OrasyncError as error:
        return await _page(request, caller, status_code=error.status, error=error.detail, values=given, editing=fact_id)
    return go_to(f"{PATH}?saved=1")


@post(PATH, opt=MANAGE, include_in_schema=False)
async def add(request: Asking, caller: Caller) -> Response[Any]:
    """Tell it something."""
    return await _save(request, caller, None)


@post(f"{PATH}/{{fact_id:uuid}}", opt=MANAGE, include_in_schema=False)
async def change(request: Asking, caller: Caller, fact_id: FromPath[UUID]) -> Response[Any]:
    """Change a fact."""
    return await _save(request, caller, fact_id)


@post(f"{PATH}/{{fact_id:uuid}}/delete", opt=MANAGE, include_in_schema=False)
async def delete(caller: Caller, fact_id: FromPath[UUID]) -> Response[Any]:
    """Have it forget a fact."""
    await service.delete_fact(caller, fact_id)
    return go_to(f"{PATH}?saved=1")


ROUTES = [knowledge, add, change, delete, *SUGGESTIONS]
