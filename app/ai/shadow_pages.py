"""Pages of silent trials and of the week's numbers."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from app.ai import service
from app.ai.shadow_schemas import PastTrial
from app.kit.errors import NotFound
from app.kit.page import go_to, staff_page
from app.kit.principal import Principal

READ, MANAGE = {"operation": "settings.read"}, {"operation": "settings.manage"}
Caller = NamedDependency[Principal]
AnyRequest = Request[Any, Any, Any]


@post("/settings/assistant/past", opt=MANAGE, include_in_schema=False)
async def try_on_past(request: AnyRequest, caller: Caller) -> Response[Any]:
    """Try a rule on conversations of the past."""
    form = {key: str(value) for key, value in (await request.form()).items()}
    try:
        asked = msgspec.convert({name: form.get(name) for name in ("channel", "intent")}, PastTrial)
    except msgspec.ValidationError as error:
        raise NotFound from error
    await service.start_past_trial(caller, asked)
    return go_to(f"/settings/assistant?channel={asked.channel}&trying={asked.intent}#shadow")


@get("/insights", opt=READ, include_in_schema=False)
async def insights_page(request: AnyRequest, caller: Caller) -> Response[Any]:
    """The week in plain sentences."""
    found = await service.get_insights(caller.clinic_id)
    return await staff_page(request, caller, "ai/insights.html", nav="settings", section="assistant", week=found)


ROUTES = [try_on_past, insights_page]
