"""Connecting numbers and mailboxes: add, change, remove, try."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

from app.channels.adapters.base import Accepted, Details, Outbound, Refused
from app.channels.errors import ChannelTaken
from app.channels.events import ChannelHealthChanged
from app.channels.schemas import (
    CREDENTIALS,
    PROVIDERS_OF,
    ChannelChange,
    ChannelDraft,
    ChannelView,
    SetupLine,
    TestResult,
)
from app.channels.service import credentials
from app.channels.service.loading import ADAPTERS, OURS, SELECT, ConnectedChannel, load_channel, tell_changed
from app.channels.site import check_settings
from app.config import settings
from app.events.service import Work, unit_of_work
from app.kit import clock, database
from app.kit.errors import Invalid, NotFound, TooMany
from app.kit.ids import new_id
from app.kit.phone import parse_phone

if TYPE_CHECKING:
    from uuid import UUID

    from app.kit.principal import Principal

ROUTE_KEYS = {"whatsapp_cloud": "phone_number_id"}
"""Which of a provider's credentials a webhook shared by all its numbers routes by. It is no secret."""
ACCOUNTS = {"whatsapp_cloud": "waba_id"}
"""Which of them names the account that several numbers may belong to; kept in the channel's settings. No secret."""
TESTS_PER_MINUTE, TESTS_AT_ONCE = 1, 3


async def list_channels(clinic_id: UUID) -> list[ChannelView]:
    """Return the clinic's channels, oldest first."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(f"{SELECT} and c.removed_at is null order by c.created_at, c.id", clinic_id)
    return [ConnectedChannel(row).view for row in rows]


async def get_channel(clinic_id: UUID, channel_id: UUID) -> ChannelView:
    """Return one channel; raises ``NotFound``."""
    async with database.reading(clinic_id) as connection:
        return (await _read(connection, clinic_id, channel_id)).view


async def setup_lines(clinic_id: UUID) -> dict[UUID, list[SetupLine]]:
    """Return what to copy to each channel's provider; for those who may manage channels."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(f"{SELECT} and c.removed_at is null", clinic_id)
    return {channel.id: channel.setup for channel in map(ConnectedChannel, rows)}


async def _read(connection: asyncpg.Connection, clinic_id: UUID, channel_id: UUID) -> ConnectedChannel:
    row = await connection.fetchrow(f"{SELECT} and c.id = $2 and c.removed_at is null", clinic_id, channel_id)
    if row is None:
        raise NotFound("This channel is not connected.")
    return ConnectedChannel(row)


async def connect_channel(principal: Principal, draft: ChannelDraft) -> ChannelView:
    """Connect a number, mailbox or widget. Raises ``Invalid`` naming the fields, ``ChannelTaken``."""
    clinic_id, channel_id = principal.clinic_id, new_id()
    if draft.provider not in PROVIDERS_OF[draft.kind]:
        raise Invalid.field("provider", f"For {draft.kind} choose one of: {', '.join(PROVIDERS_OF[draft.kind])}.")
    given = _given(draft.provider, draft.mode, draft.credentials)
    mode, kept = _decide(draft.provider, draft.mode, given)
    try:
        async with unit_of_work(clinic_id, principal) as work:
            country = await work.connection.fetchval("select country from clinic where id = $1", clinic_id)
            address = _address(draft, country)
            sealed = await credentials.seal(work.connection, clinic_id, channel_id, kept) if kept else None
            await work.connection.execute(
                "insert into channel (id, clinic_id, kind, provider, address, mode, credentials, send_per_minute, "
                "route_key, settings, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                channel_id,
                clinic_id,
                draft.kind,
                draft.provider,
                address,
                mode,
                sealed,
                draft.send_per_minute,
                _used(draft.provider, mode, kept).get(ROUTE_KEYS.get(draft.provider, "")),
                _settings(draft.provider, mode, kept),
                clock.now(),
            )
            view = await _tell(work, channel_id)
            _fetch_templates(work, view)
            work.audit(
                "channel.connected", "channel", channel_id, mode=view.mode, kind=draft.kind, provider=draft.provider
            )
    except asyncpg.UniqueViolationError as error:
        raise ChannelTaken(
            "This number or address is connected already.",
            errors=({"key": "address", "message": "This number or address is connected already."},),
        ) from error
    tell_changed(channel_id)
    return view


