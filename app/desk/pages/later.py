"""Sending later: the usual times of the composer's menu, and the form for a message that waits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.clinics.service import clinic_context, get_clinic
from app.desk.send_times import as_typed, send_times, there, typed_time
from app.inbox import service
from app.inbox.errors import ThreadMovedOn, WhatsAppWindowClosed
from app.inbox.schemas import LONGEST_BODY, MessageView, ScheduledChange
from app.kit import database
from app.kit.errors import Invalid
from app.kit.format import first_name, person
from app.kit.page import go_to, staff_page
from app.kit.principal import Principal
from app.kit.templating import render

WRITE = {"operation": "inbox.write"}
PATH = "/inbox/messages/{message_id:uuid}/later"
Caller = NamedDependency[Principal]
Asking = Request[Any, Any, Any]


@get("/inbox/threads/{thread_id:uuid}/later", opt=WRITE, include_in_schema=False)
async def times(caller: Caller, thread_id: FromPath[UUID]) -> Response[str]:
    """The usual times, as of now."""
    async with database.reading(caller.clinic_id):
        thread = await service.read_thread(caller, thread_id)
        clinic = await get_clinic(caller.clinic_id)
    place = there(thread.contact.phone, clinic)
    options = send_times(place, first_name(person(thread.contact, clinic)), clinic)
    return Response(render("desk/_later_menu.html", send_times=options), media_type="text/html")


async def _context(caller: Principal, message_id: UUID) -> dict[str, Any]:
    message = await service.read_scheduled(caller.clinic_id, message_id)
    assert message.send_at is not None  # noqa: S101 - it would not wait without
    clinic = await get_clinic(caller.clinic_id)
    thread = await service.read_thread(caller, message.thread_id)
    return {
        "message": message,
        "thread": thread,
        "there": there(thread.contact.phone, clinic),
        "typed": as_typed(message.send_at, clinic),
    }


@get(PATH, opt=WRITE, include_in_schema=False)
async def form(request: Asking, caller: Caller, message_id: FromPath[UUID]) -> Response[str]:
    """The form, as a page or for the dialog."""
    async with database.reading(caller.clinic_id):
        context = await _context(caller, message_id)
        if "hx-request" in request.headers:
            whole = {**context, "clinic": await clinic_context(caller.clinic_id), "csrf_token": ""}
            return Response(render("desk/_later.html", **whole), media_type="text/html")
        return await staff_page(request, caller, "desk/later.html", nav="inbox", **context)


@post(PATH, opt=WRITE, include_in_schema=False)
async def change(request: Asking, caller: Caller, message_id: FromPath[UUID]) -> Response[Any]:
    """Save, send now or take back; without scripts."""
    given = await request.form()
    told = {key: str(given.get(key, "")) for key in ("do", "body", "send_at_local", "seen")}
    clinic = await get_clinic(caller.clinic_id)
    message: MessageView
    try:
        if told["do"] == "cancel":
            message = await service.cancel_message(caller, message_id)
        else:
            asked = ScheduledChange(
                body=_checked(told["body"]) if "body" in given else msgspec.UNSET,
                send_at=None if told["do"] == "now" else typed_time(told["send_at_local"], clinic) or msgspec.UNSET,
                seen=int(told["seen"]) if told["seen"].isascii() and told["seen"].isdigit() else None,
            )
            message = await service.change_scheduled(caller, message_id, asked)
    except (Invalid, ThreadMovedOn, WhatsAppWindowClosed) as error:
        wrong = error.errors[0]["message"] if error.errors else error.detail
        async with database.reading(caller.clinic_id):
            context = {**await _context(caller, message_id), "wrong": wrong, "typed_body": told["body"]}
            return await staff_page(
                request, caller, "desk/later.html", nav="inbox", status_code=error.status, **context
            )
    return go_to(f"/inbox?thread={message.thread_id}")


def _checked(body: str) -> str:
    text = body.replace("\r\n", "\n")  # as forms write line breaks
    if len(text) > LONGEST_BODY:
        raise Invalid.field("body", "This is longer than a message can be.")
    return text


ROUTES = [times, form, change]
