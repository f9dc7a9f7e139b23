"""Connection keys over HTTP."""

from __future__ import annotations

from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.integrations import service
from app.integrations.schemas import KeyDraft, KeyPage, NewKey
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}/keys"
MANAGE = {"operation": "keys.manage"}
Caller = NamedDependency[Principal]


@get(BASE, opt=MANAGE, summary="List connection keys")
async def list_keys(caller: Caller) -> KeyPage:
    """Without their secrets; a clinic's keys fit on one page."""
    return KeyPage(await service.list_keys(caller.clinic_id))


@post(BASE, opt=MANAGE, summary="Make a connection key")
async def create_key(caller: Caller, data: JSONBody[KeyDraft]) -> NewKey:
    """The key is shown this once."""
    return await service.create_key(caller, data)


@delete(f"{BASE}/{{key_id:uuid}}", opt=MANAGE, summary="End a connection key")
async def revoke_key(caller: Caller, key_id: FromPath[UUID]) -> None:
    """At once."""
    await service.revoke_key(caller, key_id)


ROUTES = [list_keys, create_key, revoke_key]
