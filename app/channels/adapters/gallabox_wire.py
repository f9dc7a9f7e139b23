"""Gallabox's calls to us. Pure, and quick.

Source: ``gallabox/docs settings/webhooks.mdx``, ``assets/openapi.json`` at 26363b7; there is no sandbox and no vector.
The event's name is in the header ``x-event-name``, the body is the bare object, its content in Meta's words.
``x-gallabox-signature`` = base64(HMAC-SHA256(secret, raw bytes)). The page can also be read as "use the base64-encoded
secret": until somebody has seen a real call, both readings count (``SIGNED_WITH``); both need the secret.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import msgspec

from app.channels.adapters.base import Delivery, Headers, Item, TemplateReport
from app.channels.adapters.whatsapp_content import (
    Unreadable,
    message_of,
    name_of,
    object_of,
    reaction_of,
    status_of,
    text_of,
)
from app.channels.errors import Forged, Malformed

_EVENT, _SIGNATURE = b"x-event-name", b"x-gallabox-signature"
_MESSAGES = {"Message.Received", "Message.WA.Interaction.Received"}
_STATUSES = {"Message.WA.Status.Received", "Message.WA.Status.Failed"}

READINGS: dict[str, Callable[[str], bytes]] = {
    "secret": str.encode,
    "base64": lambda secret: b64encode(secret.encode()),
}
SIGNED_WITH = ("secret", "base64")
"""The readings of the help page that are accepted."""


def signature(secret: str, body: bytes, reading: str = "secret") -> str:
    """Return the header's value for a body (also used by whoever plays Gallabox)."""
    return b64encode(hmac.digest(READINGS[reading](secret), body, "sha256")).decode()


class GallaboxWire:
    """The receiving half of one Gallabox channel."""

    def __init__(self, *, api_secret: str, channel_id: str, address: str) -> None:
        self._secret = api_secret
        self._channel_id = channel_id
        self._address = address

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:  # noqa: ARG002
        """Verify and parse one call; see ``Adapter.receive``."""
        event = given = b""
        for name, value in headers:
            if name == _SIGNATURE:
                given = value
            elif name == _EVENT:
                event = value
        if not given:
            raise Forged("The signature is missing.")
        # Every reading is worked out each time: how long it takes tells nothing.
        fits = [hmac.compare_digest(given, signature(self._secret, body, one).encode()) for one in SIGNED_WITH]
        if not self._secret or not any(fits):
            raise Forged
        try:
            told = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise Malformed("This is not JSON.") from None
        if not isinstance(told, dict):
            raise Malformed("This is not what Gallabox delivers.")
        return self._read(event.decode("latin-1"), told, body)

    def _read(self, event: str, told: dict[str, Any], body: bytes) -> Delivery:
        channel = told.get("channelId")
        if channel is not None and channel != self._channel_id:
            return Delivery(unrouted=f"It belongs to another Gallabox channel ({str(channel)[:80]}).")
        try:
            item = self._item(event, told, body)
        except Unreadable as reason:
            return Delivery(unrouted=f"It cannot be read: {reason}.")
        return Delivery([item]) if item else Delivery(ignored=f"nothing to do for {event[:80] or 'an unnamed event'}")

    def _item(self, event: str, told: dict[str, Any], body: bytes) -> Item | None:
        if event in _MESSAGES:
            message = object_of(told.get("whatsapp"))
            if not message:
                raise Unreadable("it holds no WhatsApp message")
            if message.get("type") == "reaction":
                return reaction_of(message)
            name = name_of(object_of(told.get("contact")).get("name"))
            return message_of(message, to=self._address, name=name, raw=body.decode("utf-8", "replace"))
        if event in _STATUSES:
            return status_of(told)
        if event == "Template.Status":
            name = text_of(told.get("name"), 512)
            status = text_of(told.get("new_status") or told.get("status"), 40).upper()
            if name and status:
                return TemplateReport(name=name, language=text_of(told.get("language"), 16), status=status)
        return None
