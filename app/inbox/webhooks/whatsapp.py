"""WhatsApp through Meta's Cloud API.

One address for all numbers of an app (``/webhooks/whatsapp``, routed by Meta's ``phone_number_id``) and one a channel
(``/webhooks/whatsapp/<channel>``). GET is Meta's question whether the address is ours, POST a delivery.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import structlog
from litestar import asgi
from litestar.types import Receive, Scope, Send

from app.channels.errors import Forged, Malformed
from app.channels.service import WhatsAppCloudWire, keep_stray, load_channel, load_of_account, load_routed
from app.channels.service.whatsapp import given_signature, is_signed, read_changes, write_changes
from app.config import is_placeholder, settings
from app.inbox.receiving import answer, deliver, id_of, refuse, store
from app.kit.errors import NotFound

if TYPE_CHECKING:
    from app.channels.service import ConnectedChannel
    from app.channels.service.whatsapp import Change

log = structlog.get_logger()

PROVIDER = "whatsapp_cloud"
MOST_ASKED = 20
"""Numbers and accounts looked up for a delivery that nobody has verified yet."""
LONGEST_CHALLENGE = 200
_NOWHERE = "No channel has this address."


@asgi("/webhooks/whatsapp", is_mount=True, copy_scope=False)
async def whatsapp(scope: Scope, receive: Receive, send: Send) -> None:
    """Messages of patients, states of ours, and what Meta says about numbers, accounts and prepared texts."""
    name = scope["path"].strip("/")
    if scope.get("method") == "GET":
        await _confirm(name, scope["query_string"], send)
        return

    async def take(body: bytes) -> None:
        if not name:
            await _take_shared(given_signature(scope["headers"]), body)
            return
        channel, wire = await _channel_named(name)
        await store(channel, wire.receive("", scope["query_string"], scope["headers"], body), body)

    await deliver(scope, receive, send, take)


async def _channel_named(name: str) -> tuple[ConnectedChannel, WhatsAppCloudWire]:
    channel = await load_channel(id_of(name))
    if not isinstance(channel.wire, WhatsAppCloudWire):
        raise NotFound(_NOWHERE)
    return channel, channel.wire


# -- the question


async def _confirm(name: str, query: bytes, send: Send) -> None:
    """Answer Meta's question with its challenge, as plain text, to whoever knows the verify token."""
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    mode, token, challenge = (asked.get(f"hub.{word}", [""])[0] for word in ("mode", "verify_token", "challenge"))
    try:
        wanted = (await _channel_named(name))[1].verify_token if name else settings().whatsapp_verify_token
    except NotFound:
        await refuse(send, 404, "not_found", _NOWHERE)
        return
    if not mode and not token and not challenge:
        await refuse(send, 400, "bad_request", "Ask with hub.mode, hub.verify_token and hub.challenge.")
    elif mode != "subscribe" or not wanted or not hmac.compare_digest(token.encode(), wanted.encode()):
        await refuse(send, 403, "forbidden", "The verify token does not fit.")
    elif not challenge or len(challenge) > LONGEST_CHALLENGE or not challenge.isprintable():
        await refuse(send, 400, "bad_request", "The challenge is missing.")
    else:
        plain = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
        await answer(send, 200, challenge.encode(), b"text/plain; charset=utf-8", plain)


# -- the shared address


async def _take_shared(given: bytes, body: bytes) -> None:
    """Store a delivery for any numbers. Each part reaches its number's clinic only if a secret of it signed the whole.

    The app's secret, if this program has one, speaks for all its numbers. Otherwise the secrets of the channels that
    the delivery names are tried: then nothing is believed but what the same secret's owners may say of themselves.
    """
    secret = settings().whatsapp_app_secret or ""
    by_app = not is_placeholder(secret) and is_signed(secret, given, body)
    try:
        changes = read_changes(body)
    except Malformed:
        if by_app:
            raise
        raise Forged from None  # it names nobody who could have signed it
    channels = await _channels_of(changes, most=None if by_app else MOST_ASKED)
    believed = [one for one in channels if by_app or is_signed(_wire(one).app_secret, given, body)]
    if not by_app and not believed:
        raise Forged
    for channel in believed:
        mine = [change for change in changes if _wire(channel).is_for(change)]
        if mine:
            await store(channel, _wire(channel).read(mine), write_changes(mine))
    if len(believed) < len(channels):
        log.warning("webhook.not_theirs", provider=PROVIDER, channels=len(channels) - len(believed))
    homeless = [one for one in changes if one.number and not any(_wire(channel).is_for(one) for channel in channels)]
    if homeless:
        reason = f"Nobody has connected the number with the ID {homeless[0].number}."
        await keep_stray(PROVIDER, reason, write_changes(homeless))


def _wire(channel: ConnectedChannel) -> WhatsAppCloudWire:
    assert isinstance(channel.wire, WhatsAppCloudWire)  # noqa: S101 - ``_channels_of`` gives no others
    return channel.wire


async def _channels_of(changes: list[Change], *, most: int | None) -> list[ConnectedChannel]:
    """Return the channels a delivery may be for: by its numbers, and by the accounts it speaks of."""
    numbers = list(dict.fromkeys(change.number for change in changes if change.number))
    accounts = list(dict.fromkeys(change.account for change in changes if change.account))
    if most is not None and len(numbers) + len(accounts) > most:
        raise Forged
    found: dict[str, ConnectedChannel] = {}
    for number in numbers:
        try:
            channel = await load_routed(PROVIDER, number)
        except NotFound:
            continue
        found[str(channel.id)] = channel
    if len(found) < len(numbers) or not all(change.number for change in changes):
        for account in accounts:
            found |= {str(channel.id): channel for channel in await load_of_account(PROVIDER, account)}
    return [channel for channel in found.values() if isinstance(channel.wire, WhatsAppCloudWire)]
