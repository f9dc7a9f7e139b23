"""One delivery of a provider: verify, store, commit, and only then 2xx (contract section 5, R1, R3).

Shared by the doors in ``webhooks/``. The channel verifies and parses; the message is made here, where it belongs.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from app.channels.errors import Forged, Malformed
from app.channels.service import InboundMessage, Reaction, StatusReport, count_forged, keep_unrouted
from app.config import settings
from app.inbox import service
from app.kit.errors import NotFound, OrasyncError
from app.kit.ids import as_uuid
from app.kit.problem import problem_bytes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from litestar.types import Receive, Scope, Send

    from app.channels.service import ConnectedChannel, Delivery, Item

log = structlog.get_logger()

LARGEST = 3 * 1024 * 1024
"""Bytes of a webhook's body (Meta sends up to that)."""

OK, TWIML = (b"{}", b"application/json"), (b"<Response/>", b"text/xml")
"""Answers to a stored delivery, and their types."""


class _TooLarge(Exception):
    pass


async def _read(scope: Scope, receive: Receive, largest: int) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > largest):
            raise _TooLarge
    body = b""
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The caller hung up.")
        body += message.get("body", b"")
        if len(body) > largest:
            raise _TooLarge
        if not message.get("more_body"):
            return body


async def answer(
    send: Send, status: int, body: bytes, media_type: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Send a whole answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def refuse(send: Send, status: int, code: str, detail: str) -> None:
    """Send a problem."""
    headers = ((b"retry-after", b"1"),) if status == 503 else ()
    await answer(send, status, problem_bytes(status, code, detail), b"application/problem+json", headers)


def id_of(channel_name: str) -> UUID:
    """Return the id in a path; raises ``NotFound`` for anything else."""
    channel_id = as_uuid(channel_name)
    if channel_id is None:
        raise NotFound
    return channel_id


async def store(channel: ConnectedChannel, delivery: Delivery, body: bytes) -> None:
    """Store what one genuine delivery brought; returns after the commit.

    One call may bring many things (Meta sends up to a thousand): they share commits, and one that cannot be stored is
    kept as unrouted and does not take the others with it. Raises when the database is away: the provider comes again.
    """
    if delivery.unrouted:
        await keep_unrouted(channel, delivery.unrouted, body)
    if delivery.ignored:
        log.info("webhook.ignored", reason=delivery.ignored, channel=str(channel.id))
    queues: dict[str, list[Item]] = {}
    for item in delivery.items:
        queues.setdefault(_whose(item), []).append(item)
    outcomes = await asyncio.gather(*(_take_in_order(channel, items) for items in queues.values()))
    if not all(outcomes):
        await keep_unrouted(channel, "Something in it cannot be stored.", body)


def _whose(item: Item) -> str:
    """Name the queue of an item: what one person wrote stays in its order, and so do the states of one message."""
    match item:
        case InboundMessage() | Reaction():
            return f"from {item.from_address}"
        case StatusReport():
            return f"of {item.provider_id}"
        case _:
            return ""


async def _take_in_order(channel: ConnectedChannel, items: list[Item]) -> bool:
    """Store one queue, what somebody thinks of a message after the message. Says whether all could be stored."""
    stored = True
    for item in sorted(items, key=lambda one: isinstance(one, Reaction)):
        try:
            await service.take(channel, item)
        except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
            log.warning("webhook.item_not_stored", error=type(error).__name__, channel=str(channel.id))
            stored = False
    return stored


async def deliver(
    scope: Scope,
    receive: Receive,
    send: Send,
    take: Callable[[bytes], Awaitable[None]],
    *,
    largest: int = LARGEST,
    ok: tuple[bytes, bytes] = OK,
) -> None:
    """Answer one POST: ``take`` gets the whole body and returns after the commit, or raises why it is refused."""
    if scope.get("method") != "POST":
        await refuse(send, 405, "method_not_allowed", "Deliver by POST.")
        return
    try:
        body = await _read(scope, receive, largest)
        # What is given up here may still be committed: delivered again, it is recognised as a repeat.
        async with asyncio.timeout(settings().request_timeout):
            await take(body)
    except TimeoutError:
        await refuse(send, 503, "unavailable", "It took too long to store. Please deliver again.")
    except _TooLarge:
        await refuse(send, 413, "too_large", f"A delivery can have {largest // 1024**2} MiB.")
    except Forged:
        count_forged()
        await refuse(send, 403, "forged", "The signature does not fit.")
    except Malformed as error:
        await refuse(send, 400, "malformed", error.detail)
    except NotFound:
        await refuse(send, 404, "not_found", "No channel has this address.")
    except OrasyncError as error:
        await refuse(send, error.status, error.code, error.detail)
    except asyncpg.PostgresError as error:
        log.warning("webhook.not_stored", error=type(error).__name__)
        await refuse(send, 503, "unavailable", "It could not be stored. Please deliver again.")
    else:
        await answer(send, 200, *ok)
