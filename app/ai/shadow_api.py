"""Silent trials of rules over HTTP."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.ai import service
from app.ai.insight_schemas import Insights
from app.ai.shadow_schemas import PastTrial, PastTrialStarted, Shadow
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}"
READ, MANAGE = {"operation": "settings.read"}, {"operation": "settings.manage"}

Caller = NamedDependency[Principal]


@get(f"{BASE}/ai-rules/shadow", opt=READ, summary="Read the rules' silent trials")
async def read_shadow(caller: Caller) -> Shadow:
    """How often each agreed with what staff sent, and where it did not."""
    return await service.get_shadow(caller.clinic_id)


@post(f"{BASE}/ai-rules/shadow", opt=MANAGE, status_code=202, summary="Try a rule on the past")
async def try_on_past(caller: Caller, data: JSONBody[PastTrial]) -> PastTrialStarted:
    """The newest messages it is about, beside what staff answered. Nothing is sent."""
    return await service.start_past_trial(caller, data)


@get(f"{BASE}/insights", opt=READ, summary="Read what the week's numbers say")
async def read_insights(caller: Caller) -> Insights:
    """Each with the query it rests on; where there is too little, it says so."""
    return await service.get_insights(caller.clinic_id)


ROUTES = [read_shadow, try_on_past, read_insights]
