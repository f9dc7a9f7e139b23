"""WhatsApp through Gallabox."""

from __future__ import annotations

from litestar import asgi
from litestar.types import Receive, Scope, Send

from app.channels.service import GallaboxWire, load_channel
from app.inbox.receiving import deliver, id_of, store
from app.kit.errors import NotFound


@asgi("/webhooks/gallabox", is_mount=True, copy_scope=False)
async def gallabox(scope: Scope, receive: Receive, send: Send) -> None:
    """A message of a patient, what became of one of ours, or a decision about a prepared text (``<channel>``)."""

    async def take(body: bytes) -> None:
        channel = await load_channel(id_of(scope["path"].strip("/")))
        if not isinstance(channel.wire, GallaboxWire):
            raise NotFound
        await store(channel, channel.wire.receive("", scope["query_string"], scope["headers"], body), body)

    await deliver(scope, receive, send, take)
