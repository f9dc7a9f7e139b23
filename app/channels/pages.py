"""The page Settings, Channels."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from app.channels import service
from app.channels.schemas import ChannelDraft, Mode
from app.kit.errors import OrasyncError
from app.kit.page import go_to, staff_page
from app.kit.principal import Principal

READ, MANAGE = {"operation": "channels.read"}, {"operation": "channels.manage"}
PATH = "/settings/channels"
SHOWN = ("address", "account_sid", "mode")
"""What a refused form shows again; never the token."""

Caller = NamedDependency[Principal]
AnyRequest = Request[Any, Any, Any]


async def _page(request: AnyRequest, caller: Principal, *, status_code: int = 200, **context: Any) -> Response[str]:
    channels = await service.list_channels(caller.clinic_id)
    return await staff_page(
        request,
        caller,
        "channels/channels.html",
        status_code=status_code,
        **{"nav": "settings", "section": "channels", "channels": channels, "connected": None, **context},
    )


@get(PATH, opt=READ, include_in_schema=False)
async def channels_page(request: AnyRequest, caller: Caller, connected: FromQuery[UUID | None] = None) -> Response[str]:
    """Show what is connected and how it does, and a form to connect a number."""
    return await _page(request, caller, connected=connected)


@post(f"{PATH}/connect", opt=MANAGE, include_in_schema=False)
async def connect(request: AnyRequest, caller: Caller) -> Response[Any]:
    """Connect a number; a refused form comes back with what was typed, but the token."""
    form = await request.form()
    values = {name: str(form.get(name, "")).strip()[:300] for name in (*SHOWN, "auth_token")}
    given = {name: values[name] for name in ("account_sid", "auth_token") if values[name]}
    mode: Mode = "simulated" if values["mode"] == "simulated" else "live"
    try:
        channel = await service.connect_channel(
            caller,
            ChannelDraft(kind="sms", provider="twilio", address=values["address"][:254], mode=mode, credentials=given),
        )
    except OrasyncError as error:
        if error.status not in {409, 422}:
            raise
        errors = {one["key"].removeprefix("credentials."): one["message"] for one in error.errors}
        return await _page(
            request,
            caller,
            status_code=error.status,
            errors=errors,
            error=None if errors else error.detail,
            values={name: values[name] for name in SHOWN},
        )
    return go_to(f"{PATH}?connected={channel.id}#channel-{channel.id}")


@post(f"{PATH}/{{channel_id:uuid}}/remove", opt=MANAGE, include_in_schema=False)
async def remove(caller: Caller, channel_id: FromPath[UUID]) -> Response[None]:
    """Remove a number."""
    await service.remove_channel(caller, channel_id)
    return go_to(f"{PATH}?saved=1")


ROUTES = [channels_page, connect, remove]
