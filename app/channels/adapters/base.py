"""What every provider's adapter takes and gives. Adapters return values; only services write rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal, Protocol
from uuid import UUID

import msgspec

Kind = Literal["sms", "whatsapp", "email", "webchat"]
Status = Literal["queued", "sending", "sent", "delivered", "read", "failed"]
OptOut = Literal["stop", "start", "help"]
Headers = Iterable[tuple[bytes, bytes]]

# -- in


class Attachment(msgspec.Struct, frozen=True):
    """A file the provider holds for us; fetched later, by a job, from the provider's own hosts only."""

    url: str
    type: str


class InboundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a patient. Addresses carry no prefix: E.164 for texts and WhatsApp, lower case for mail."""

    provider_id: str
    from_address: str
    to_address: str
    body: str
    raw: str
    """The body of the call as it came, for the 30 days it is kept."""
    name: str | None = None
    attachments: list[Attachment] = []
    opt_out: OptOut | None = None
    button: str | None = None
    """What a tapped quick-reply button stands for."""
    reply_to: str | None = None
    """The provider's id of the message this one answers."""
    location: tuple[float, float] | None = None


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message we sent. ``token`` names the attempt even where its provider id never reached us."""

    provider_id: str
    status: Status
    error_code: str | None = None
    token: str | None = None


class Delivery(msgspec.Struct, frozen=True):
    """What one genuine call brought. ``unrouted`` says why it is not ours to store as a message, in plain words."""

    items: list[InboundMessage | StatusReport] = []
    unrouted: str | None = None


# -- out


class Outbound(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to send. Nothing may be written to the provider's socket after ``expires_at``.

    ``token`` names the attempt in the provider's reports; without one no reports are asked for (a test message).
    """

    to: str
    from_: str
    body: str
    token: str
    message_id: UUID
    expires_at: dt.datetime
    media_urls: list[str] = []


class Accepted(msgspec.Struct, frozen=True):
    """The provider has taken the message."""

    provider_id: str


class Refused(msgspec.Struct, frozen=True):
    """Certainly not taken. ``final``: trying again cannot help. ``text`` is for people."""

    code: str
    text: str
    final: bool
    retry_after: float | None = None
    blames_channel: bool = False
    """The number or the credentials are at fault, not this one recipient."""


class Unknown(msgspec.Struct, frozen=True):
    """Nobody knows whether it was taken. It is never sent again by a machine; evidence decides."""

    reason: str


Result = Accepted | Refused | Unknown


class SentMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message the provider's own list shows: evidence that a send was taken."""

    provider_id: str
    at: dt.datetime
    status: Status
    error_code: str | None = None


class Adapter(Protocol):
    """One connected number or mailbox, spoken to in its provider's way. Made once, used by many requests at a time."""

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:
        """Verify one call to ``webhook_url + suffix``, then parse it. Pure. Raises ``Forged`` or ``Malformed``."""
        ...

    async def send(self, outbound: Outbound) -> Result:
        """Try once. Never raises for what a provider or a network can do."""
        ...

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:
        """Return what the provider's list shows of this text to this address since then, oldest first.

        Raises when the list cannot be had: no answer is not the same as "nothing there".
        """
        ...

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:
        """Return what patients sent since then, oldest first (R2: what we could not take, we fetch)."""
        ...

    def failure_text(self, code: str | None) -> str:
        """Return what an error code means, in words staff can act on."""
        ...
