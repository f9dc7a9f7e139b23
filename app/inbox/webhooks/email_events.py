"""What became of mails: SendGrid's and Postmark's reports, below the door of ``email``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.channels.service import load_channel
from app.inbox.receiving import deliver, id_of, store
from app.kit.errors import NotFound

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send


async def events(scope: Scope, receive: Receive, send: Send, channel_name: str, provider: str) -> None:
    """Take a report for a channel (``<channel>/sendgrid/events``, ``<channel>/postmark/events``)."""

    async def take(body: bytes) -> None:
        channel = await load_channel(id_of(channel_name))
        if channel.provider != provider:
            raise NotFound
        delivery = channel.wire.receive(f"/{provider}/events", scope["query_string"], scope["headers"], body)
        await store(channel, delivery, body)

    await deliver(scope, receive, send, take)