async def change_channel(principal: Principal, channel_id: UUID, change: ChannelChange) -> ChannelView:
    """Change mode, credentials or send limit. Locks the channel."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        await work.connection.execute(
            "select 1 from channel where clinic_id = $1 and id = $2 for no key update", clinic_id, channel_id
        )
        row = await work.connection.fetchrow(f"{SELECT} and c.id = $2 and c.removed_at is null", clinic_id, channel_id)
        if row is None:
            raise NotFound("This channel is not connected.")
        stored = credentials.unseal(row["data_key"], row["credentials"], clinic_id, channel_id)
        wanted = row["mode"] if change.mode is msgspec.UNSET else change.mode
        kept: dict[str, Any] = stored
        if change.credentials is not msgspec.UNSET:
            kept = _given(row["provider"], wanted, change.credentials)
        mode, kept = _decide(row["provider"], wanted, kept)
        chosen: dict[str, Any] = {}
        if change.settings is not msgspec.UNSET:
            chosen = check_settings(row["kind"], msgspec.json.decode(row["settings"]), change.settings)
        sealed = (
            row["credentials"]
            if kept == stored
            else await credentials.seal(work.connection, clinic_id, channel_id, kept)
        )
        limit = row["send_per_minute"] if change.send_per_minute is msgspec.UNSET else change.send_per_minute
        # A corrected channel starts anew: whether it works shows itself at the next message.
        await work.connection.execute(
            "update channel set mode = $3, credentials = $4, send_per_minute = $5, "
            "state = case when $6 then 'new' else state end, last_error = case when $6 then null else last_error end, "
            "failure_count = case when $6 then 0 else failure_count end, route_key = $7, "
            "settings = (settings::jsonb || $8::jsonb)::json where clinic_id = $1 and id = $2",
            clinic_id,
            channel_id,
            mode,
            sealed,
            limit,
            kept != stored or mode != row["mode"],
            _used(row["provider"], mode, kept).get(ROUTE_KEYS.get(row["provider"], "")),
            _settings(row["provider"], mode, kept, chosen),
        )
        view = await _tell(work, channel_id)
        if kept != stored or mode != row["mode"]:
            _fetch_templates(work, view)
        work.audit(
            "channel.changed",
            "channel",
            channel_id,
            mode=view.mode,
            credentials_changed=kept != stored,
            send_per_minute=limit,
            **({"settings": chosen} if chosen else {}),
        )
    tell_changed(channel_id)
    return view


async def remove_channel(principal: Principal, channel_id: UUID) -> None:
    """Disconnect a channel: its deliveries are refused from now on, its secrets are gone, its messages stay."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        channel = await _read(work.connection, clinic_id, channel_id)
        await work.connection.execute(
            "update channel set removed_at = now(), credentials = null "
            "where clinic_id = $1 and id = $2 and removed_at is null",
            clinic_id,
            channel_id,
        )
        work.record(ChannelHealthChanged(channel=channel.told, removed=True))
        work.audit("channel.removed", "channel", channel_id, kind=channel.kind, address=channel.address)
    tell_changed(channel_id)


