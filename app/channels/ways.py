"""The ways a clinic can be written to, as the connect page offers them: at most five fields each."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.channels.schemas import Kind, Provider


class Field(msgspec.Struct, frozen=True):
    """One thing to type. ``name`` is that of the provider's credentials, or ``address``."""

    name: str
    label: str
    hint: str = ""
    type: Literal["text", "tel", "email", "password", "number"] = "text"
    required: bool = True
    longest: int = 256


class Way(msgspec.Struct, frozen=True):
    """One way to connect. ``steps`` say what to do at the provider afterwards."""

    key: str
    kind: Kind
    provider: Provider
    title: str
    named: str
    """As the choice "For real, with ..." names it."""
    fields: tuple[Field, ...]
    steps: str = ""


_NUMBER = Field("address", "Phone number", "The number patients write to, such as +1 555 010 0001.", "tel", longest=40)
_MAILBOX = Field("address", "Address patients write to", "Such as hello@your-clinic.com.", "email", longest=254)
_KEPT = "Kept encrypted, never shown again."
_TWILIO = (
    _NUMBER,
    Field(
        "account_sid",
        "Twilio account number",
        "Starts with AC. It stands on the first page of your Twilio console.",
        required=False,
        longest=64,
    ),
    Field("auth_token", "Twilio token", _KEPT, "password", required=False, longest=128),
)

WAYS = (
    Way(
        "sms",
        "sms",
        "twilio",
        "Texts",
        "with Twilio",
        _TWILIO,
        "Copy it, paste it there, save, then send a text to your number.",
    ),
    Way(
        "whatsapp",
        "whatsapp",
        "whatsapp_cloud",
        "WhatsApp",
        "with Meta",
        (
            _NUMBER,
            Field("phone_number_id", "Phone number ID", "In Meta's app, under WhatsApp, API setup.", required=False),
            Field("waba_id", "Business account ID", "Right below it.", required=False),
            Field("access_token", "Permanent token", _KEPT, "password", required=False, longest=1024),
            Field("app_secret", "App secret", "In Meta's app, under Settings, Basic. " + _KEPT, "password", False),
        ),
        "Paste both in Meta's app under WhatsApp, Configuration, then send a message to your number.",
    ),
    Way(
        "whatsapp-gallabox",
        "whatsapp",
        "gallabox",
        "WhatsApp with Gallabox",
        "with Gallabox",
        (
            _NUMBER,
            Field("channel_id", "Channel ID", "In Gallabox, under Settings, Channels.", required=False, longest=128),
            Field("api_key", "Key", "In Gallabox, under Settings, Developer.", required=False),
            Field("api_secret", "Secret", _KEPT, "password", required=False),
        ),
        "Paste it in Gallabox under Settings, Webhooks, then send a message to your number.",
    ),
    Way(
        "whatsapp-twilio",
        "whatsapp",
        "twilio",
        "WhatsApp with Twilio",
        "with Twilio",
        _TWILIO,
        "Copy it, paste it there, save, then send a message to your number.",
    ),
    Way(
        "email",
        "email",
        "smtp",
        "Email with your own mail server",
        "with this server",
        (
            _MAILBOX,
            Field("host", "Mail server", "Such as mail.your-clinic.com.", required=False),
            Field("user", "User name", "Often the address itself.", required=False),
            Field("password", "Password", _KEPT, "password", required=False),
            Field("imap_host", "Server for incoming mail", "Empty: this mailbox only sends.", required=False),
        ),
    ),
    Way(
        "email-sendgrid",
        "email",
        "sendgrid",
        "Email with SendGrid",
        "with SendGrid",
        (
            _MAILBOX,
            Field("api_key", "SendGrid key", _KEPT, "password", required=False),
            Field(
                "event_public_key",
                "Verification key",
                "In SendGrid, under Mail settings, Event webhook, Signature.",
                required=False,
                longest=1024,
            ),
        ),
        "Paste them in SendGrid under Inbound parse and Event webhook, then send a mail to the address.",
    ),
    Way(
        "email-postmark",
        "email",
        "postmark",
        "Email with Postmark",
        "with Postmark",
        (_MAILBOX, Field("server_token", "Server token", _KEPT, "password", required=False)),
        "Paste them in Postmark under the server's webhooks, then send a mail to the address.",
    ),
    Way(
        "webchat",
        "webchat",
        "webchat",
        "Web chat on your site",
        "on my site",
        (Field("address", "Your website", "Such as www.your-clinic.com.", longest=254),),
    ),
)
BY_KEY = {way.key: way for way in WAYS}

SUBMISSION, IMAPS = 587, 993


def credentials_of(way: Way, form: dict[str, str]) -> dict[str, object]:
    """Return what was typed in the shape of the provider's credentials; fields left empty are left out."""
    given: dict[str, object] = {
        field.name: form[field.name] for field in way.fields if field.name != "address" and form.get(field.name)
    }
    if way.provider == "smtp" and given:
        # Ports are those every provider uses; the API takes others.
        given["port"] = SUBMISSION
        imap = given.pop("imap_host", None)
        if imap:
            given["imap"] = {
                "host": imap,
                "port": IMAPS,
                "user": given.get("user", ""),
                "password": given.get("password", ""),
            }
    return given
