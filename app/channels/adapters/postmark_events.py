"""What Postmark tells of mails we sent: one JSON object a call, signed by nothing but the secret in its address. Pure.

Source: the provider's webhook pages (Delivery, Bounce, SpamComplaint, Open, SubscriptionChange).
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.channels.adapters.base import Bounce, Connection, Delivery, Headers, Item, Status, StatusReport
from app.channels.adapters.mail_failures import enhanced
from app.channels.adapters.mail_headers import clean_address, printable
from app.channels.adapters.mail_wire import check_secret
from app.channels.adapters.sendgrid_events import ATTEMPT, attempt_of
from app.channels.errors import Malformed

_STATUSES: dict[str, Status] = {"Delivery": "delivered", "Open": "read"}
_HARD = {"HardBounce", "BadEmailAddress", "ManuallyDeactivated"}
_UNWANTED = {"SpamComplaint": "spam", "SpamNotification": "spam", "Unsubscribe": "unsubscribed"}
_NOT_BOUNCED = {"Transient", "AutoResponder", "OpenRelayTest", "AddressChange", "ChallengeVerification", "Subscribe"}
"""Kinds of Postmark's that say nothing about whether the mail arrived."""


class PostmarkEvents:
    """Reads one channel's events."""

    def __init__(self, connection: Connection) -> None:
        self._secret = connection.secret
        self._inbound_secret = str(connection.credentials.get("inbound_secret") or "")

    def read(self, headers: Headers, body: bytes) -> Delivery:
        """Verify and parse one call. Raises ``Forged`` or ``Malformed``."""
        check_secret(headers, self._inbound_secret)
        try:
            told = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise Malformed("This is not JSON.") from error
        if not isinstance(told, dict):
            raise Malformed("This is not what Postmark delivers.")
        items = self._items(told)
        return Delivery(items, ignored=None if items else "an event that changes nothing here")

    def _items(self, told: dict[str, Any]) -> list[Item]:
        kind, provider_id = told.get("RecordType"), _text(told.get("MessageID"))[:128]
        address = clean_address(_text(told.get("Email")) or _text(told.get("Recipient")))
        marks = told.get("Metadata")
        token = attempt_of(self._secret, marks.get(ATTEMPT)) if isinstance(marks, dict) else None
        if not address and kind not in _STATUSES:
            return []
        if kind == "SubscriptionChange" and told.get("SuppressSending") is True:
            return _suppressed(_text(told.get("SuppressionReason")), address, token)
        why = _UNWANTED.get(_text(told.get("Type")) if kind == "Bounce" else str(kind))
        if why is not None:
            return [_unwanted(why, address, token)]
        if kind in _STATUSES and provider_id:
            return [StatusReport(provider_id=provider_id, status=_STATUSES[kind], token=token)]
        if kind == "Bounce" and told.get("Type") not in _NOT_BOUNCED and provider_id:
            return self._bounce(told, provider_id, address, token)
        return []

    def _bounce(self, told: dict[str, Any], provider_id: str, address: str, token: str | None) -> list[Item]:
        reason = " ".join(_text(told.get("Details")).split())[:300]
        hard = told.get("Type") in _HARD
        code = enhanced("5", reason) if hard else enhanced("4", reason)
        code = {"5": "bounced", "4": "4.0.0"}.get(code, code)
        items: list[Item] = [StatusReport(provider_id=provider_id, status="failed", error_code=code[:16], token=token)]
        if hard:
            items.append(Bounce(address=address, reason=reason, final=True, token=token))
        return items


def _suppressed(reason: str, address: str, token: str | None) -> list[Item]:
    if reason == "HardBounce":
        return [Bounce(address=address, reason="", final=True, token=token)]
    return [_unwanted("spam" if reason == "SpamComplaint" else "unsubscribed", address, token)]


def _unwanted(reason: str, address: str, token: str | None) -> Bounce:
    return Bounce(address=address, reason=reason, final=True, complaint=True, token=token)


def _text(value: object) -> str:
    return printable(value[:1000]).strip() if isinstance(value, str) else ""
