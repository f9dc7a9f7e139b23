"""Numbers, families, joining and blocking as plain forms; ``people.js`` sends them without leaving the page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.contacts.errors import AddressTaken
from app.contacts.schemas import BlockDraft, PointChange, PointDraft, SharerDraft
from app.desk.pages.inbox_forms import fields
from app.inbox import service
from app.inbox.schemas import MergeDraft
from app.kit.errors import Invalid
from app.kit.ids import as_uuid
from app.kit.page import go_to
from app.kit.principal import Principal

PEOPLE, WRITE = {"operation": "contacts.write"}, {"operation": "inbox.write"}
THREAD = "/inbox/threads/{thread_id:uuid}"
Caller = NamedDependency[Principal]
Asking = Request[Any, Any, Any]


def back(thread_id: UUID, other: str = "") -> Response[None]:
    """Go back to the details; ``other`` is somebody they are about to be joined with."""
    return go_to(f"/inbox?view=all&thread={thread_id}&pane=details{'&other=' + other if other else ''}")


async def _contact(caller: Principal, thread_id: UUID) -> UUID:
    return (await service.read_thread(caller, thread_id)).contact.id


def _id(form: dict[str, str], name: str) -> UUID:
    found = as_uuid(form.get(name, ""))
    if found is None:
        raise Invalid.field(name, "Choose somebody.")
    return found


@post(f"{THREAD}/points", opt=PEOPLE, include_in_schema=False)
async def add_point(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Add a number or an address; one of somebody else shows that person beside it."""
    address = (await fields(request)).get("address", "").strip()[:254]
    if not address:
        raise Invalid.field("address", "Write a phone number or an e-mail address.")
    draft = PointDraft(kind="email" if "@" in address else "phone", address=address)
    try:
        await service.add_point(caller, await _contact(caller, thread_id), draft)
    except AddressTaken as error:
        return back(thread_id, error.extra["contact_id"])
    return back(thread_id)


@post(f"{THREAD}/points/{{point_id:uuid}}", opt=PEOPLE, include_in_schema=False)
async def change_point(
    request: Asking, caller: Caller, thread_id: FromPath[UUID], point_id: FromPath[UUID]
) -> Response[None]:
    """Correct, use first, reach again or remove: what the button pressed says."""
    form = await fields(request)
    contact_id = await _contact(caller, thread_id)
    changes = {
        "first": PointChange(first=True),
        "reachable": PointChange(reachable=True),
        "correct": PointChange(address=form.get("address", "")[:254]),
    }
    try:
        if form.get("do") == "remove":
            await service.remove_point(caller, contact_id, point_id)
        else:
            await service.change_point(
                caller, contact_id, point_id, changes.get(form.get("do", ""), changes["correct"])
            )
    except AddressTaken as error:
        return back(thread_id, error.extra["contact_id"])
    return back(thread_id)


@post(f"{THREAD}/sharers", opt=PEOPLE, include_in_schema=False)
async def add_sharer(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Somebody shares this person's number; with ``owner`` this person shares that one's."""
    form = await fields(request)
    owner = as_uuid(form.get("owner", "")) or await _contact(caller, thread_id)
    draft = SharerDraft(contact_id=as_uuid(form.get("contact_id", "")), name=form.get("name", "")[:120])
    await service.add_sharer(caller, owner, draft)
    return back(thread_id)


@post(f"{THREAD}/sharers/{{person_id:uuid}}/remove", opt=PEOPLE, include_in_schema=False)
async def remove_sharer(caller: Caller, thread_id: FromPath[UUID], person_id: FromPath[UUID]) -> Response[None]:
    """Somebody does not share it any more."""
    await service.remove_sharer(caller, await _contact(caller, thread_id), person_id)
    return back(thread_id)


@post(f"{THREAD}/person", opt=WRITE, include_in_schema=False)
async def set_person(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Say who of a family is writing; nothing chosen: nobody knows."""
    await service.set_person(caller, thread_id, as_uuid((await fields(request)).get("contact_id", "")))
    return go_to(f"/inbox?view=all&thread={thread_id}")


@post(f"{THREAD}/merge", opt=PEOPLE, include_in_schema=False)
async def merge(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Join with another person and go to the one who stays."""
    form = await fields(request)
    draft = MergeDraft(into=_id(form, "into"), survivor=as_uuid(form.get("survivor", "")))
    return back((await service.merge_threads(caller, thread_id, draft)).thread.id)


@post("/inbox/merges/{merge_id:uuid}/undo", opt=PEOPLE, include_in_schema=False)
async def undo_merge(caller: Caller, merge_id: FromPath[UUID]) -> Response[None]:
    """Part two people again."""
    return back((await service.undo_merge(caller, merge_id)).thread.id)


@post(f"{THREAD}/block", opt=PEOPLE, include_in_schema=False)
async def block(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Hear no more from this person."""
    draft = msgspec.convert({"reason": (await fields(request)).get("reason", "unwanted")}, BlockDraft)
    await service.block_contact(caller, await _contact(caller, thread_id), draft)
    return back(thread_id)


@post(f"{THREAD}/unblock", opt=PEOPLE, include_in_schema=False)
async def unblock(caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Hear from this person again."""
    await service.unblock_contact(caller, await _contact(caller, thread_id))
    return back(thread_id)


ROUTES = [
    add_point,
    change_point,
    add_sharer,
    remove_sharer,
    set_person,
    merge,
    undo_merge,
    block,
    unblock,
]
