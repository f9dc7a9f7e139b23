"""People over HTTP: several numbers, joining and parting, families, blocking. Routes of ``api``."""

from __future__ import annotations

from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from app.contacts.schemas import BlockDraft, ContactView, PointChange, PointDraft, SharerDraft
from app.inbox import service
from app.inbox.schemas import MergeDraft, MergeResult, PeopleView, PersonChoice, ThreadView
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}"
CONTACT = BASE + "/contacts/{contact_id:uuid}"
READ, WRITE = {"operation": "contacts.read"}, {"operation": "contacts.write"}
WRITE_THREAD = {"operation": "inbox.write"}

Caller = NamedDependency[Principal]


@get(f"{CONTACT}/people", opt=READ, summary="List who else belongs to a person")
async def list_people(caller: Caller, contact_id: FromPath[UUID]) -> PeopleView:
    """Who shares their numbers, whose numbers they share, possible second entries, and who was joined in."""
    return await service.list_people(caller.clinic_id, contact_id)


@post(
    f"{CONTACT}/points",
    opt=WRITE,
    summary="Add a number or an address",
    responses={409: ResponseSpec(dict, description="conflict: it belongs to `contact_id`; `offers` merge or share")},
)
async def add_point(caller: Caller, contact_id: FromPath[UUID], data: JSONBody[PointDraft]) -> ContactView:
    """A number that cannot be completed from the clinic's country is kept as given and marked unreachable."""
    return await service.add_point(caller, contact_id, data)


@patch(f"{CONTACT}/points/{{point_id:uuid}}", opt=WRITE, summary="Change a number or an address")
async def change_point(
    caller: Caller, contact_id: FromPath[UUID], point_id: FromPath[UUID], data: JSONBody[PointChange]
) -> ContactView:
    """Correct it, use it first (``first``), or write to it again (``reachable``)."""
    return await service.change_point(caller, contact_id, point_id, data)


@delete(
    f"{CONTACT}/points/{{point_id:uuid}}",
    opt=WRITE,
    status_code=200,
    summary="Take a number or an address off a person",
)
async def remove_point(caller: Caller, contact_id: FromPath[UUID], point_id: FromPath[UUID]) -> ContactView:
    """What was written from there stays."""
    return await service.remove_point(caller, contact_id, point_id)


@post(f"{CONTACT}/sharers", opt=WRITE, summary="Add somebody who shares a number")
async def add_sharer(caller: Caller, contact_id: FromPath[UUID], data: JSONBody[SharerDraft]) -> PeopleView:
    """Known people by ``contact_id``, new ones by ``name``; they need no conversation of their own."""
    return await service.add_sharer(caller, contact_id, data)


@delete(
    f"{CONTACT}/sharers/{{person_id:uuid}}", opt=WRITE, status_code=200, summary="Remove somebody who shared a number"
)
async def remove_sharer(caller: Caller, contact_id: FromPath[UUID], person_id: FromPath[UUID]) -> PeopleView:
    """The person stays on the list."""
    return await service.remove_sharer(caller, contact_id, person_id)


@post(f"{CONTACT}/block", opt=WRITE, status_code=200, summary="Block a person")
async def block(caller: Caller, contact_id: FromPath[UUID], data: JSONBody[BlockDraft]) -> ContactView:
    """What they write is kept, without notices; nothing is sent to them."""
    return await service.block_contact(caller, contact_id, data)


@post(f"{CONTACT}/unblock", opt=WRITE, status_code=200, summary="Unblock a person")
async def unblock(caller: Caller, contact_id: FromPath[UUID]) -> ContactView:
    """What nobody has answered meanwhile waits for an answer."""
    return await service.unblock_contact(caller, contact_id)


@put(f"{BASE}/threads/{{thread_id:uuid}}/person", opt=WRITE_THREAD, summary="Say who of a family is writing")
async def set_person(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[PersonChoice]) -> ThreadView:
    """The contact of the thread, or somebody who shares a number with them."""
    return await service.set_person(caller, thread_id, data.contact_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/merge", opt=WRITE, status_code=200, summary="Join two people")
async def merge(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[MergeDraft]) -> MergeResult:
    """Messages, notes, numbers, tags, drafts and read marks go to the survivor. Can be undone for 30 days."""
    return await service.merge_threads(caller, thread_id, data)


@post(
    f"{BASE}/contacts/merges/{{merge_id:uuid}}/undo",
    opt=WRITE,
    status_code=200,
    summary="Part two people again",
    responses={409: ResponseSpec(dict, description="not_partable: why not")},
)
async def undo_merge(caller: Caller, merge_id: FromPath[UUID]) -> MergeResult:
    """What was moved goes back, with what was written from and to those numbers since."""
    return await service.undo_merge(caller, merge_id)


ROUTES = [
    list_people,
    add_point,
    change_point,
    remove_point,
    add_sharer,
    remove_sharer,
    block,
    unblock,
    set_person,
    merge,
    undo_merge,
]
