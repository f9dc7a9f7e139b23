"""Channels on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Kind = Literal["sms", "whatsapp", "email", "webchat"]
Provider = Literal["twilio", "whatsapp_cloud", "gallabox", "smtp", "sendgrid", "postmark", "webchat"]
Mode = Literal["live", "simulated"]
State = Literal["new", "working", "attention"]
SendLimit = Annotated[int, Meta(ge=1, le=1_000_000)]


class ChannelDraft(msgspec.Struct, forbid_unknown_fields=True):
    """A number, mailbox or widget to connect. ``credentials`` are those of its provider (contract section 6)."""

    kind: Kind
    provider: Provider
    address: Annotated[str, Meta(max_length=254)] = ""
    mode: Mode = "live"
    credentials: dict[str, Any] = {}
    send_per_minute: SendLimit = 1000


class ChannelChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change; what is left out stays, also inside ``settings``. ``credentials`` replace all stored ones."""

    mode: Mode | msgspec.UnsetType = msgspec.UNSET
    credentials: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    send_per_minute: SendLimit | msgspec.UnsetType = msgspec.UNSET
    settings: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class SecretView(msgspec.Struct):
    """That a secret is stored, and how it ends; never more."""

    name: str
    last4: str


class ChannelView(msgspec.Struct):
    """A connected channel. ``simulated_because`` says in plain words why nothing leaves, when nothing does."""

    id: UUID
    kind: Kind
    provider: Provider
    address: str
    mode: Mode
    state: State
    last_error: str | None
    last_error_at: dt.datetime | None
    last_inbound_at: dt.datetime | None
    webhook_url: str
    send_per_minute: int
    created_at: dt.datetime
    simulated_because: str | None = None
    secrets: list[SecretView] = []
    settings: dict[str, Any] = {}
    """What people chose for this kind of channel; see ``app.channels.site``."""


class SetupLine(msgspec.Struct, frozen=True):
    """Something to copy and enter at the provider."""

    label: str
    text: str


class ChannelPage(msgspec.Struct):
    """All channels of a clinic; there are few."""

    items: list[ChannelView]
    next: str | None = None


class TestRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Where to send the test message."""

    to: Annotated[str, Meta(min_length=1, max_length=254)]


class TestResult(msgspec.Struct):
    """What the provider said about the test message."""

    status: Literal["accepted", "refused", "unknown"]
    text: str
    provider_id: str | None = None


class BlankView(msgspec.Struct):
    """Something to fill in: ``{{name}}`` in the text, in its heading or in the link of a button."""

    name: str
    example: str = ""
    place: Literal["body", "header", "button", "file"] = "body"
    link: str = ""
    """The address it completes, with the blank in it."""


class TemplateView(msgspec.Struct):
    """A text as WhatsApp keeps it. ``cannot`` says in plain words why it cannot be sent now; null when it can."""

    name: str
    language: str
    category: str
    status: str
    text: str
    blanks: list[BlankView]
    """In the order in which the values are given."""
    buttons: list[str]
    cannot: str | None
    file: str = ""
    """What has to be sent along, above the text: ``image``, ``video``, ``document``, or nothing."""


class TemplatePage(msgspec.Struct):
    """All prepared texts of a channel, as last seen at the provider at ``synced_at``."""

    items: list[TemplateView]
    synced_at: dt.datetime | None = None
    next: str | None = None


class TemplateChoice(msgspec.Struct, forbid_unknown_fields=True):
    """An approved text to send, with one value for each of its blanks, in their order."""

    name: Annotated[str, Meta(min_length=1, max_length=512)]
    language: Annotated[str, Meta(min_length=1, max_length=16)]
    values: Annotated[list[Annotated[str, Meta(max_length=1024)]], Meta(max_length=50)] = []
    link: Annotated[str, Meta(max_length=2000)] = ""
    """Where the picture or file above the text lies, for a text that has one. Or name a file in ``attachments``."""


# What each provider needs to be spoken to. Stored sealed.


class TwilioCredentials(msgspec.Struct, forbid_unknown_fields=True):
    """An account and its token, which also signs Twilio's calls."""

    account_sid: Annotated[str, Meta(min_length=1, max_length=64)]
    auth_token: Annotated[str, Meta(min_length=1, max_length=256)]


class WhatsAppCloudCredentials(msgspec.Struct, forbid_unknown_fields=True):
    """A number of Meta's Cloud API."""

    phone_number_id: Annotated[str, Meta(min_length=1, max_length=64)]
    waba_id: Annotated[str, Meta(min_length=1, max_length=64)]
    access_token: Annotated[str, Meta(min_length=1, max_length=1024)]
    app_secret: Annotated[str, Meta(min_length=1, max_length=256)]
    verify_token: Annotated[str, Meta(max_length=256)] = ""
    """Left empty, we make one; the channel's page shows it."""


class GallaboxCredentials(msgspec.Struct, forbid_unknown_fields=True):
    """A Gallabox channel."""

    api_key: Annotated[str, Meta(min_length=1, max_length=256)]
    api_secret: Annotated[str, Meta(min_length=1, max_length=256)]
    channel_id: Annotated[str, Meta(min_length=1, max_length=128)]


class Mailbox(msgspec.Struct, forbid_unknown_fields=True):
    """One mail server."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)]
    user: Annotated[str, Meta(max_length=254)] = ""
    password: Annotated[str, Meta(max_length=256)] = ""
    tls: bool = True


class SmtpCredentials(Mailbox):
    """A mail server to send by, and optionally one to fetch from."""

    imap: Mailbox | None = None


class SendgridCredentials(msgspec.Struct, forbid_unknown_fields=True):
    """SendGrid."""

    api_key: Annotated[str, Meta(min_length=1, max_length=256)]
    inbound_secret: Annotated[str, Meta(max_length=256)] = ""
    """The password in the address SendGrid delivers to. Left empty, we make one; the channel's page shows it."""
    event_public_key: Annotated[str, Meta(max_length=1024)] = ""
    """Without it, what becomes of a mail is not believed, and not known."""


class PostmarkCredentials(msgspec.Struct, forbid_unknown_fields=True):
    """A Postmark server."""

    server_token: Annotated[str, Meta(min_length=1, max_length=256)]
    inbound_secret: Annotated[str, Meta(max_length=256)] = ""
    """The password in the address Postmark delivers to. Left empty, we make one; the channel's page shows it."""


CREDENTIALS: dict[str, type[msgspec.Struct]] = {
    "twilio": TwilioCredentials,
    "whatsapp_cloud": WhatsAppCloudCredentials,
    "gallabox": GallaboxCredentials,
    "smtp": SmtpCredentials,
    "sendgrid": SendgridCredentials,
    "postmark": PostmarkCredentials,
}
"""Webchat needs none."""

PROVIDERS_OF: dict[str, tuple[str, ...]] = {
    "sms": ("twilio",),
    "whatsapp": ("twilio", "whatsapp_cloud", "gallabox"),
    "email": ("smtp", "sendgrid", "postmark"),
    "webchat": ("webchat",),
}
