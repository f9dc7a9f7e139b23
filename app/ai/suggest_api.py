"""Suggestions and facts over HTTP. Routes of ``api``."""

from __future__ import annotations

from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from app.ai import service
from app.ai.knowledge_schemas import FactChange, FactDraft, Facts, FactView
from app.ai.suggest_schemas import SendSuggestion, SuggestAsk, Suggestions, SuggestionView
from app.inbox.schemas import MessageView
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}"
ONE = BASE + "/threads/{thread_id:uuid}/suggestions/{suggestion_id:uuid}"
WRITE = {"operation": "inbox.write"}
READ, MANAGE = {"operation": "settings.read"}, {"operation": "settings.manage"}
GONE = {409: ResponseSpec(dict, description="suggestion_gone: it was sent, changed or dismissed already")}

Caller = NamedDependency[Principal]


@post(
    f"{BASE}/ai-suggest",
    opt=WRITE,
    status_code=200,
    summary="Have the assistant suggest texts",
    responses={409: ResponseSpec(dict, description="needs_model: no template can translate; nothing was counted")},
)
async def suggest(caller: Caller, data: JSONBody[SuggestAsk]) -> Suggestions:
    """At most ``count`` texts come, each different and each one use. Nothing is sent."""
    return await service.suggest(caller, data)


@post(
    f"{ONE}/send",
    opt=WRITE,
    status_code=201,
    summary="Send a suggested reply",
    responses={
        409: ResponseSpec(
            dict, description="thread_moved_on: somebody wrote since the suggestion was made; suggestion_gone"
        )
    },
)
async def send_suggestion(
    caller: Caller, thread_id: FromPath[UUID], suggestion_id: FromPath[UUID], data: JSONBody[SendSuggestion]
) -> MessageView:
    """As the caller's reply: they approve it. Sent twice it is sent once."""
    return await service.send_suggestion(caller, thread_id, suggestion_id, data)


@post(f"{ONE}/edit", opt=WRITE, status_code=200, summary="Take a suggestion to change it", responses=GONE)
async def edit_suggestion(caller: Caller, thread_id: FromPath[UUID], suggestion_id: FromPath[UUID]) -> SuggestionView:
    """It leaves all screens; its text is the caller's now. The next reply in the conversation is what became of it."""
    return await service.settle_suggestion(caller, thread_id, suggestion_id, "edited")


@post(f"{ONE}/dismiss", opt=WRITE, status_code=200, summary="Dismiss a suggestion", responses=GONE)
async def dismiss_suggestion(
    caller: Caller, thread_id: FromPath[UUID], suggestion_id: FromPath[UUID]
) -> SuggestionView:
    """It leaves all screens."""
    return await service.settle_suggestion(caller, thread_id, suggestion_id, "dismissed")


@post(f"{BASE}/messages/{{message_id:uuid}}/remember", opt=WRITE, status_code=201, summary="Remember an answer")
async def remember(caller: Caller, message_id: FromPath[UUID]) -> FactView:
    """Keep a reply of the team with the question before it, without the patient's name, for later suggestions."""
    return await service.remember_answer(caller, message_id)


@get(f"{BASE}/facts", opt=READ, summary="List what the assistant knows")
async def list_facts(caller: Caller) -> Facts:
    """The clinic's facts and the answers it was asked to remember."""
    return await service.list_facts(caller.clinic_id)


@post(f"{BASE}/facts", opt=MANAGE, summary="Tell the assistant something")
async def add_fact(caller: Caller, data: JSONBody[FactDraft]) -> FactView:
    """Patients may be told ``body`` word for word, also by an automatic answer."""
    return await service.add_fact(caller, data)


@patch(f"{BASE}/facts/{{fact_id:uuid}}", opt=MANAGE, summary="Change a fact")
async def change_fact(caller: Caller, fact_id: FromPath[UUID], data: JSONBody[FactChange]) -> FactView:
    """A field left out stays."""
    return await service.change_fact(caller, fact_id, data)


@delete(f"{BASE}/facts/{{fact_id:uuid}}", opt=MANAGE, summary="Have the assistant forget a fact")
async def delete_fact(caller: Caller, fact_id: FromPath[UUID]) -> None:
    """It is not used any more."""
    await service.delete_fact(caller, fact_id)


ROUTES = [
    suggest,
    send_suggestion,
    edit_suggestion,
    dismiss_suggestion,
    remember,
    list_facts,
    add_fact,
    change_fact,
    delete_fact,
]
