"""From a row to something that can be spoken through: adapters made once and kept for some seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from app.channels.adapters.base import (
    Adapter,
    Connection,
    Delivery,
    Headers,
    InboundMessage,
    Outbound,
    Refused,
    Result,
    SentMessage,
    Wire,
)
from app.channels.adapters.gallabox import GallaboxAdapter
from app.channels.adapters.postmark import PostmarkAdapter
from app.channels.adapters.postmark_wire import PostmarkWire
from app.channels.adapters.sendgrid import SendgridAdapter
from app.channels.adapters.sendgrid_wire import SendgridWire
from app.channels.adapters.simulated import SimulatedAdapter
from app.channels.adapters.smtp import SmtpAdapter
from app.channels.adapters.twilio import TwilioAdapter
from app.channels.adapters.webchat import WebchatAdapter
from app.channels.adapters.whatsapp_cloud import WhatsAppCloudAdapter
from app.channels.errors import NoChannel
from app.channels.opt_out import own_words
from app.channels.schemas import ChannelView, SetupLine
from app.channels.service import credentials
from app.channels.site import answers_words, shown_settings
from app.config import derived, settings
from app.events.service import bus
from app.kit import database
from app.kit.errors import NotFound
from app.kit.ids import as_uuid

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path
    from uuid import UUID

    import asyncpg

TOPIC = "channel"
KEEP_SECONDS = 10.0


def _twilio(connection: Connection) -> Adapter:
    told = settings()
    return TwilioAdapter(
        webhook_url=connection.webhook_url,
        auth_token=connection.credentials["auth_token"],
        account_sid=connection.credentials["account_sid"],
        kind=connection.kind,
        address=connection.address,
        secret=connection.secret,
        api_url=told.twilio_api_url,
        timeout=connection.timeout,
    )


def _whatsapp_cloud(connection: Connection) -> WhatsAppCloudAdapter:
    return WhatsAppCloudAdapter(connection, settings().whatsapp_api_url)


def _gallabox(connection: Connection) -> GallaboxAdapter:
    return GallaboxAdapter(connection, settings().gallabox_api_url)


def _sendgrid(connection: Connection) -> Adapter:
    return SendgridAdapter(connection, settings().sendgrid_api_url)


def _postmark(connection: Connection) -> Adapter:
    return PostmarkAdapter(connection, settings().postmark_api_url)


ADAPTERS: dict[str, Callable[[Connection], Adapter]] = {
    "twilio": _twilio,
    "whatsapp_cloud": _whatsapp_cloud,
    "gallabox": _gallabox,
    "smtp": SmtpAdapter,
    "sendgrid": _sendgrid,
    "postmark": _postmark,
    "webchat": WebchatAdapter,
}
"""How a live channel is spoken through; a provider without one can only be connected as a practice run."""
WIRES: dict[str, Callable[[Connection], Wire]] = {
    "whatsapp_cloud": _whatsapp_cloud,
    "gallabox": _gallabox,
    "sendgrid": SendgridWire,
    "postmark": PostmarkWire,
}
"""How a practice channel's deliveries are read where its provider has a dialect of its own."""

OURS = frozenset({"webchat"})
"""Providers that are this program itself: nobody outside is called, so there is nothing to sign in to."""

PATHS = {
    "twilio": "/webhooks/twilio/{}",
    "whatsapp_cloud": "/webhooks/whatsapp/{}",
    "gallabox": "/webhooks/gallabox/{}",
    "sendgrid": "/webhooks/email/{}/sendgrid",
    "postmark": "/webhooks/email/{}/postmark",
}
"""Where providers deliver (contract section 5)."""
MADE_UP = {"whatsapp_cloud": ("verify_token",), "sendgrid": ("inbound_secret",), "postmark": ("inbound_secret",)}
"""Words a provider shows us in its calls, which we think up where nobody gave one: no secret of the provider's."""
NUMBERS = frozenset({"sms", "whatsapp"})
"""Kinds of channel by which the words of the law are answered. A mail is not: two machines might go on for ever."""
PRACTICE = "/webhooks/twilio/{}"
"""Where the simulated providers deliver, whatever they simulate: they all speak Twilio's dialect."""

_COLUMNS = """c.id, c.clinic_id, c.kind, c.provider, c.address, c.mode, c.credentials, c.state, c.last_error,
  c.last_error_at, c.last_inbound_at, c.failure_count, c.send_per_minute, c.created_at, c.removed_at, c.settings,
  k.data_key, k.opt_out_words"""
SELECT = f"select {_COLUMNS} from channel c join clinic k on k.id = c.clinic_id where c.clinic_id = $1"  # noqa: S608

_NAMES = {"sms": "text number", "whatsapp": "WhatsApp number", "email": "mailbox", "webchat": "web chat"}


