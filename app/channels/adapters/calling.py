"""Calls to providers: one pool of connections a process, and sends that are written once and before their deadline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import httpx
import structlog

from app.channels.adapters.base import Accepted, Outbound, Refused, Result, Unknown
from app.kit import clock

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Sequence

log = structlog.get_logger()

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()


def client() -> httpx.AsyncClient:
    """Return the connection pool of this process (a client belongs to one event loop)."""
    loop = asyncio.get_running_loop()
    found = _clients.get(loop)
    if found is None or found.is_closed:
        found = _clients[loop] = httpx.AsyncClient(
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=15),
            timeout=None,  # every call has a total time-out of its own  # noqa: S113
            follow_redirects=False,
            trust_env=False,
        )
    return found


async def close_connections() -> None:
    """Close the pool of this process."""
    found = _clients.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.aclose()


class Late(Exception):
    """The attempt's deadline passed before anything was written."""


class Attempt:
    """Watches one call: nothing is written after ``expires_at``, and whether something was is known afterwards."""

    def __init__(self, expires_at: dt.datetime) -> None:
        self._expires_at = expires_at
        self.written = False

    async def watch(self, event: str, _info: dict[str, Any]) -> None:
        """Follow the call (httpx's ``trace`` extension)."""
        if event.endswith("send_request_headers.started"):
            # The last moment before the socket: a process that was frozen must not send what nobody waits for.
            if clock.now() >= self._expires_at:
                raise Late
            self.written = True


async def post_once(
    url: str, outbound: Outbound, seconds: float, *, json: dict[str, Any], headers: dict[str, str]
) -> httpx.Response | Refused | Unknown:
    """Post one attempt, without retries. No answer means not taken if nothing was written, else unknown."""
    attempt = Attempt(outbound.expires_at)
    left = min(seconds, (outbound.expires_at - clock.now()).total_seconds())
    try:
        async with asyncio.timeout(left):
            return await client().post(url, json=json, headers=headers, extensions={"trace": attempt.watch})
    except Late:
        return Refused("late", "It took too long to get to the provider. It will be tried again.", final=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
        name = type(error).__name__
        log.warning("provider.no_answer", host=httpx.URL(url).host, error=name, written=attempt.written)
        if attempt.written:
            return Unknown(f"no answer ({name})")
        return Refused("unreachable", "The provider cannot be reached. It will be tried again.", final=False)


async def post_parts(
    parts: Sequence[dict[str, Any]], outbound: Outbound, post: Callable[[dict[str, Any]], Awaitable[Result]]
) -> Result:
    """Send a message's parts one after the other, each at most once; the id is that of the first.

    What left at an earlier attempt is passed over, and what leaves now is noted before the next part is tried. So a
    part that was refused can be tried again without those before it. Where nobody takes notes, what has left in part
    must not be sent again by a machine: a person decides about the rest.
    """
    taken = dict(outbound.taken)
    for place, part in enumerate(parts):
        if place in taken:
            continue
        result = await post(part)
        if not isinstance(result, Accepted):
            is_noted = outbound.note_part is not None or not taken
            return result if is_noted else Unknown("only a part of it was taken")
        taken[place] = result.provider_id
        if outbound.note_part is not None and len(parts) > 1:
            await outbound.note_part(place, result.provider_id)
    if not taken:
        return Refused("empty", "There is nothing in this message.", final=True)
    return Accepted(taken[min(taken)])


def document(answer: httpx.Response) -> dict[str, Any]:
    """Return an answer's JSON object; empty where it is something else."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def retry_after(answer: httpx.Response) -> float | None:
    """Return the seconds an answer asks us to wait, five minutes at most."""
    text = answer.headers.get("Retry-After", "")
    return min(float(text), 300.0) if text.isascii() and text.isdigit() else None
