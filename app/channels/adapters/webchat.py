"""The chat on a clinic's site. We are its provider: a message is accepted at once and waits for its reader here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.channels.adapters.base import (
    Accepted,
    Connection,
    Delivery,
    Headers,
    InboundMessage,
    Outbound,
    Refused,
    Result,
    SentMessage,
)
from app.channels.errors import Forged
from app.kit import clock

if TYPE_CHECKING:
    import datetime as dt


class WebchatAdapter:
    """One clinic's chat. That it arrived is reported when the visitor's page has it, that it was read by the page."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:  # noqa: ARG002
        """Refuse: no provider delivers for it, so whoever calls is none."""
        raise Forged("Visitors write through the chat itself.")

    async def send(self, outbound: Outbound) -> Result:
        """Take it: what is stored is what the visitor's page shows."""
        if clock.now() >= outbound.expires_at:
            return Refused("late", "It took too long to send. It will be tried again.", final=False)
        return Accepted(str(outbound.message_id))

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:  # noqa: ARG002
        """Return nothing: nobody but us keeps a list."""
        return []

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:  # noqa: ARG002
        """Return nothing: what a visitor's page could not hand over it still shows as not sent."""
        return []

    def failure_text(self, code: str | None) -> str:  # noqa: ARG002
        """Return what an error code means; there is only one way to fail."""
        return "It could not be put into the chat. Please try again."
