"""Where providers deliver: verify, store, commit, and only then 2xx (contract section 5, R1, R3).

Bare ASGI handlers: at thousands of deliveries a second Litestar's request handling is most of the cost. The channel
verifies and parses; the message is made here, because the inbox owns it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import structlog
from litestar import asgi
from litestar.types import Receive, Scope, Send

from app.channels.errors import Forged, Malformed
from app.channels.service import InboundMessage, StatusReport, count_forged, keep_unrouted, load_channel, note_inbound
from app.inbox import service
from app.kit.errors import NotFound, OrasyncError
from app.kit.ids import as_uuid
from app.kit.problem import problem_bytes

if TYPE_CHECKING:
    from uuid import UUID

    from app.channels.service import ConnectedChannel

log = structlog.get_logger()

LARGEST = 3 * 1024 * 1024
"""Bytes of a webhook's body (Meta sends up to that)."""

_EMPTY_TWIML = b"<Response/>"


class _TooLarge(Exception):
    pass


async def _read(scope: Scope, receive: Receive) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > LARGEST):
            raise _TooLarge
    body = b""
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The caller hung up.")
        body += message.get("body", b"")
        if len(body) > LARGEST:
            raise _TooLarge
        if not message.get("more_body"):
            return body


async def _answer(
    send: Send, status: int, body: bytes, media_type: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _refuse(send: Send, status: int, code: str, detail: str) -> None:
    headers = ((b"retry-after", b"1"),) if status == 503 else ()
    await _answer(send, status, problem_bytes(status, code, detail), b"application/problem+json", headers)


def _id_of(channel_name: str) -> UUID:
    channel_id = as_uuid(channel_name)
    if channel_id is None:
        raise NotFound
    return channel_id


async def _take(channel: ConnectedChannel, suffix: str, scope: Scope, body: bytes) -> None:
    """Verify, parse and store one delivery; returns after the commit."""
    delivery = channel.adapter.receive(suffix, scope["query_string"], scope["headers"], body)
    if delivery.unrouted:
        await keep_unrouted(channel, delivery.unrouted, body)
        return
    for item in delivery.items:
        if isinstance(item, InboundMessage):
            await service.receive(channel, item, item.raw)
            note_inbound(channel)
        elif isinstance(item, StatusReport):
            await service.apply_report(channel, item)


async def _deliver(scope: Scope, receive: Receive, send: Send, channel_name: str, suffix: str) -> None:
    if scope.get("method") != "POST":
        await _refuse(send, 405, "method_not_allowed", "Deliver by POST.")
        return
    try:
        body = await _read(scope, receive)
        channel = await load_channel(_id_of(channel_name))
        await _take(channel, suffix, scope, body)
    except _TooLarge:
        await _refuse(send, 413, "too_large", "A delivery can have 3 MiB.")
    except Forged:
        count_forged()
        await _refuse(send, 403, "forged", "The signature does not fit.")
    except Malformed as error:
        await _refuse(send, 400, "malformed", error.detail)
    except NotFound:
        await _refuse(send, 404, "not_found", "No channel has this address.")
    except OrasyncError as error:
        await _refuse(send, error.status, error.code, error.detail)
    except asyncpg.PostgresError as error:
        log.warning("webhook.not_stored", error=type(error).__name__)
        await _refuse(send, 503, "unavailable", "It could not be stored. Please deliver again.")
    else:
        await _answer(send, 200, _EMPTY_TWIML, b"text/xml")


# Mounted, because an ASGI handler with a path parameter fails in Litestar 2.25 (KeyError on the method). What lies
# below the mount, "<channel>" or "<channel>/status", arrives as the path.
@asgi("/webhooks/twilio", is_mount=True, copy_scope=False)
async def twilio(scope: Scope, receive: Receive, send: Send) -> None:
    """A text or WhatsApp message of a patient through Twilio, or what became of one of ours."""
    channel, _, rest = scope["path"].strip("/").partition("/")
    if rest not in {"", "status"}:
        await _refuse(send, 404, "not_found", "No channel has this address.")
        return
    await _deliver(scope, receive, send, channel, "/status" if rest else "")


ROUTES = [twilio]
