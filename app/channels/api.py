"""Channels over HTTP (contract section 6)."""

from __future__ import annotations

from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.channels import service
from app.channels.schemas import (
    ChannelChange,
    ChannelDraft,
    ChannelPage,
    ChannelView,
    TemplatePage,
    TestRequest,
    TestResult,
)
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}/channels"
READ, MANAGE = {"operation": "channels.read"}, {"operation": "channels.manage"}
Caller = NamedDependency[Principal]


@get(BASE, opt=READ, summary="List the channels")
async def list_channels(caller: Caller) -> ChannelPage:
    """Every connected number, mailbox and widget with its state. Credentials are never shown, only how they end."""
    return ChannelPage(await service.list_channels(caller.clinic_id))


@post(BASE, opt=MANAGE, summary="Connect a channel")
async def connect_channel(caller: Caller, data: JSONBody[ChannelDraft]) -> ChannelView:
    """Without usable credentials it is a practice run. ``webhook_url`` is what to enter at the provider."""
    return await service.connect_channel(caller, data)


@get(f"{BASE}/{{channel_id:uuid}}", opt=READ, summary="Read a channel")
async def read_channel(caller: Caller, channel_id: FromPath[UUID]) -> ChannelView:
    """One channel with its state."""
    return await service.get_channel(caller.clinic_id, channel_id)


@patch(f"{BASE}/{{channel_id:uuid}}", opt=MANAGE, summary="Change a channel")
async def change_channel(caller: Caller, channel_id: FromPath[UUID], data: JSONBody[ChannelChange]) -> ChannelView:
    """Fields left out stay; given credentials replace all that were stored."""
    return await service.change_channel(caller, channel_id, data)


@delete(f"{BASE}/{{channel_id:uuid}}", opt=MANAGE, summary="Remove a channel")
async def remove_channel(caller: Caller, channel_id: FromPath[UUID]) -> None:
    """Its deliveries are refused from now on; conversations stay."""
    await service.remove_channel(caller, channel_id)


@post(f"{BASE}/{{channel_id:uuid}}/test", opt=MANAGE, status_code=200, summary="Send a test to me")
async def send_test(caller: Caller, channel_id: FromPath[UUID], data: JSONBody[TestRequest]) -> TestResult:
    """One message outside any conversation; three in a row, then one a minute."""
    return await service.send_test(caller, channel_id, data.to)


@get(f"{BASE}/{{channel_id:uuid}}/templates", opt={"operation": "inbox.read"}, summary="List the approved texts")
async def list_templates(caller: Caller, channel_id: FromPath[UUID]) -> TemplatePage:
    """What a WhatsApp number may send when the patient's last message is older than 24 hours."""
    return await service.list_templates(caller.clinic_id, channel_id)


@post(f"{BASE}/{{channel_id:uuid}}/templates/sync", opt=MANAGE, status_code=200, summary="Fetch the approved texts")
async def sync_templates(caller: Caller, channel_id: FromPath[UUID]) -> TemplatePage:
    """Asks the provider now; this also happens by itself every six hours."""
    return await service.sync_templates(caller, channel_id)


ROUTES = [
    list_channels,
    connect_channel,
    read_channel,
    change_channel,
    remove_channel,
    send_test,
    list_templates,
    sync_templates,
]
