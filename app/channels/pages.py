"""The page Settings, Channels."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from app.channels import service
from app.channels.schemas import ChannelChange, ChannelDraft, Mode
from app.channels.site import WebchatSettings
from app.channels.ways import BY_KEY, WAYS, credentials_of
from app.config import settings
from app.kit.errors import Invalid, OrasyncError
from app.kit.format import amount
from app.kit.page import go_to, staff_page
from app.kit.principal import Principal

READ, MANAGE = {"operation": "channels.read"}, {"operation": "channels.manage"}
PATH = "/settings/channels"

Caller = NamedDependency[Principal]
AnyRequest = Request[Any, Any, Any]


async def _page(request: AnyRequest, caller: Principal, *, status_code: int = 200, **context: Any) -> Response[str]:
    channels = await service.list_channels(caller.clinic_id)
    manages = caller.may("channels.manage")
    setup = await service.setup_lines(caller.clinic_id) if manages else {}
    approved = await service.list_all_templates(caller.clinic_id) if manages else {}
    return await staff_page(
        request,
        caller,
        "channels/channels.html",
        status_code=status_code,
        **{
            "nav": "settings",
            "section": "channels",
            "channels": channels,
            "setup": setup,
            "approved": approved,
            "ways": WAYS,
            "way": WAYS[0],
            "connected": None,
            "changed": None,
            "public_url": settings().public_url,
            **context,
        },
    )


@get(PATH, opt=READ, include_in_schema=False)
async def channels_page(
    request: AnyRequest, caller: Caller, connected: FromQuery[UUID | None] = None, way: FromQuery[str] = ""
) -> Response[str]:
    """Show what is connected and how it does, and a form to connect a further one."""
    return await _page(request, caller, connected=connected, way=BY_KEY.get(way, WAYS[0]))


@post(f"{PATH}/connect", opt=MANAGE, include_in_schema=False)
async def connect(request: AnyRequest, caller: Caller) -> Response[Any]:
    """Connect a number, mailbox or widget; a refused form comes back with what was typed, but no secret."""
    form = await request.form()
    way = BY_KEY.get(str(form.get("way", "")), WAYS[0])
    values = {field.name: str(form.get(field.name, "")).strip()[: field.longest] for field in way.fields}
    values["mode"] = "simulated" if form.get("mode") == "simulated" else "live"
    try:
        channel = await service.connect_channel(
            caller,
            ChannelDraft(
                kind=way.kind,
                provider=way.provider,
                address=values["address"],
                mode=cast("Mode", values["mode"]),
                credentials=credentials_of(way, values),
            ),
        )
    except OrasyncError as error:
        if error.status not in {409, 422}:
            raise
        errors = {one["key"].removeprefix("credentials."): one["message"] for one in error.errors}
        secret = {field.name for field in way.fields if field.type == "password"}
        return await _page(
            request,
            caller,
            status_code=error.status,
            way=way,
            errors=errors,
            error=None if errors else error.detail,
            values={name: value for name, value in values.items() if name not in secret},
        )
    return go_to(f"{PATH}?connected={channel.id}#channel-{channel.id}")


@post(f"{PATH}/{{channel_id:uuid}}/test", opt=MANAGE, include_in_schema=False)
async def test(request: AnyRequest, caller: Caller, channel_id: FromPath[UUID]) -> Response[Any]:
    """Send a test to the number or address that was typed, and say what the provider answered."""
    to = str((await request.form()).get("to", ""))[:254]
    try:
        outcome = await service.send_test(caller, channel_id, to)
    except OrasyncError as error:
        if error.status not in {422, 429}:
            raise
        text = error.errors[0]["message"] if error.errors else error.detail
        return await _page(request, caller, status_code=error.status, tested={"id": channel_id, "text": text})
    return await _page(
        request, caller, tested={"id": channel_id, "text": outcome.text, "ok": outcome.status == "accepted"}
    )


@post(f"{PATH}/{{channel_id:uuid}}/approved", opt=MANAGE, include_in_schema=False)
async def fetch_approved(request: AnyRequest, caller: Caller, channel_id: FromPath[UUID]) -> Response[Any]:
    """Fetch what WhatsApp has approved, now."""
    try:
        page = await service.sync_templates(caller, channel_id)
    except OrasyncError as error:
        if error.status not in {409, 429}:
            raise
        told = {"id": channel_id, "text": error.detail, "ok": False}
        return await _page(request, caller, status_code=error.status, fetched=told)
    ready = sum(one.cannot is None for one in page.items)
    text = f"Fetched: {amount(ready, 'message', 'messages')} can be sent."
    return await _page(request, caller, fetched={"id": channel_id, "text": text, "ok": True})


@post(f"{PATH}/{{channel_id:uuid}}/settings", opt=MANAGE, include_in_schema=False)
async def change_settings(request: AnyRequest, caller: Caller, channel_id: FromPath[UUID]) -> Response[Any]:
    """Save what was chosen for a chat; a refused form comes back with what was typed."""
    form = await request.form()
    values = {name: str(form.get(name, "")).strip()[:6_000] for name in WebchatSettings.__struct_fields__}
    sites = values["sites"].split()
    try:
        await service.change_channel(caller, channel_id, ChannelChange(settings={**values, "sites": sites}))
    except Invalid as error:
        errors = {one["key"].removeprefix("settings."): one["message"] for one in error.errors}
        return await _page(request, caller, status_code=error.status, changed=channel_id, errors=errors, values=values)
    return go_to(f"{PATH}?saved=1#channel-{channel_id}")


@post(f"{PATH}/{{channel_id:uuid}}/words", opt=MANAGE, include_in_schema=False)
async def change_words(request: AnyRequest, caller: Caller, channel_id: FromPath[UUID]) -> Response[Any]:
    """Save who answers STOP, START and HELP."""
    chosen = (await request.form()).get("answered_by")
    await service.change_channel(
        caller, channel_id, ChannelChange(settings={"answered_by_provider": chosen == "provider"})
    )
    return go_to(f"{PATH}?saved=1#channel-{channel_id}")


@post(f"{PATH}/{{channel_id:uuid}}/remove", opt=MANAGE, include_in_schema=False)
async def remove(caller: Caller, channel_id: FromPath[UUID]) -> Response[None]:
    """Remove a number."""
    await service.remove_channel(caller, channel_id)
    return go_to(f"{PATH}?saved=1")


ROUTES = [channels_page, connect, test, fetch_approved, change_settings, change_words, remove]
