"""Twilio's calls to us: the signature, and what the form says. Pure, and quick: every delivery passes here first.

Signature (twilio.com/docs/usage/security, twilio-python's RequestValidator): base64(HMAC-SHA1(token, URL + for each
parameter in code-point order its name and value)); of a name with several values each distinct one, sorted. The URL is
the one that was configured, with its query; never the Host header (a proxy in front changes that). Twilio signs it with
or without the port, so both count. There is no time stamp: the message's id is the protection against replays.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, unquote_plus, urlsplit

from app.channels.adapters.base import (
    Attachment,
    Delivery,
    Details,
    Headers,
    InboundMessage,
    Kind,
    Status,
    StatusReport,
)
from app.channels.errors import Forged, Malformed
from app.channels.opt_out import opt_out_word
from app.kit.crypto import BadSignatureError, sign, unsign

MOST_PARAMETERS = 1_000
MOST_FILES = 10
_SIGNATURE, _CONTENT_TYPE = b"x-twilio-signature", b"content-type"
_FORM, _JSON = b"application/x-www-form-urlencoded", b"application/json"
_PURPOSE = "attempt"
_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_PORTS = {"https": 443, "http": 80}

STATUSES: dict[str, Status] = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""Twilio's word for a message's state, and ours. Unknown words change nothing."""


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """Return the pairs of a form, as ``parse_qsl(keep_blank_values=True)`` does, in a third of its time."""
    pairs = []
    for part in body.decode("utf-8", "replace").split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        if "%" in value or "+" in value:
            value = unquote_plus(value)
        if "%" in name or "+" in name:
            name = unquote_plus(name)
        pairs.append((name, value))
    return pairs


def signed_text(pairs: list[tuple[str, str]]) -> str:
    """Return what is signed after the URL."""
    return "".join(name + value for name, value in sorted(set(pairs)))


