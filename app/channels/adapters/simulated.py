"""A simulated channel: everything but the outside world.

It speaks Twilio's dialect in both directions, whatever it simulates: deliveries must carry a right signature made with
the channel's own secret, sends are put into a journal on disk, and their states come back as signed calls to our own
webhook (``app.channels.player``). The weather dial makes it behave as badly as real providers do on a bad day.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec

from app.channels.adapters.base import (
    Accepted,
    InboundMessage,
    Kind,
    Outbound,
    Refused,
    Result,
    SentMessage,
    Status,
    Unknown,
)
from app.channels.adapters.failures import failure_text
from app.channels.adapters.journal import Journal, moment
from app.channels.adapters.mail_failures import failure_text as mail_failure_text
from app.channels.adapters.twilio_wire import TwilioWire
from app.channels.adapters.whatsapp_failures import failure_text as whatsapp_failure_text
from app.channels.adapters.whatsapp_failures import meaning
from app.kit import clock
from app.kit.weather import Weather

# Numbers that behave like Twilio's own test numbers, so that people can see what a failure looks like.
MAGIC = {"+15005550001": "21211", "+15005550004": "21610", "+15005550009": "21614"}
UNREACHABLE = "+15005550003"
"""Takes the message and reports later that the phone could not be reached."""


class WeatherStation:
    """The dial of this machine: a small file that ``orasync simulate --weather`` sets and every process reads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "weather.json"
        self._seen: tuple[float, Weather] = (-1.0, Weather())

    def read(self) -> Weather:
        """Return the weather now; cheap."""
        try:
            changed = self._path.stat().st_mtime
        except FileNotFoundError:
            return Weather()
        if changed != self._seen[0]:
            self._seen = (changed, msgspec.json.decode(self._path.read_bytes(), type=Weather))
        return self._seen[1]

    def set(self, weather: Weather) -> None:
        """Set the dial for every process of this machine."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"weather.{uuid4().hex}")
        draft.write_bytes(msgspec.json.encode(weather))
        draft.rename(self._path)

    def clear(self) -> None:
        """Go back to a fine day."""
        self._path.unlink(missing_ok=True)


class SimulatedAdapter(TwilioWire):
    """One simulated number, mailbox or widget."""

    def __init__(
        self,
        *,
        webhook_url: str,
        auth_token: str,
        account_sid: str,
        kind: Kind,
        address: str,
        secret: str,
        channel_id: UUID,
        folder: Path,
        timeout: float,
    ) -> None:
        super().__init__(
            webhook_url=webhook_url,
            auth_token=auth_token,
            account_sid=account_sid,
            kind=kind,
            address=address,
            secret=secret,
        )
        # What the other half, the part that plays the provider, needs to speak in its name.
        self.account_sid = account_sid
        self.address = address
        self.kind = kind
        self.prefix = self._prefix
        self._channel_id = channel_id
        self._journal = Journal(folder)
        self._weather = WeatherStation(folder)
        self._timeout = timeout

    def failure_text(self, code: str | None) -> str:
        """Return what an error code means, in words staff can act on. A practice run of Meta's may tell Meta's."""
        if self.kind == "email":
            return mail_failure_text(code)
        return whatsapp_failure_text(code) if self.prefix and meaning(code) else failure_text(code)

    async def send(self, outbound: Outbound) -> Result:
        """Try once, in the present weather."""
        weather, key = self._weather.read(), outbound.token
        if outbound.to in MAGIC:
            return await self._refuse(outbound, MAGIC[outbound.to], final=True)
        if weather.has("refuse", key):
            return await self._refuse(outbound, "20429", final=False)
        if clock.now() >= outbound.expires_at:
            return Refused("late", "It took too long to get to the provider. It will be tried again.", final=False)
        provider_id = f"SM{uuid4().hex}"
        await asyncio.to_thread(
            self._journal.append,
            act="accepted",
            channel=self._channel_id,
            provider_id=provider_id,
            to=outbound.to,
            from_=outbound.from_,
            body=outbound.body,
            media=outbound.media_urls,
            message=outbound.message_id,
            token=outbound.token,
            callback=self.callback_url(outbound.token) if outbound.token else "",
        )
        if weather.has("hang", key):
            left = (outbound.expires_at - clock.now()).total_seconds()
            await asyncio.sleep(max(0.0, min(self._timeout, left)))
            return Unknown("no answer (simulated: it hangs after accepting)")
        if weather.has("drop_connection", key):
            return Unknown("connection lost (simulated: after accepting)")
        return Accepted(provider_id)

    async def _refuse(self, outbound: Outbound, code: str, *, final: bool) -> Refused:
        await asyncio.to_thread(
            self._journal.append,
            act="refused",
            channel=self._channel_id,
            to=outbound.to,
            message=outbound.message_id,
            code=code,
        )
        return Refused(code, failure_text(code), final=final, retry_after=None if final else 1.0)

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:
        """Return what the journal holds; see ``Adapter.find_sent``."""
        return await asyncio.to_thread(self._find_sent, to, since, body)

    def _find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:
        mine = str(self._channel_id)
        sent: dict[str, dict[str, Any]] = {}
        states: dict[str, tuple[Status, str | None]] = {}
        for line in self._journal.read(since - dt.timedelta(seconds=1)):
            if line.get("channel") != mine:
                continue
            if line["act"] == "accepted" and line["to"] == to and line["body"] == body:
                sent[line["provider_id"]] = line
            elif line["act"] == "called" and line["provider_id"] in sent:
                states[line["provider_id"]] = (line["status"], line.get("code"))
        return [
            SentMessage(
                provider_id=provider_id,
                at=moment(line),
                status=states.get(provider_id, ("queued", None))[0],
                error_code=states.get(provider_id, ("queued", None))[1],
            )
            for provider_id, line in sent.items()
        ]

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:  # noqa: ARG002 - see ``Adapter``
        """Return nothing: what a simulated patient writes exists only in its delivery."""
        return []
