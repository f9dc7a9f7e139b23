"""The assistant over HTTP: its rules, taking over and handing back."""

from __future__ import annotations

from uuid import UUID

from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.ai import service
from app.ai.acts_api import ROUTES as ACTS
from app.ai.schemas import AssistantChange, AssistantView, RuleChange, Rules, RuleView
from app.ai.shadow_api import ROUTES as SHADOW
from app.ai.suggest_api import ROUTES as SUGGEST
from app.inbox.schemas import ThreadView
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}"
THREAD = BASE + "/threads/{thread_id:uuid}"
WRITE_THREAD = {"operation": "inbox.write"}
READ, MANAGE = {"operation": "settings.read"}, {"operation": "settings.manage"}

Caller = NamedDependency[Principal]


@get(f"{BASE}/ai-rules", opt=READ, summary="List the assistant's rules")
async def list_rules(caller: Caller) -> Rules:
    """Every wish on every channel, and what holds for all of them."""
    return await service.get_rules(caller.clinic_id)


@put(f"{BASE}/ai-rules", opt=MANAGE, summary="Change one rule")
async def change_rule(caller: Caller, data: JSONBody[RuleChange]) -> RuleView:
    """``mode`` is off, shadow, suggest or answer; the last needs ``consent: true`` once. A field left out stays.

    It also needs a silent trial that agreed often enough with what staff sent, or an owner's ``override: true``.
    """
    return await service.change_rule(caller, data)


@patch(f"{BASE}/ai-rules", opt=MANAGE, summary="Change what holds for all rules")
async def change_assistant(caller: Caller, data: JSONBody[AssistantChange]) -> AssistantView:
    """Tone, topics it leaves alone, the emergency line, who hears of an alert that nobody takes."""
    return await service.change_assistant(caller, data)


@post(f"{THREAD}/take-over", opt=WRITE_THREAD, status_code=200, summary="Take a conversation over")
async def take_over(caller: Caller, thread_id: FromPath[UUID]) -> ThreadView:
    """The assistant is silent in it; what it has not sent yet is taken back."""
    return await service.take_over(caller, thread_id)


@post(f"{THREAD}/hand-back", opt=WRITE_THREAD, status_code=200, summary="Hand a conversation back")
async def hand_back(caller: Caller, thread_id: FromPath[UUID]) -> ThreadView:
    """The clinic's rules hold in it again."""
    return await service.hand_back(caller, thread_id)


ROUTES = [list_rules, change_rule, change_assistant, take_over, hand_back, *SUGGEST, *SHADOW, *ACTS]
