"""The suggestion card's forms, for browsers without scripts."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.ai import service
from app.ai.suggest_schemas import SendSuggestion, SuggestAsk
from app.inbox.errors import ThreadMovedOn
from app.inbox.schemas import DraftText
from app.inbox.service import save_draft
from app.kit.page import go_to
from app.kit.principal import Principal

WRITE = {"operation": "inbox.write"}
PATH = "/inbox/threads/{thread_id:uuid}/suggestions"
ONE = PATH + "/{suggestion_id:uuid}"
Caller = NamedDependency[Principal]


def _back(thread_id: UUID) -> Response[None]:
    return go_to(f"/inbox?view=all&thread={thread_id}")


@post(f"{PATH}/make", opt=WRITE, include_in_schema=False)
async def make(caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Have a reply suggested, or another one."""
    await service.suggest(caller, SuggestAsk(type="reply", thread_id=thread_id))
    return _back(thread_id)


@post(f"{ONE}/send", opt=WRITE, include_in_schema=False)
async def send(caller: Caller, thread_id: FromPath[UUID], suggestion_id: FromPath[UUID]) -> Response[None]:
    """Send it as it is; where somebody wrote since, the card says so instead."""
    try:
        await service.send_suggestion(caller, thread_id, suggestion_id, SendSuggestion())
    except ThreadMovedOn:
        return _back(thread_id)
    return _back(thread_id)


@post(f"{ONE}/edit", opt=WRITE, include_in_schema=False)
async def edit(caller: Caller, thread_id: FromPath[UUID], suggestion_id: FromPath[UUID]) -> Response[None]:
    """Move it into the field, as the caller's draft."""
    taken = await service.settle_suggestion(caller, thread_id, suggestion_id, "edited")
    await save_draft(caller, thread_id, DraftText(body=taken.text))
    return _back(thread_id)


@post(f"{ONE}/dismiss", opt=WRITE, include_in_schema=False)
async def dismiss(caller: Caller, thread_id: FromPath[UUID], suggestion_id: FromPath[UUID]) -> Response[None]:
    """Send it away."""
    await service.settle_suggestion(caller, thread_id, suggestion_id, "dismissed")
    return _back(thread_id)


ROUTES = [make, send, edit, dismiss]
