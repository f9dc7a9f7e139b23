"""Texts and WhatsApp through Twilio, and every practice channel: they all speak Twilio's dialect."""

from __future__ import annotations

from litestar import asgi
from litestar.types import Receive, Scope, Send

from app.channels.service import load_channel
from app.inbox.receiving import TWIML, deliver, id_of, refuse, store


@asgi("/webhooks/twilio", is_mount=True, copy_scope=False)
async def twilio(scope: Scope, receive: Receive, send: Send) -> None:
    """A message of a patient (``<channel>``), or what became of one of ours (``<channel>/status``)."""
    name, _, rest = scope["path"].strip("/").partition("/")
    if rest not in {"", "status"}:
        await refuse(send, 404, "not_found", "No channel has this address.")
        return

    async def take(body: bytes) -> None:
        channel = await load_channel(id_of(name))
        suffix = f"/{rest}" if rest else ""
        await store(channel, channel.practice_wire.receive(suffix, scope["query_string"], scope["headers"], body), body)

    await deliver(scope, receive, send, take, ok=TWIML)
