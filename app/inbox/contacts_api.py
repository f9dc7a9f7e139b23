"""Contacts over HTTP; here because a rename writes the thread's copy as well. Routes of ``api``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, Parameter

from app.clinics.service import get_clinic
from app.contacts.schemas import ConsentChange, ContactChange, ContactDraft, ContactPage, ContactView
from app.contacts.service import create_contact, find_survivor, get_contact, list_contacts
from app.inbox import service
from app.kit import database
from app.kit.errors import Invalid
from app.kit.ids import as_uuid
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}"
READ, WRITE = {"operation": "contacts.read"}, {"operation": "contacts.write"}

Caller = NamedDependency[Principal]


@get(f"{BASE}/contacts", opt=READ, summary="List contacts")
async def contacts(
    caller: Caller,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Parameter(max_length=200)] = None,
) -> ContactPage:
    """Newest first."""
    before = as_uuid(cursor) if cursor else None
    if cursor and before is None:
        raise Invalid.field("cursor", "This is not a cursor of ours. Begin again without it.")
    async with database.reading(caller.clinic_id):
        rows = await list_contacts(caller.clinic_id, before, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return ContactPage(rows, str(rows[-1].id) if more else None)


@post(f"{BASE}/contacts", opt=WRITE, summary="Add a contact")
async def add_contact(caller: Caller, data: JSONBody[ContactDraft]) -> ContactView:
    """At least a phone number or an e-mail address."""
    clinic = await get_clinic(caller.clinic_id)
    return await create_contact(caller, data, clinic.country)


@get(f"{BASE}/contacts/{{contact_id:uuid}}", opt=READ, summary="Read a contact")
async def read_contact(caller: Caller, contact_id: FromPath[UUID]) -> ContactView:
    """With all numbers and addresses. Of somebody who was joined with another: that one."""
    async with database.reading(caller.clinic_id):
        contact_id = await find_survivor(caller.clinic_id, contact_id) or contact_id
        return await get_contact(caller.clinic_id, contact_id)


@patch(f"{BASE}/contacts/{{contact_id:uuid}}", opt=WRITE, summary="Change a contact")
async def change_contact(caller: Caller, contact_id: FromPath[UUID], data: JSONBody[ContactChange]) -> ContactView:
    """Fields left out stay."""
    return await service.rename_contact(caller, contact_id, data)


@put(f"{BASE}/contacts/{{contact_id:uuid}}/consent", opt=WRITE, summary="Write down what a person allows")
async def change_consent(caller: Caller, contact_id: FromPath[UUID], data: JSONBody[ConsentChange]) -> ContactView:
    """For all numbers or addresses of that kind. 409 ``opted_out`` where the person stopped it by a message."""
    return await service.change_consent(caller, contact_id, data)


ROUTES = [contacts, add_contact, read_contact, change_contact, change_consent]