class TwilioWire:
    """The receiving half of one channel on Twilio's dialect. ``webhook_url`` is the public address, as configured."""

    def __init__(
        self, *, webhook_url: str, auth_token: str, account_sid: str, kind: Kind, address: str, secret: str
    ) -> None:
        self.webhook_url = webhook_url
        self._account_sid = account_sid
        self._kind = kind
        self._address = address
        self._secret = secret
        self._prefix = "whatsapp:" if kind == "whatsapp" else ""
        # The token and the fixed part of the URL are hashed once; each call copies that state and goes on from it.
        keyed = hmac.new(auth_token.encode(), digestmod="sha1")
        self._keyed = []
        for url in _with_and_without_port(webhook_url):
            variant = keyed.copy()
            variant.update(url.encode())
            self._keyed.append(variant)

    # -- what the provider signs

    def signature(self, suffix: str, pairs: list[tuple[str, str]]) -> str:
        """Return Twilio's signature of a call to ``webhook_url + suffix`` (used by the simulated provider)."""
        return next(self._sums(suffix + signed_text(pairs))).decode()

    def _sums(self, rest: str) -> Iterator[bytes]:
        data = rest.encode("utf-8", "surrogatepass")
        for keyed in self._keyed:
            mac = keyed.copy()
            mac.update(data)
            yield b64encode(mac.digest())

    def callback_url(self, token: str) -> str:
        """Return the address that the provider shall tell about one attempt."""
        return f"{self.webhook_url}/status?a={quote(sign(self._secret, _PURPOSE, token))}"

    # -- what comes in

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:
        """Verify and parse one call; see ``Adapter.receive``."""
        given = content_type = b""
        for name, value in headers:
            if name == _SIGNATURE:
                given = value
            elif name == _CONTENT_TYPE:
                content_type = value.partition(b";")[0].strip().lower()
        if not given:
            raise Forged("The signature is missing.")
        url_rest = suffix + ("?" + query.decode("latin-1") if query else "")
        if content_type == _JSON:
            # JSON is bound to the call only by its digest in the signed URL, and none of our webhooks asks for JSON.
            self._verify_json(given, url_rest, query, body)
            raise Malformed("Twilio delivers texts as a form.")
        if content_type != _FORM:
            raise Forged("Not a content type that Twilio signs.")
        pairs = parse_form(body)
        if len(pairs) > MOST_PARAMETERS:
            raise Malformed("Too many parameters.")
        self._verify(given, url_rest + signed_text(pairs))
        form = dict(pairs)
        if form.get("AccountSid") != self._account_sid:
            return Delivery(unrouted="It came from another Twilio account than the one this channel is connected to.")
        if "MessageStatus" in form:
            return self._status(form, query)
        return self._message(form, body)

    def _verify(self, given: bytes, rest: str) -> None:
        if not any(hmac.compare_digest(given, wanted) for wanted in self._sums(rest)):
            raise Forged

    def _verify_json(self, given: bytes, url_rest: str, query: bytes, body: bytes) -> None:
        digest = parse_qs(query.decode("latin-1")).get("bodySHA256", [""])[0]
        if not hmac.compare_digest(digest.encode(), sha256(body).hexdigest().encode()):
            raise Forged
        self._verify(given, url_rest)

    def _status(self, form: dict[str, str], query: bytes) -> Delivery:
        provider_id = _provider_id(form)
        status = STATUSES.get(form["MessageStatus"].lower())
        if status is None:
            return Delivery()
        code = form.get("ErrorCode", "")
        if status == "failed" and not code and form["MessageStatus"].lower() == "canceled":
            code = "canceled"
        return Delivery(
            [
                StatusReport(
                    provider_id=provider_id, status=status, error_code=code[:16] or None, token=self._token(query)
                )
            ]
        )

    def _token(self, query: bytes) -> str | None:
        signed = parse_qs(query.decode("latin-1")).get("a")
        if not signed:
            return None
        try:
            return unsign(self._secret, _PURPOSE, signed[0])
        except (BadSignatureError, ValueError):
            # The call itself is genuine; only our own mark in it is not. The provider's id still tells which message.
            return None

    def _message(self, form: dict[str, str], body: bytes) -> Delivery:
        provider_id = _provider_id(form)
        sender, to = form.get("From", ""), form.get("To", "")
        if not sender or not to:
            raise Malformed("From and To are missing.")
        if to != self._prefix + self._address:
            return Delivery(unrouted=f"It was sent to {to[:80]}, but this channel is {self._prefix}{self._address}.")
        if not sender.startswith(self._prefix) or len(sender) > 254 or not sender.isprintable():
            return Delivery(unrouted="Its sender's address is not one of this kind of channel.")
        text = form.get("Body", "")
        return Delivery(
            [
                InboundMessage(
                    provider_id=provider_id,
                    from_address=sender.removeprefix(self._prefix).lower(),
                    to_address=self._address,
                    body=text,
                    raw=body.decode("utf-8", "replace"),
                    name="".join(c for c in form.get("ProfileName", "") if c.isprintable()).strip()[:120] or None,
                    attachments=_files(form),
                    opt_out=opt_out_word(text, form.get("OptOutType")),
                    is_answered=bool(form.get("OptOutType")),  # Advanced Opt-Out names what it has answered
                    details=Details(
                        button=form.get("ButtonPayload") or None,
                        reply_to=form.get("OriginalRepliedMessageSid") or None,
                        location=_location(form),
                    ),
                )
            ]
        )


def _with_and_without_port(url: str) -> list[str]:
    """Return the URL as configured first, then its twin: without its port, or with the scheme's own."""
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    twin = host if parts.port else f"{host}:{_PORTS[parts.scheme]}"
    return [url, parts._replace(netloc=twin).geturl()]


def _provider_id(form: dict[str, str]) -> str:
    provider_id = form.get("MessageSid") or form.get("SmsSid") or ""
    if not _ID.fullmatch(provider_id):
        raise Malformed("The message's id is missing.")
    return provider_id


def _files(form: dict[str, str]) -> list[Attachment]:
    count = form.get("NumMedia", "0")
    if not count.isascii() or not count.isdigit() or len(count) > 3:
        return []
    found = [
        Attachment(form[f"MediaUrl{i}"], form.get(f"MediaContentType{i}", "application/octet-stream"))
        for i in range(min(int(count), MOST_FILES))
        if f"MediaUrl{i}" in form
    ]
    # Whether it may be fetched from there, and with which sign-in, is decided when it is fetched: what is refused is
    # shown with its reason, not left out.
    return [file for file in found if (file.url + file.type).isprintable()]


def _location(form: dict[str, str]) -> dict[str, Any] | None:
    try:
        latitude, longitude = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    told = {"latitude": latitude, "longitude": longitude, "name": form.get("Label"), "address": form.get("Address")}
    return {name: value for name, value in told.items() if value is not None and value != ""}