async def send_test(principal: Principal, channel_id: UUID, to: str) -> TestResult:
    """Send one message to the caller's own phone, outside any conversation, so that they see the channel work."""
    clinic_id = principal.clinic_id
    async with database.reading(clinic_id) as connection:
        await _read(connection, clinic_id, channel_id)
        clinic = await connection.fetchrow("select name, country from clinic where id = $1", clinic_id)
    channel = await load_channel(channel_id)
    address = to.strip().lower()
    if channel.kind in {"sms", "whatsapp"}:
        phone = parse_phone(to, clinic["country"])
        if not phone.reachable:
            raise Invalid.field("to", "This does not look like a phone number.")
        address = phone.address
    if settings().rate_limits:
        wait = await database.fetchval(
            "select rate_take($1, $2, $3)", f"test:{clinic_id}", TESTS_PER_MINUTE / 60, TESTS_AT_ONCE
        )
        if wait > 0:
            raise TooMany("Three tests in a row are enough. Try again in a minute.", retry_after=wait)
    result = await channel.adapter.send(
        Outbound(
            to=address,
            from_=channel.address,
            body=f"This is a test from {clinic['name']}: your channel works.",
            details=Details(subject=f"A test from {clinic['name']}") if channel.kind == "email" else Details(),
            token="",
            message_id=new_id(),
            expires_at=clock.now() + dt.timedelta(seconds=settings().send_timeout),
        )
    )
    if isinstance(result, Accepted):
        text = "A practice run: it would be on its way now." if channel.mode == "simulated" else "It is on its way."
        return TestResult("accepted", text, result.provider_id)
    if isinstance(result, Refused):
        return TestResult("refused", result.text)
    return TestResult("unknown", "The provider did not answer. Look at your phone before you try again.")


# -- rules


def _given(provider: str, mode: str, given: dict[str, Any]) -> dict[str, Any]:
    """Check what was given. A practice run needs nothing, and then takes what it gets in any part of the shape."""
    if not given:
        return {}
    if mode == "simulated" and provider in CREDENTIALS:
        # Every field is optional here: fill the rest, so that the shape is checked and the secrets are whole.
        return credentials.check(provider, {**_filling(provider), **given})
    return credentials.check(provider, given)


def _filling(provider: str) -> dict[str, Any]:
    return credentials.made_up(provider)


def _decide(provider: str, mode: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the mode a channel gets and what to store: without usable credentials it is a practice run."""
    if mode == "live" and provider not in ADAPTERS and credentials.usable(given):
        # Real sign-in details of a provider we cannot speak to yet: better refused than silently not used.
        raise Invalid.field("mode", "This provider can only be connected as a practice run in this version.")
    if mode == "live" and provider in OURS:
        return "live", given
    if mode == "live" and (credentials.usable(given) or (credentials.of_process(provider) and not given)):
        return "live", given
    return "simulated", given or credentials.made_up(provider)


def _used(provider: str, mode: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Return the sign-in details a channel is used with: its own, or the program's."""
    return kept or (credentials.of_process(provider) if mode == "live" else {})


def _settings(provider: str, mode: str, kept: dict[str, Any], chosen: dict[str, Any] | None = None) -> str:
    """Return what goes into the channel's settings, as JSON."""
    name = ACCOUNTS.get(provider)
    account = {"account": _used(provider, mode, kept).get(name)} if name else {}
    return msgspec.json.encode({**account, **(chosen or {})}).decode()


def _address(draft: ChannelDraft, country: str) -> str:
    text = draft.address.strip()
    if draft.kind in {"sms", "whatsapp"}:
        if not text and draft.provider == "twilio":
            text = settings().twilio_from or ""
        if draft.kind == "sms" and text.isascii() and text.isdigit() and len(text) in {5, 6}:
            return text  # a short code
        phone = parse_phone(text, country)
        if not phone.reachable:
            raise Invalid.field("address", "Enter the number with its country code, for example +1 555 010 0001.")
        return phone.address
    if draft.kind == "email":
        name, _, domain = text.partition("@")
        if not name or "." not in domain or any(c.isspace() for c in text):
            raise Invalid.field("address", "Enter the e-mail address of the mailbox.")
        return text.lower()
    if not text or not text.isprintable():
        raise Invalid.field("address", "Give the chat a name, for example the address of your website.")
    return text


def _fetch_templates(work: Work, channel: ChannelView) -> None:
    if channel.kind == "whatsapp" and channel.mode == "live":
        work.enqueue("template_sync", channel_id=channel.id)


async def _tell(work: Work, channel_id: UUID) -> ChannelView:
    channel = await _read(work.connection, work.clinic_id, channel_id)
    work.record(ChannelHealthChanged(channel=channel.told))
    return channel.view
