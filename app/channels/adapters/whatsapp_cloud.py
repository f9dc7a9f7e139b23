"""WhatsApp over Meta's Cloud API.

Sending is one POST without an idempotency key, tried once and sorted into three outcomes (reliability section 2). Meta
has no list of what was sent, so an unknown send has no evidence to look for: a person decides. The published document
wants ``recipient_type``, ``language.policy`` and a ``User-Agent`` of the form ``name/1.2.3``; it knows no field for a
word of our own that would come back with the states.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import structlog

from app.channels.adapters.base import (
    Accepted,
    Connection,
    InboundMessage,
    Outbound,
    OutboundFile,
    Refused,
    Result,
    SentMessage,
    Unknown,
)
from app.channels.adapters.calling import client, document, post_once, post_parts, retry_after
from app.channels.adapters.whatsapp_cloud_wire import WhatsAppCloudWire
from app.channels.adapters.whatsapp_failures import TOO_LONG, UNREADABLE_ANSWER, failure_text, meaning

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

log = structlog.get_logger()

VERSION = "v23.0"
AGENT = "orasync/1.0.0"
LONGEST_TEXT, LONGEST_CAPTION = 4_096, 1_024
MOST_FILES = 10
PAIR_SECONDS = 10.0
"""Meta lets one number write to one person about every six seconds when it is too much."""
_META = (".facebook.com", ".fbsbx.com", ".whatsapp.net")
_KINDS = {
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
    "video/3gpp": "video",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
}
"""What WhatsApp shows as what it is; everything else goes as a document."""


def media_kind(type_: str) -> str:
    """Return what WhatsApp calls a file of this type."""
    return _KINDS.get(type_.partition(";")[0].strip().lower(), "document")


class WhatsAppCloudAdapter(WhatsAppCloudWire):
    """One number of Meta's Cloud API."""

    def __init__(self, connection: Connection, api_url: str) -> None:
        told = connection.credentials
        super().__init__(
            app_secret=str(told.get("app_secret") or ""),
            verify_token=str(told.get("verify_token") or ""),
            phone_number_id=str(told.get("phone_number_id") or ""),
            waba_id=str(told.get("waba_id") or ""),
            address=connection.address,
        )
        self._api = f"{api_url}/{VERSION}"
        self._messages_url = f"{self._api}/{self._number}/messages"
        self._bearer = {"Authorization": f"Bearer {told.get('access_token', '')}"}
        self._timeout = connection.timeout

    def failure_text(self, code: str | None) -> str:
        """Return what an error code means, in words staff can act on."""
        return failure_text(code)

    # -- out

    async def send(self, outbound: Outbound) -> Result:
        """Try once. A message of several parts (text and a voice note, two pictures) is as many calls."""
        if not outbound.details.template and len(outbound.body) > LONGEST_TEXT:
            return Refused("too_long", TOO_LONG.format(most=LONGEST_TEXT), final=True)
        to = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": outbound.to.lstrip("+")}
        headers = {**self._bearer, "User-Agent": AGENT}

        async def post(part: dict[str, Any]) -> Result:
            answer = await post_once(self._messages_url, outbound, self._timeout, json={**to, **part}, headers=headers)
            return _outcome(answer) if isinstance(answer, httpx.Response) else answer

        return await post_parts(parts_of(outbound), outbound, post)

    # -- evidence

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:  # noqa: ARG002
        """Return nothing: Meta keeps no list of what was sent."""
        return []

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:  # noqa: ARG002
        """Return nothing: Meta has no list to ask. It delivers again itself, for up to seven days."""
        return []

    # -- files

    async def media_url(self, reference: str) -> tuple[str, dict[str, str]]:
        """Ask where ``media:<id>`` lies now (for five minutes); see ``MediaSource``."""
        kind, _, media_id = reference.partition(":")
        if kind != "media" or not media_id.replace("-", "").replace("_", "").isalnum():
            raise ValueError("not a file of WhatsApp's")
        headers = {**self._bearer, "User-Agent": AGENT}
        async with asyncio.timeout(self._timeout):
            answer = await client().get(f"{self._api}/{media_id}", headers=headers)
        answer.raise_for_status()
        url = document(answer).get("url")
        if not isinstance(url, str) or not self._is_meta_s(url):
            raise ValueError("not an address of Meta's")
        return url, headers

    def _is_meta_s(self, url: str) -> bool:
        """The token goes to Meta's own hosts only, whatever an answer says."""
        parts, own = urlsplit(url), urlsplit(self._api)
        if (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port):
            return True
        return parts.scheme == "https" and parts.port in {None, 443} and (parts.hostname or "").endswith(_META)


