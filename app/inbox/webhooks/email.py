"""Mail that SendGrid and Postmark deliver."""

from __future__ import annotations

import asyncio
from functools import partial

from litestar import asgi
from litestar.types import Receive, Scope, Send

from app.channels.errors import Malformed
from app.channels.service import load_channel
from app.inbox.receiving import deliver, id_of, refuse, store
from app.inbox.webhooks.email_events import events
from app.kit.errors import NotFound, Unavailable

LARGEST = 25 * 1024 * 1024
"""Bytes of a mail with its files."""
QUICK = 65_536
"""Bytes up to which a mail is read at once; a larger one is read beside, and nobody waits for it."""
PROVIDERS = {"sendgrid", "postmark"}


@asgi("/webhooks/email", is_mount=True, copy_scope=False)
async def email(scope: Scope, receive: Receive, send: Send) -> None:
    """A mail of a patient (``<channel>/sendgrid``, ``<channel>/postmark``), or ``/events``: what became of ours."""
    name, _, provider = scope["path"].strip("/").partition("/")
    if provider.endswith("/events") and provider.removesuffix("/events") in PROVIDERS:
        await events(scope, receive, send, name, provider.removesuffix("/events"))
        return
    if provider not in PROVIDERS:
        await refuse(send, 404, "not_found", "No channel has this address.")
        return

    async def take(body: bytes) -> None:
        channel = await load_channel(id_of(name))
        if channel.provider != provider:
            raise NotFound
        read = partial(channel.wire.receive, f"/{provider}", scope["query_string"], scope["headers"], body)
        try:
            delivery = await asyncio.to_thread(read) if len(body) > QUICK else read()
        except Malformed as error:
            # Its sender is genuine. Both providers drop a patient's mail for good at a 4xx; this may have been cut off.
            raise Unavailable("The delivery cannot be read. Please deliver again.") from error
        await store(channel, delivery, body)

    await deliver(scope, receive, send, take, largest=LARGEST)