class ConnectedChannel:
    """A channel in use. ``mode`` is what happens now: a live one is simulated while its credentials are missing."""

    __slots__ = (
        "adapter",
        "address",
        "answers_words",
        "clinic_id",
        "connection",
        "failure_count",
        "id",
        "kind",
        "loaded",
        "made_up",
        "mode",
        "own_words",
        "provider",
        "removed",
        "send_per_minute",
        "settings",
        "simulated_because",
        "state",
        "view",
        "webhook_url",
        "wire",
    )

    def __init__(self, row: asyncpg.Record) -> None:
        self.id: UUID = row["id"]
        self.clinic_id: UUID = row["clinic_id"]
        self.kind = row["kind"]
        self.provider: str = row["provider"]
        self.address: str = row["address"]
        self.state: str = row["state"]
        self.failure_count: int = row["failure_count"]
        self.send_per_minute: int = row["send_per_minute"]
        self.removed: bool = row["removed_at"] is not None
        self.own_words = own_words(msgspec.json.decode(row["opt_out_words"]))
        self.settings: dict[str, Any] = msgspec.json.decode(row["settings"])
        self.answers_words = self.kind in NUMBERS and not answers_words(self.kind, self.provider, self.settings)
        """Whether we are the ones who answer STOP, START and HELP."""
        self.webhook_url = webhook_url(self.provider, self.id)
        stored = credentials.unseal(row["data_key"], row["credentials"], self.clinic_id, self.id)
        used = stored or credentials.of_process(self.provider)
        self.simulated_because = why_simulated(self.provider, row["mode"], used)
        self.mode = "simulated" if self.simulated_because else "live"
        self.made_up = {
            name: derived(settings().secret_key, f"{name}:{self.id}")[:32]
            for name in MADE_UP.get(self.provider, ())
            if not used.get(name)
        }
        self.adapter, self.wire = self._make({**used, **self.made_up} if used else used)
        if self.removed:
            self.adapter = self.wire = Removed(self.adapter)
        self.view = ChannelView(
            id=self.id,
            kind=self.kind,
            provider=row["provider"],
            address=self.address,
            mode="simulated" if self.simulated_because else "live",
            state=row["state"],
            last_error=row["last_error"],
            last_error_at=row["last_error_at"],
            last_inbound_at=row["last_inbound_at"],
            webhook_url=self.webhook_url,
            send_per_minute=self.send_per_minute,
            created_at=row["created_at"],
            simulated_because=self.simulated_because,
            secrets=credentials.hints(stored),
            settings=shown_settings(self.kind, self.provider, self.settings),
        )
        self.loaded = time.monotonic()

    @property
    def told(self) -> ChannelView:
        """The view for events, which everybody in the clinic sees: without how the secrets end."""
        return msgspec.structs.replace(self.view, secrets=[])

    def _make(self, used: dict[str, Any]) -> tuple[Adapter, Wire]:
        told = settings()
        connection = self.connection = Connection(
            channel_id=self.id,
            clinic_id=self.clinic_id,
            kind=self.kind,
            provider=self.provider,
            address=self.address,
            webhook_url=self.webhook_url,
            credentials=used,
            secret=told.secret_key,
            timeout=told.send_timeout,
        )
        if self.mode == "live":
            adapter = ADAPTERS[self.provider](connection)
            return adapter, adapter
        practice = SimulatedAdapter(
            webhook_url=told.public_url + PRACTICE.format(self.id),
            auth_token=str(used.get("auth_token") or derived(told.secret_key, f"practice:{self.id}")),
            account_sid=str(used.get("account_sid") or f"AC{self.id.hex}"),
            kind=self.kind,
            address=self.address,
            secret=told.secret_key,
            channel_id=self.id,
            folder=simulated_folder(),
            timeout=told.send_timeout,
        )
        wire = WIRES.get(self.provider)
        return practice, wire(connection) if wire and used else practice

    @property
    def setup(self) -> list[SetupLine]:
        """What to copy to the provider. Words the clinic gave itself are known to it and never shown again."""
        url = self.webhook_url
        if not url:
            return []
        if self.provider in {"sendgrid", "postmark"}:
            scheme, _, rest = url.partition("://")
            word = self.made_up.get("inbound_secret", "your-inbound-secret")
            return [
                SetupLine("Address for incoming mail", f"{scheme}://orasync:{word}@{rest}"),
                SetupLine("Address for what becomes of it", f"{scheme}://orasync:{word}@{rest}/events"),
            ]
        if self.provider == "whatsapp_cloud":
            lines = [SetupLine("Address for calls (Callback URL)", url)]
            made_up = self.made_up.get("verify_token")
            return [*lines, SetupLine("Verify token", made_up)] if made_up else lines
        return [SetupLine("Address for “A message comes in”", url)]

    @property
    def practice_wire(self) -> Wire:
        """What reads a call in Twilio's dialect; raises ``NotFound`` where nobody speaks it."""
        if self.mode == "live" and self.provider != "twilio":
            raise NotFound("No channel has this address.")
        return self.adapter


