"""Calling our own webhooks as a provider would: for the simulated providers only, who have nobody else to call."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx

from app.config import settings

if TYPE_CHECKING:
    from app.channels.adapters.simulated import SimulatedAdapter

_FORM = "application/x-www-form-urlencoded; charset=UTF-8"
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  # noqa: S104 - listening there is answering here


async def post_signed(
    client: httpx.AsyncClient, adapter: SimulatedAdapter, suffix: str, pairs: list[tuple[str, str]]
) -> httpx.Response:
    """Call our own webhook as the provider would: the public address in the signature, this machine on the wire."""
    told = settings()
    headers = {
        "Content-Type": _FORM,
        "User-Agent": "TwilioProxy/1.1 (simulated)",
        "X-Twilio-Signature": adapter.signature(suffix, pairs),
    }
    body = urlencode(pairs).encode()
    path = adapter.webhook_url.removeprefix(told.public_url) + suffix
    host = httpx.URL(told.public_url)
    try:
        near = f"http://{_EVERYWHERE.get(told.host, told.host)}:{told.port}{path}"
        return await client.post(near, content=body, headers={**headers, "Host": host.netloc.decode()})
    except httpx.ConnectError:
        if host.host in {"localhost", "127.0.0.1"}:
            raise
        # The web runs on another machine: go the way that real providers go.
        return await client.post(told.public_url + path, content=body, headers=headers)