def parts_of(outbound: Outbound) -> list[dict[str, Any]]:
    """Return what to send, one object a call: the template, or the text and each file (the first carries the text)."""
    template = outbound.details.template
    if template:
        return [{"type": "template", "template": _template(template, outbound.files)}]
    context = {"context": {"message_id": outbound.details.reply_to}} if outbound.details.reply_to else {}
    files = _files(outbound)
    body, parts = outbound.body, []
    if body and (not files or files[0][0] == "audio" or len(body) > LONGEST_CAPTION):
        parts.append({"type": "text", "text": {"body": body, "preview_url": False}, **context})
        body, context = "", {}
    for kind, link, name in files:
        told = {"link": link}
        if body:
            told["caption"] = body
        if name and kind == "document":
            told["filename"] = name
        parts.append({"type": kind, kind: told, **context})
        body, context = "", {}
    return parts


def _files(outbound: Outbound) -> list[tuple[str, str, str]]:
    """Return (kind, address, name) of each file. Meta fetches them itself, by the short-lived signed address."""
    named: Sequence[OutboundFile] = outbound.files[:MOST_FILES]
    if named:
        return [(media_kind(file.type), file.url, file.name) for file in named]
    return [("document", url, "") for url in outbound.media_urls[:MOST_FILES]]


def _template(told: dict[str, Any], files: Sequence[OutboundFile]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": str(told["name"]),
        "language": {"code": str(told["language"]), "policy": "deterministic"},
    }
    components = []
    if header := _header(told, files):
        components.append({"type": "header", "parameters": header})
    if parameters := _texts(told.get("values")):
        components.append({"type": "body", "parameters": parameters})
    for at, value in told.get("buttons") or []:
        # Counted from 0, over all buttons. One that answers by itself needs nothing: its own words come back.
        parameters = [{"type": "text", "text": str(value)}]
        components.append({"type": "button", "sub_type": "url", "index": str(at), "parameters": parameters})
    if components:
        found["components"] = components
    return found


def _header(told: dict[str, Any], files: Sequence[OutboundFile]) -> list[dict[str, Any]]:
    """Return what stands above the text: its heading's blank, or the picture or file of this message."""
    kind = told.get("file")
    if not kind:
        return _texts(told.get("header"))
    media = {"link": files[0].url if files else str(told.get("link", ""))}
    if kind == "document" and files:
        media["filename"] = files[0].name
    return [{"type": kind, kind: media}]


def _texts(values: Any) -> list[dict[str, Any]]:
    return [
        {"type": "text", **({} if name.isdecimal() else {"parameter_name": name}), "text": value}
        for name, value in template_values(values)
    ]


def template_values(values: Any) -> list[tuple[str, str]]:
    """Return the filled blanks by name, in order; blanks without a name have their number."""
    if isinstance(values, dict):
        named = [(str(name), str(value)) for name, value in values.items()]
        if all(name.isdecimal() for name, _ in named):
            named.sort(key=lambda one: int(one[0]))
        return named
    return [(str(at), str(value)) for at, value in enumerate(values or [], 1)]


def _outcome(answer: httpx.Response) -> Result:
    """Sort Meta's answer: only its own error document says for certain that nothing was taken."""
    told = document(answer)
    if answer.is_success:
        messages = told.get("messages")
        row = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
        found = row.get("id")
        return Accepted(found) if isinstance(found, str) and found else Unknown("accepted without an id")
    error = told.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int) and not isinstance(code, bool):
        return _refused(str(code), answer)
    return _without_document(answer)


def _refused(code: str, answer: httpx.Response) -> Result:
    what, text = meaning(code), failure_text(code)
    wait = retry_after(answer)
    if what == "slow" or (what is None and answer.status_code == 429):
        return Refused("429", failure_text("130429"), final=False, retry_after=wait)
    if what == "pair":
        return Refused(code, text, final=False, retry_after=wait or PAIR_SECONDS)
    if what == "later":
        return Refused(code, text, final=False, retry_after=wait)
    if what is None and answer.status_code >= 500:
        return Unknown(f"answered {answer.status_code}")
    if what == "ours":
        log.error("whatsapp.request_refused", code=code)
    return Refused(code, text, final=True, blames_channel=what == "channel")


def _without_document(answer: httpx.Response) -> Result:
    status = answer.status_code
    if status == 429:
        return Refused("429", failure_text("130429"), final=False, retry_after=retry_after(answer))
    if status in {401, 403}:
        return Refused(str(status), failure_text("190"), final=True, blames_channel=True)
    if 400 <= status < 500 and status not in {408, 409}:
        return Refused(str(status), UNREADABLE_ANSWER, final=True)
    return Unknown(f"answered {status}")