class Removed:
    """What is left of a removed channel: nothing comes in or goes out, but what went out can still be looked up."""

    def __init__(self, inner: Adapter) -> None:
        self._inner = inner

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:  # noqa: ARG002
        raise NotFound("No channel has this address.")

    async def send(self, outbound: Outbound) -> Result:  # noqa: ARG002
        return Refused("channel_removed", "The number it was to leave by is no longer connected.", final=True)

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:
        return await self._inner.find_sent(to, since, body)

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:  # noqa: ARG002
        return []

    def failure_text(self, code: str | None) -> str:
        return self._inner.failure_text(code)


def webhook_url(provider: str, channel_id: UUID) -> str:
    """Return the address to enter at the provider; empty where nothing is delivered to us."""
    return settings().public_url + PATHS[provider].format(channel_id) if provider in PATHS else ""


def simulated_folder() -> Path:
    """Return where the simulated providers of this machine keep their journal and weather."""
    return settings().var_dir / "simulated"


def why_simulated(provider: str, mode: str, used: dict[str, Any]) -> str | None:
    """Return why a channel with these credentials makes no outside call, in plain words; None when it does."""
    if mode == "simulated":
        return "It is connected as a practice run."
    if provider not in OURS and settings().demo_mode:
        return "Demo mode is on."
    if provider not in ADAPTERS:
        return "This provider can only be simulated in this version."
    if provider not in OURS and not used:
        return "No sign-in details are stored for it."
    if used and not credentials.usable(used):
        return "Its sign-in details are stand-ins such as test_key."
    return None


# -- the cache

_channels: dict[UUID, ConnectedChannel] = {}


async def load_channel(channel_id: UUID) -> ConnectedChannel:
    """Return a channel ready for use; raises ``NotFound``. At most 10 s old, younger when somebody changed it."""
    known = _channels.get(channel_id)
    if known is not None and time.monotonic() - known.loaded < KEEP_SECONDS:
        return known
    clinic_id = await database.fetchval("select find_channel($1)", channel_id)
    if clinic_id is None:
        raise NotFound("No channel has this address.")
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(f"{SELECT} and c.id = $2", clinic_id, channel_id)
    if row is None:
        raise NotFound("No channel has this address.")
    channel = _channels[channel_id] = ConnectedChannel(row)
    return channel


async def load_routed(provider: str, key: str) -> ConnectedChannel:
    """Return the channel a shared webhook's delivery is for, by the provider's own name for it. Raises ``NotFound``."""
    channel_id = await database.fetchval("select find_channel_by_route($1, $2)", provider, key)
    if channel_id is None:
        raise NotFound("No channel has this number.")
    return await load_channel(channel_id)


async def load_of_account(provider: str, account: str) -> list[ConnectedChannel]:
    """Return the channels whose numbers belong to one of the provider's accounts."""
    rows = await database.fetch("select id from find_channels_by_account($1, $2)", provider, account)
    return [await load_channel(row["id"]) for row in rows]


async def choose_channel(clinic_id: UUID, channel_id: UUID | None, kind: str) -> ConnectedChannel:
    """Return what to send by: that channel if it is of this kind, else the clinic's oldest. Raises ``NoChannel``."""
    found = await database.fetchval(
        "select id from channel where clinic_id = $1 and kind = $2 and removed_at is null "
        "order by (id = $3::uuid) desc nulls last, created_at, id limit 1",
        clinic_id,
        kind,
        channel_id,
    )
    if found is None:
        raise NoChannel.field(
            "channel",
            f"The clinic has no {_NAMES.get(kind, kind)} connected. A manager can add one under Settings, Channels.",
        )
    return await load_channel(found)


def forget(text: str) -> None:
    """Load a channel anew at its next use; all of them when the text is empty (the bus's "look again")."""
    channel_id = as_uuid(text)
    if channel_id is None:
        _channels.clear()
    else:
        _channels.pop(channel_id, None)


def tell_changed(channel_id: UUID) -> None:
    """Have every process load the channel anew."""
    forget(str(channel_id))
    the_bus = bus()
    if the_bus is not None:
        the_bus.publish(TOPIC, str(channel_id))


LOOKUP_ERRORS = (httpx.HTTPError, OSError, TimeoutError, ValueError, KeyError)
"""What ``find_sent`` and ``find_received`` raise when the provider's list cannot be had."""
