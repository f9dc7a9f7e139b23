"""The approved WhatsApp messages of a conversation: the composer's picker, and a page of its own without scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.channels.schemas import TemplateChoice
from app.inbox import service
from app.inbox.schemas import ReplyDraft
from app.kit import database
from app.kit.errors import Invalid
from app.kit.page import go_to, shell, staff_page
from app.kit.principal import Principal
from app.kit.templating import render

WRITE = {"operation": "inbox.write"}
PATH = "/inbox/threads/{thread_id:uuid}/approved"
Caller = NamedDependency[Principal]
Asking = Request[Any, Any, Any]


@get(PATH, opt=WRITE, include_in_schema=False)
async def approved(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[str]:
    """What may go to this person after the 24 hours, with the blanks filled as far as we know."""
    async with database.reading(caller.clinic_id):
        context: dict[str, Any] = {
            "thread": await service.read_thread(caller, thread_id),
            "texts": await service.list_approved(caller.clinic_id, thread_id),
        }
        if "hx-request" in request.headers:
            whole = {**await shell(request, caller), **context}
            return Response(render("desk/_approved.html", **whole), media_type="text/html")
        return await staff_page(request, caller, "desk/approved.html", nav="inbox", **context)


@post(PATH, opt=WRITE, include_in_schema=False)
async def send_approved(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Send one; without scripts."""
    form = await request.form()
    values = [str(value) for key, value in form.multi_items() if key == "value"]
    name, language, seen, link = (str(form.get(key, "")) for key in ("name", "language", "seen", "link"))
    is_long = len(name) > 512 or len(language) > 16 or any(len(one) > 1024 for one in (*values, link))
    if not name or not language or is_long:
        raise Invalid.field("template", "Choose an approved message.")
    draft = ReplyDraft(
        channel="whatsapp",
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else None,
        template=TemplateChoice(name, language, values, link.strip()),
    )
    await service.send_reply(caller, thread_id, draft)
    return go_to(f"/inbox?thread={thread_id}")


ROUTES = [approved, send_approved]
