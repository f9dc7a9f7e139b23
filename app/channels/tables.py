"""Channels, what providers delivered, and what could not be routed."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, BigInt, Bytea, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import clinic_column, id_column


class Channel(Table, tablename="channel"):
    """One connected number, mailbox or widget."""

    id = id_column()
    clinic_id = clinic_column()
    kind = Varchar(length=12, null=False, default=None)  # sms, whatsapp, email, webchat
    provider = Varchar(length=20, null=False, default=None)
    address = Varchar(length=254, null=False, default=None)
    mode = Varchar(length=12, null=False, default="live")  # live, simulated
    credentials = Bytea(null=True, default=None)  # sealed; see app.kit.crypto
    route_key = Varchar(length=128, null=True, default=None)  # what a shared webhook routes by: Meta's phone number id
    settings = JSON(null=False, default="{}")  # what only this kind has, e.g. the sites a widget may stand on
    state = Varchar(length=12, null=False, default="new")  # new, working, attention
    last_error = Text(null=True, default=None)
    last_error_at = Timestamptz(null=True, default=None)
    last_inbound_at = Timestamptz(null=True, default=None)
    failure_count = Integer(null=False, default=0)  # in a row
    send_per_minute = Integer(null=False, default=1000)
    created_at = Timestamptz(null=False)
    removed_at = Timestamptz(null=True, default=None)


class WebhookDelivery(Table, tablename="webhook_delivery"):
    """The raw body of one accepted provider call, kept 30 days."""

    id = id_column()
    clinic_id = clinic_column()
    channel_id = UUID(null=False, default=None)
    raw = Text(null=False, default=None)  # type: ignore[assignment]  # hides Table.raw, which nobody calls
    received_at = Timestamptz(null=False)


class DeliveryReport(Table, tablename="delivery_report"):
    """A delivery state for a message we do not know yet; applied when the message learns its provider id (R4)."""

    id = id_column()
    clinic_id = clinic_column()
    channel_id = UUID(null=False, default=None)
    provider_id = Varchar(length=128, null=False, default=None)
    status = Varchar(length=16, null=False, default=None)
    error_code = Varchar(length=16, null=True, default=None)
    received_at = Timestamptz(null=False)


class UnroutedDelivery(Table, tablename="unrouted_delivery"):
    """A genuine delivery for a number that is not the channel's: kept, never guessed into a clinic."""

    id = id_column()
    channel_id = UUID(null=True, default=None)
    provider = Varchar(length=20, null=False, default=None)
    reason = Text(null=False, default=None)
    raw = Text(null=False, default=None)  # type: ignore[assignment]  # hides Table.raw, which nobody calls
    received_at = Timestamptz(null=False)


class MessageTemplate(Table, tablename="message_template"):
    """A text WhatsApp has approved, as last seen at the provider. Unique: ``(channel, name, language)``."""

    id = id_column()
    clinic_id = clinic_column()
    channel_id = UUID(null=False, default=None)
    name = Varchar(length=512, null=False, default=None)
    language = Varchar(length=16, null=False, default=None)
    category = Varchar(length=16, null=False, default="")  # MARKETING, UTILITY, AUTHENTICATION
    status = Varchar(length=16, null=False, default=None)  # APPROVED, PENDING, REJECTED, PAUSED, DISABLED
    components = JSON(null=False, default="[]")  # as the provider gives them
    synced_at = Timestamptz(null=False)


class Visitor(Table, tablename="visitor"):
    """Somebody on a clinic's web page. Their key is only kept as a hash."""

    id = id_column()
    clinic_id = clinic_column()
    channel_id = UUID(null=False, default=None)
    key_hash = Varchar(length=64, null=False, default=None)
    contact_id = UUID(null=True, default=None)  # known once they have said who they are
    name = Text(null=False, default="")
    page = Text(null=False, default="")  # where they opened the chat
    seen_at = Timestamptz(null=False)
    created_at = Timestamptz(null=False)


class MailboxPosition(Table, tablename="mailbox_position"):
    """How far a mailbox has been read. Primary key ``(clinic_id, channel_id, folder)``."""

    clinic_id = clinic_column()
    channel_id = UUID(null=False, default=None)
    folder = Varchar(length=255, primary_key=True, null=False, default=None)
    validity = BigInt(null=False, default=0)  # UIDVALIDITY: another one means another numbering
    uid = BigInt(null=False, default=0)  # the last one taken
    checked_at = Timestamptz(null=False)
