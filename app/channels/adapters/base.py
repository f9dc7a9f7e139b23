"""What every provider's adapter takes and gives. Adapters return values; only services write rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

Kind = Literal["sms", "whatsapp", "email", "webchat"]
Status = Literal["queued", "sending", "sent", "delivered", "read", "failed"]
OptOut = Literal["stop", "start", "help"]
Headers = Iterable[tuple[bytes, bytes]]

# -- in


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file the provider holds for us; fetched later, by a job, from the provider's own hosts only.

    ``url`` is an address, or ``media:<id>`` where the provider gives an id. A mail brings its files along: then
    ``content`` holds the bytes, which are stored before the mail is acknowledged, and ``url`` is empty.
    """

    url: str
    type: str
    name: str = ""
    size: int | None = None
    sha256: str | None = None
    content_id: str | None = None
    """Of a picture inside a mail's HTML (``cid:``)."""
    content: bytes | None = None


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What only some channels have. Stored with the message as JSON, shown by the desk, absent where empty."""

    sent_at: dt.datetime | None = None
    """By the provider's clock; WhatsApp's 24 hours run from then."""
    reply_to: str | None = None
    """The provider's id of the message this one answers."""
    reply_words: str | None = None
    """How that one begins, where it is in the conversation; found when this one came."""
    button: str | None = None
    """What a tapped quick-reply button stands for."""
    location: dict[str, Any] | None = None
    """``{"latitude", "longitude", "name", "address"}``."""
    contacts: list[dict[str, Any]] = []
    """Shared address cards: ``{"name", "phones"}``."""
    forwarded: bool = False
    unsupported: bool = False
    """It is of a kind that the provider or we cannot show: people are told so instead of seeing an empty text."""
    template: dict[str, Any] | None = None
    """The approved text we sent: ``{"name", "language", "values"}``."""
    subject: str | None = None
    mail_id: str | None = None
    """Message-ID, with its angle brackets."""
    references: list[str] = []
    cc: list[str] = []
    html: str | None = None
    """Cleaned by the allow-list; shown in a frame without scripts all the same. Kept beside the message, not in it."""
    has_html: bool = False
    has_remote_pictures: bool = False
    """Its HTML shows pictures from somebody's server, who would learn that it was read."""
    quoted_at: int | None = None
    """Characters of the body after which only quoted history and signatures follow."""
    auto_reply: bool = False
    """Written by a machine: never answered by one."""


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
    is_answered: bool = False
    """The provider says that it has answered the word of ``opt_out`` itself."""
    details: Details = Details()


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """An emoji on one of the messages; None takes it off. The newest of each person counts, whatever comes first."""

    provider_id: str
    """Of the message reacted to."""
    from_address: str
    emoji: str | None
    at: dt.datetime


class Bounce(msgspec.Struct, frozen=True, kw_only=True):
    """A mail of ours did not arrive, or annoyed: the address is not written to any more where ``final``."""

    address: str
    reason: str
    final: bool
    complaint: bool = False
    mail_id: str | None = None
    """Message-ID of our mail, where the report names it."""
    token: str | None = None


class TemplateReport(msgspec.Struct, frozen=True, kw_only=True):
    """A provider approved, refused or paused one of the prepared texts."""

    name: str
    language: str
    status: str


class ChannelTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """The provider says something about the number itself: quality, limits, a lock. ``text`` is for people."""

    text: str


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message we sent. ``token`` names the attempt even where its provider id never reached us."""

    provider_id: str
    status: Status
    error_code: str | None = None
    token: str | None = None
    at: dt.datetime | None = None
    """By the provider's clock."""


Item = InboundMessage | StatusReport | Reaction | Bounce | TemplateReport | ChannelTrouble


class Delivery(msgspec.Struct, frozen=True):
    """What one genuine call brought. ``unrouted`` says why it is not ours to store as a message, in plain words."""

    items: list[Item] = []
    unrouted: str | None = None
    ignored: str | None = None
    """Why nothing of it is kept although it is genuine, for the log: an event we have no use for."""


# -- out


class OutboundFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to send along. ``url`` is a short-lived signed link, for providers that fetch; others get the bytes."""

    name: str
    type: str
    size: int
    url: str
    read: Callable[[], Awaitable[bytes]]


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
    files: list[OutboundFile] = []
    name: str = ""
    """The person's, for providers that want one."""
    details: Details = Details()
    """Subject, template, and what it answers."""
    reply_to: str | None = None
    """A mail address for answers that carries the thread's token."""
    from_name: str = ""
    """The clinic's, as a mail shows it."""
    taken: Mapping[int, str] = {}
    """Of a message that goes in several parts: those that left at an earlier attempt, by place, with their ids."""
    note_part: Callable[[int, str], Awaitable[None]] | None = None
    """Called when the provider has taken a part, before the next one is tried: place and id."""


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


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """What an adapter is made from: one channel as it stands."""

    channel_id: UUID
    clinic_id: UUID
    kind: Kind
    provider: str
    address: str
    webhook_url: str
    credentials: dict[str, Any]
    secret: str
    """The program's own, for tokens in addresses."""
    timeout: float


class Wire(Protocol):
    """The receiving half: what a provider's calls look like and how they are signed. Pure."""

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:
        """Verify one call to ``webhook_url + suffix``, then parse it. Pure. Raises ``Forged`` or ``Malformed``."""
        ...


class Adapter(Wire, Protocol):
    """One connected number or mailbox, spoken to in its provider's way. Made once, used by many requests at a time."""

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


class MediaSource(Protocol):
    """What an adapter offers besides, where its provider keeps the files of a message until we fetch them."""

    async def media_url(self, reference: str) -> tuple[str, dict[str, str]]:
        """Return where the file of an ``Attachment.url`` lies now, and the headers that open it there.

        The headers carry the channel's sign-in and are for exactly this address: never send them on to where it
        redirects. A provider may have to be asked first; raises one of ``LOOKUP_ERRORS`` when it does not tell.
        """
        ...
