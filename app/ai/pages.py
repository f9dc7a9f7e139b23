"""The assistant's settings page: one grid a channel, what holds for all of them, and a place to try it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from app.ai import service
from app.ai.knowledge_pages import ROUTES as KNOWLEDGE
from app.ai.labels import INTENTS, NEVER_AUTOMATIC
from app.ai.schemas import AssistantChange, RuleChange
from app.ai.shadow_pages import ROUTES as SHADOW
from app.kit.errors import Invalid, OrasyncError
from app.kit.format import INTENT_WORDS
from app.kit.page import go_to, staff_page
from app.kit.principal import Principal
from app.staff.service import list_team

PATH = "/settings/assistant"
READ, MANAGE = {"operation": "settings.read"}, {"operation": "settings.manage"}
Caller = NamedDependency[Principal]
AnyRequest = Request[Any, Any, Any]

_NUMBERS = ("daily_limit", "wait_seconds")
# As the desk thinks of them: what fills the day first, then what stays with people whatever is chosen.
_ANSWERABLE = ("booking", "reschedule", "cancel", "confirm", "question", "billing", "new_patient", "thanks")
_FOR_PEOPLE = ("emergency", "clinical", "complaint", "opt_out", "other", "spam")


def _channel(request: AnyRequest) -> str:
    asked = request.query_params.get("channel", "")
    return asked if asked in service.CHANNELS else "sms"


async def _page(request: AnyRequest, caller: Principal, **more: Any) -> Response[Any]:
    rules = await service.get_rules(caller.clinic_id)
    team = await list_team(caller.clinic_id)
    shadow = await service.get_shadow(caller.clinic_id)
    channel = _channel(request)
    return await staff_page(
        request,
        caller,
        "ai/assistant.html",
        nav="settings",
        section="assistant",
        channel=channel,
        rules={(rule.channel, rule.intent): rule for rule in rules.items},
        groups=(("It can answer these", _ANSWERABLE), ("These stay with your team", _FOR_PEOPLE)),
        trials={cell.intent: cell for cell in shadow.items if cell.channel == channel},
        assistant=rules.assistant,
        never_automatic=NEVER_AUTOMATIC - service.HOLDING,
        holding=service.HOLDING,
        shadow=shadow,
        trying=trying if (trying := request.query_params.get("trying")) in INTENTS else None,
        intent_choices=[(one, INTENT_WORDS[one]) for one in INTENTS if one not in NEVER_AUTOMATIC],
        team=[member for member in team.members if member.is_active],
        **{"errors": {}, "values": {}, "trial": None, **more},
    )


@get(PATH, opt=READ, include_in_schema=False)
async def assistant_page(request: AnyRequest, caller: Caller) -> Response[Any]:
    """The rules of one channel, by ``?channel=``."""
    return await _page(request, caller)


@post(PATH, opt=MANAGE, include_in_schema=False)
async def save_rules(request: AnyRequest, caller: Caller) -> Response[Any]:
    """Save the rules of one channel, all or none; a refused form comes back with what was chosen."""
    form = {key: str(value).strip() for key, value in (await request.form()).items()}
    channel = _channel(request)
    try:
        changes = [_change(channel, intent, form) for intent in INTENTS if f"mode_{intent}" in form]
        await service.change_rules(caller, changes)
    except (Invalid, msgspec.ValidationError) as error:
        key, text = _told(error)
        return await _page(request, caller, status_code=422, errors={key: text}, values=form)
    return go_to(f"{PATH}?channel={channel}&saved=1")


def _change(channel: str, intent: str, form: dict[str, str]) -> RuleChange:
    told: dict[str, Any] = {"channel": channel, "intent": intent, "consent": form.get("consent") == "yes"}
    told["override"] = form.get("override") == "yes"
    told |= {name: form[f"{name}_{intent}"] for name in ("mode", "hours") if f"{name}_{intent}" in form}
    for name in _NUMBERS:
        if (value := form.get(f"{name}_{intent}")) is not None:
            told[name] = int(value) if value.isascii() and value.isdigit() else (0 if name == "wait_seconds" else None)
    return msgspec.convert(told, RuleChange)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _told(error: Exception) -> tuple[str, str]:
    if isinstance(error, OrasyncError) and error.errors:
        return error.errors[0]["key"], error.errors[0]["message"]
    return "rules", "A number is too large. Nothing was changed."


@post(f"{PATH}/general", opt=MANAGE, include_in_schema=False)
async def save_general(request: AnyRequest, caller: Caller) -> Response[Any]:
    """Save what holds for all rules."""
    form = {key: str(value).strip() for key, value in (await request.form()).items()}
    topics = [topic.strip() for topic in form.get("never_topics", "").split(",") if topic.strip()]
    minutes = form.get("alert_minutes", "")
    told = {
        "tone": form.get("tone", "friendly"),
        "never_topics": topics,
        "emergency_line": form.get("emergency_line", ""),
        "alert_minutes": _number(minutes),
        "alert_to": form.get("alert_to") or None,
        "agreement_level": _number(form.get("agreement_level", "")) / 100,
        "least_compared": _number(form.get("least_compared", "")),
    }
    try:
        await service.change_assistant(caller, msgspec.convert(told, AssistantChange))
    except msgspec.ValidationError as error:
        wrong = next((name for name in told if f"$.{name}" in str(error)), "general")
        words = {
            "alert_minutes": "Between 1 and 1440 minutes.",
            "never_topics": "Each word has 2 to 60 letters.",
            "agreement_level": "Between 50 and 100 percent.",
            "least_compared": "Between 1 and 1000 messages.",
        }
        return await _page(
            request, caller, status_code=422, errors={wrong: words.get(wrong, "This cannot be saved.")}, values=form
        )
    return go_to(f"{PATH}?saved=1#general")


@post(f"{PATH}/try", opt=READ, include_in_schema=False)
async def try_it(request: AnyRequest, caller: Caller) -> Response[Any]:
    """Show what the assistant would make of a text. Nothing is kept or sent."""
    text = str((await request.form()).get("text", ""))[:15_000]
    channel = _channel(request)
    trial = await service.try_out(caller.clinic_id, channel, text) if text.strip() else None  # type: ignore[arg-type]
    return await _page(request, caller, trial=trial, values={"text": text})


ROUTES = [assistant_page, save_rules, save_general, try_it, *KNOWLEDGE, *SHADOW]
