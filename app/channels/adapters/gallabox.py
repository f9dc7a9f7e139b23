"""WhatsApp through Gallabox.

One POST without an idempotency key, tried once and sorted into three outcomes (reliability section 2). What became of a
message can be asked by Gallabox's id alone, and a send without an answer has told us none: a person decides.
Source: ``gallabox/docs assets/openapi.json`` at 26363b7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from app.channels.adapters.base import (
    Accepted,
    Connection,
    InboundMessage,
    Outbound,
    Refused,
    Result,
    SentMessage,
    Unknown,
)
from app.channels.adapters.calling import document, post_once, post_parts, retry_after
from app.channels.adapters.gallabox_wire import GallaboxWire
from app.channels.adapters.whatsapp_cloud import (
    AGENT,
    LONGEST_CAPTION,
    LONGEST_TEXT,
    MOST_FILES,
    media_kind,
    template_values,
)
from app.channels.adapters.whatsapp_failures import TOO_LONG, UNREADABLE_ANSWER, failure_text
from app.kit import clock

if TYPE_CHECKING:
    import datetime as dt

_SIGN_IN = "Gallabox refused the clinic's sign-in details. A manager can correct them in Settings, Channels."


class GallaboxAdapter(GallaboxWire):
    """One Gallabox channel."""

    def __init__(self, connection: Connection, api_url: str) -> None:
        told = connection.credentials
        super().__init__(
            api_secret=str(told.get("api_secret") or ""),
            channel_id=str(told.get("channel_id") or ""),
            address=connection.address,
        )
        self._api = api_url
        self._headers = {
            "apiKey": str(told.get("api_key") or ""),
            "apiSecret": str(told.get("api_secret") or ""),
            "User-Agent": AGENT,
        }
        self._timeout = connection.timeout

    def failure_text(self, code: str | None) -> str:
        """Return what an error code means, in words staff can act on. They are WhatsApp's, passed on."""
        return failure_text(code)

    # -- out

    async def send(self, outbound: Outbound) -> Result:
        """Try once. A message of several parts is as many calls."""
        if not outbound.details.template and len(outbound.body) > LONGEST_TEXT:
            return Refused("too_long", TOO_LONG.format(most=LONGEST_TEXT), final=True)
        recipient = {"phone": outbound.to.lstrip("+")}
        if outbound.name:
            recipient["name"] = outbound.name
        to = {"channelId": self._channel_id, "channelType": "whatsapp", "recipient": recipient}
        url = f"{self._api}/devapi/messages/whatsapp"

        async def post(part: dict[str, Any]) -> Result:
            answer = await post_once(url, outbound, self._timeout, json={**to, "whatsapp": part}, headers=self._headers)
            return _outcome(answer) if isinstance(answer, httpx.Response) else answer

        return await post_parts(_parts(outbound), outbound, post)

    # -- evidence

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:  # noqa: ARG002
        """Return nothing: Gallabox tells the state of a message by its own id only, and has no list."""
        return []

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:  # noqa: ARG002
        """Return nothing: there is no list to ask. Gallabox delivers up to five times."""
        return []

    # -- files

    async def media_url(self, reference: str) -> tuple[str, dict[str, str]]:
        """Return a file's address; see ``MediaSource``. The sign-in goes to Gallabox's own API only."""
        parts, own = urlsplit(reference), urlsplit(self._api)
        if parts.scheme not in {"https", own.scheme} or not parts.hostname:
            raise ValueError("not a file of Gallabox's")
        if (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port):
            return reference, {name: self._headers[name] for name in ("apiKey", "apiSecret")}
        return reference, {}


def _parts(outbound: Outbound) -> list[dict[str, Any]]:
    template = outbound.details.template
    if template:
        told: dict[str, Any] = {"templateName": str(template["name"])}
        values = template_values(template.get("values"))
        if values:
            told["bodyValues"] = dict(values)
        return [{"type": "template", "template": told}]
    files = [(media_kind(file.type), file.url, file.type) for file in outbound.files[:MOST_FILES]]
    body, parts = outbound.body, list[dict[str, Any]]()
    if body and (not files or files[0][0] == "audio" or len(body) > LONGEST_CAPTION):
        parts.append({"type": "text", "text": {"body": body}})
        body = ""
    for kind, address, type_ in files:
        file = {"path": address, "mimeType": type_}
        if body:
            file["caption"] = body
        parts.append({"type": kind, kind: file})
        body = ""
    return parts


def _outcome(answer: httpx.Response) -> Result:
    """Sort Gallabox's answer. A 5xx proves nothing: neither that it was taken nor that it was not."""
    told, status = document(answer), answer.status_code
    if answer.is_success:
        found = told.get("id")
        return Accepted(found) if isinstance(found, str) and found else Unknown("accepted without an id")
    if status == 429:
        return Refused("429", failure_text("130429"), final=False, retry_after=_reset(answer))
    if status in {401, 403}:
        return Refused(str(status), _SIGN_IN, final=True, blames_channel=True)
    if 400 <= status < 500 and status not in {408, 409}:
        return Refused(str(status), UNREADABLE_ANSWER, final=True)
    return Unknown(f"answered {status}")


def _reset(answer: httpx.Response) -> float | None:
    """``X-RateLimit-Reset`` names the second from which it goes on."""
    text = answer.headers.get("X-RateLimit-Reset", "")
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return min(max(float(text) - clock.now().timestamp(), 1.0), 300.0)
    return retry_after(answer)
