"""What SendGrid tells of mails we sent. Pure.

Source: ``sendgrid/sendgrid-python sendgrid/helpers/eventwebhook`` and the Event Webhook page: the signature is base64
of DER ECDSA (P-256, SHA-256) over the time stamp and the raw body, whose trailing line break counts. The library checks
no age; we do. Without a key the address's own secret lets in, as for mail.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.channels.adapters.base import Bounce, Connection, Delivery, Headers, Item, Status, StatusReport
from app.channels.adapters.mail_failures import enhanced
from app.channels.adapters.mail_headers import clean_address, printable
from app.channels.adapters.mail_wire import check_secret
from app.channels.errors import Forged, Malformed
from app.kit import clock
from app.kit.crypto import signature

SIGNATURE, TIMESTAMP = b"x-twilio-email-event-webhook-signature", b"x-twilio-email-event-webhook-timestamp"
MESSAGE, ATTEMPT = "orasync_message_id", "orasync_attempt"
"""Our own words in a mail, which come back with every event."""
OLDEST = 600.0
"""Seconds a call may be old: SendGrid signs at the time of sending, and our clock may be off."""
MOST_EVENTS = 5_000
_PURPOSE = "mail attempt"

_STATUSES: dict[str, Status] = {
    "processed": "sent",
    "deferred": "sent",
    "delivered": "delivered",
    "open": "read",
    "bounce": "failed",
    "dropped": "failed",
}
"""SendGrid's word and ours. A deferred mail is still on its way."""
_UNWANTED = {"spamreport": "spam", "unsubscribe": "unsubscribed", "group_unsubscribe": "unsubscribed"}
_DROPPED = {
    "bounced address": "bounced",
    "spam reporting address": "spam",
    "unsubscribed address": "unsubscribed",
    "invalid smtpapi header": "dropped",
}


def attempt_mark(secret: str, token: str) -> str:
    """Return an attempt's token as it travels with a mail. Postmark keeps at most 80 characters."""
    return f"{token}.{_mac(secret, token)}"


def attempt_of(secret: str, mark: object) -> str | None:
    """Return the attempt a report is about; None where our mark is missing or not ours."""
    if not isinstance(mark, str) or not mark.isascii():
        return None
    token, _, mac = mark.partition(".")
    return token if hmac.compare_digest(mac, _mac(secret, token)) else None


def _mac(secret: str, token: str) -> str:
    return base64.urlsafe_b64encode(signature(secret, _PURPOSE, token.encode())[:18]).decode()


class SendgridEvents:
    """Reads one channel's events."""

    def __init__(self, connection: Connection) -> None:
        self._secret = connection.secret
        self._inbound_secret = str(connection.credentials.get("inbound_secret") or "")
        self._key = str(connection.credentials.get("event_public_key") or "")

    def read(self, headers: Headers, body: bytes) -> Delivery:
        """Verify and parse one call. Raises ``Forged`` or ``Malformed``."""
        told = {name: value for name, value in headers if name in {SIGNATURE, TIMESTAMP, b"authorization"}}
        if self._key:
            self._verify(told.get(SIGNATURE, b""), told.get(TIMESTAMP, b""), body)
        else:
            check_secret(told.items(), self._inbound_secret)
        try:
            events = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise Malformed("This is not JSON.") from error
        if not isinstance(events, list) or len(events) > MOST_EVENTS:
            raise Malformed("This is not a list of events.")
        items = [item for event in events if isinstance(event, dict) for item in self._items(event)]
        return Delivery(items, ignored=None if items else "events that change nothing here")

    def _verify(self, given: bytes, timestamp: bytes, body: bytes) -> None:
        if not given or not timestamp:
            raise Forged("The signature is missing.")
        try:
            _public_key(self._key).verify(
                base64.b64decode(given, validate=True), timestamp + body, ECDSA(hashes.SHA256())
            )
        except (InvalidSignature, binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
            raise Forged from None
        if not timestamp.isdigit() or abs(clock.now().timestamp() - float(timestamp[:15])) > OLDEST:
            raise Forged("It is too old.")

    def _items(self, event: dict[str, Any]) -> list[Item]:
        word = event.get("event")
        address = clean_address(event["email"]) if isinstance(event.get("email"), str) else ""
        token = attempt_of(self._secret, event.get(ATTEMPT))
        if word in _UNWANTED:
            if not address:
                return []
            return [Bounce(address=address, reason=_UNWANTED[word], final=True, complaint=True, token=token)]
        status = _STATUSES.get(word) if isinstance(word, str) else None
        found = event.get("sg_message_id")
        # The id of the answer to the send is the first part of the id that events carry.
        provider_id = found.partition(".")[0][:128] if isinstance(found, str) and found.isprintable() else ""
        if status is None or not provider_id or event.get("sg_machine_open") is True:
            return []
        code = _code(event) if status == "failed" else None
        items: list[Item] = [StatusReport(provider_id=provider_id, status=status, error_code=code, token=token)]
        if word == "bounce" and event.get("type") != "blocked" and address:
            items.append(Bounce(address=address, reason=_reason(event), final=True, token=token))
        return items


def _public_key(text: str) -> EllipticCurvePublicKey:
    key = load_der_public_key(base64.b64decode(text))
    if not isinstance(key, EllipticCurvePublicKey):
        raise TypeError("not an elliptic curve key")
    return key


def _reason(event: dict[str, Any]) -> str:
    reason = event.get("reason")
    return printable(reason[:500]).strip()[:300] if isinstance(reason, str) else ""


def _code(event: dict[str, Any]) -> str:
    if event.get("event") == "dropped":
        return _DROPPED.get(_reason(event).lower(), "dropped")
    status = event.get("status")
    text = status if isinstance(status, str) else ""
    return enhanced(text[:1] or "5", f"{text} {_reason(event)}")[:16]
