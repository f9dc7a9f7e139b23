"""Meta's calls to us: the signature, and what an app's delivery says. Pure, and quick.

Signature: ``X-Hub-Signature-256: sha256=<hex HMAC-SHA256(app secret, raw bytes)>``. One delivery may hold many entries,
changes, messages and statuses, of several numbers; one that cannot be read does not take the others with it. There is
no time stamp: the ids of messages are the protection against replays, and states only move forward.
Format: ``facebook/openapi business-messaging-api_v23.0.yaml`` and Meta's webhook reference.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import msgspec

from app.channels.adapters.base import ChannelTrouble, Delivery, Headers, Item, TemplateReport
from app.channels.adapters.whatsapp_content import (
    Unreadable,
    list_of,
    message_of,
    name_of,
    object_of,
    reaction_of,
    status_of,
    text_of,
)
from app.channels.adapters.whatsapp_failures import failure_text
from app.channels.errors import Forged, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

OBJECT = "whatsapp_business_account"
_SIGNATURE = b"x-hub-signature-256"

_TROUBLES = {
    "FLAGGED": "WhatsApp says that too many people blocked or reported this number. Send less advertising for a while.",
    "DOWNGRADE": "WhatsApp lets this number write to fewer new people a day, because of its quality.",
    "ACCOUNT_VIOLATION": "WhatsApp says that this account broke a rule of theirs. A manager can look in Meta's app.",
    "ACCOUNT_RESTRICTION": "WhatsApp has restricted this account. A manager can look in Meta's app what for.",
    "DISABLED_UPDATE": "WhatsApp has switched this account off. A manager can ask for a review in Meta's app.",
    "ACCOUNT_DELETED": "This WhatsApp account was deleted at Meta. Connect another one.",
    "PARTNER_REMOVED": "This WhatsApp account is no longer shared with Orasync. A manager can connect it again.",
}
"""Words of ``phone_number_quality_update`` and ``account_update`` that somebody must hear of."""
_LIFTED = "REINSTATE"


class Change(msgspec.Struct, frozen=True):
    """One part of a delivery. ``number`` is Meta's id of ours, where the part is about one."""

    account: str
    field: str
    value: dict[str, Any]
    number: str | None


def signature(secret: str, body: bytes) -> str:
    """Return the header's value for a body (also used by whoever plays Meta)."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def given_signature(headers: Headers) -> bytes:
    """Return the signature a call carries. Raises ``Forged`` where there is none."""
    for name, value in headers:
        if name == _SIGNATURE:
            return value
    raise Forged("The signature is missing.")


def is_signed(secret: str, given: bytes, body: bytes) -> bool:
    """Say whether a body was signed with this secret."""
    return bool(secret) and hmac.compare_digest(given, signature(secret, body).encode())


def read_changes(body: bytes) -> list[Change]:
    """Return the parts of a delivery. Raises ``Malformed``."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Malformed("This is not JSON.") from None
    if not isinstance(told, dict) or not isinstance(told.get("entry"), list):
        raise Malformed("This is not what WhatsApp delivers.")
    if told.get("object") != OBJECT:
        return []
    return list(_changes(told["entry"]))


def _changes(entries: list[Any]) -> Iterator[Change]:
    for entry in list_of(entries):
        for change in list_of(entry.get("changes")):
            value = object_of(change.get("value"))
            number = object_of(value.get("metadata")).get("phone_number_id")
            yield Change(
                text_of(entry.get("id"), 64),
                text_of(change.get("field"), 80),
                value,
                str(number)[:64] if isinstance(number, str | int) else None,
            )


def write_changes(changes: list[Change]) -> bytes:
    """Return a delivery of only these parts: what is kept of one that brought others' parts too."""
    entries = [{"id": one.account, "changes": [{"field": one.field, "value": one.value}]} for one in changes]
    return msgspec.json.encode({"object": OBJECT, "entry": entries})


class WhatsAppCloudWire:
    """The receiving half of one number of Meta's."""

    def __init__(self, *, app_secret: str, verify_token: str, phone_number_id: str, waba_id: str, address: str) -> None:
        self.app_secret = app_secret
        self.verify_token = verify_token
        self._number = phone_number_id
        self._account = waba_id
        self._address = address

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:  # noqa: ARG002
        """Verify and parse one call; see ``Adapter.receive``."""
        if not is_signed(self.app_secret, given_signature(headers), body):
            raise Forged
        changes = read_changes(body)
        delivery = self.read([change for change in changes if self.is_for(change)])
        strangers = sorted({change.number for change in changes if change.number and not self.is_for(change)})
        if strangers:
            return msgspec.structs.replace(
                delivery,
                unrouted=f"It was sent to another number than this one (its ID is {', '.join(strangers)[:200]}).",
            )
        return delivery

    def is_for(self, change: Change) -> bool:
        """Say whether a part is about this number, or about the account it belongs to."""
        if change.number is not None:
            return change.number == self._number
        if change.account != self._account:
            return False
        shown = change.value.get("display_phone_number")
        return shown is None or "".join(c for c in str(shown) if c.isdigit()) == self._address.lstrip("+")

    def read(self, changes: list[Change]) -> Delivery:
        """Return what these parts say. They have been verified and are for this number."""
        items: list[Item] = []
        bad: list[str] = []
        ignored: list[str] = []
        for change in changes:
            if change.field == "messages":
                self._messages(change.value, items, bad, ignored)
            else:
                found = _update(change)
                if found is not None:
                    items.append(found)
                else:
                    ignored.append(f"nothing to do for {change.field}")
        if not changes:
            ignored.append("nothing in it is for this number")
        return Delivery(
            items,
            unrouted=f"{len(bad)} of its parts cannot be read: {bad[0]}." if bad else None,
            ignored=", ".join(dict.fromkeys(ignored))[:300] or None,
        )

    def _messages(self, value: dict[str, Any], items: list[Item], bad: list[str], ignored: list[str]) -> None:
        contacts = list_of(value.get("contacts"))
        people = {str(one.get("wa_id")): one for one in contacts}
        for message in list_of(value.get("messages")):
            try:
                items.append(self._message(message, people.get(str(message.get("from"))), value))
            except (Unreadable, ValueError, OverflowError) as reason:
                bad.append(str(reason) if isinstance(reason, Unreadable) else "it has an odd value")
        for status in list_of(value.get("statuses")):
            try:
                report = status_of(status)
            except (Unreadable, ValueError, OverflowError) as reason:
                bad.append(str(reason) if isinstance(reason, Unreadable) else "it has an odd value")
                continue
            if report is not None:
                items.append(report)
            else:
                ignored.append("a state we do not know")
        items.extend(
            ChannelTrouble(text=failure_text(str(error.get("code", ""))[:16] or None))
            for error in list_of(value.get("errors"), 1)
        )

    def _message(self, message: dict[str, Any], person: dict[str, Any] | None, value: dict[str, Any]) -> Item:
        if message.get("type") == "reaction":
            return reaction_of(message)
        name = name_of(object_of((person or {}).get("profile")).get("name"))
        # Of a delivery with a thousand messages each keeps its own part.
        told = {
            "metadata": value.get("metadata"),
            "contacts": [person] if person else [],
            "messages": [message],
        }
        return message_of(message, to=self._address, name=name, raw=msgspec.json.encode(told).decode())


def _update(change: Change) -> Item | None:
    value, event = change.value, text_of(change.value.get("event"), 80).upper()
    if change.field == "message_template_status_update":
        name, language = text_of(value.get("message_template_name"), 512), value.get("message_template_language")
        if name and event:
            return TemplateReport(name=name, language=text_of(language, 16), status=event)
    elif change.field in {"phone_number_quality_update", "account_update"}:
        if object_of(value.get("ban_info")).get("waba_ban_state") == _LIFTED:
            return None
        if event in _TROUBLES:
            return ChannelTrouble(text=_TROUBLES[event])
    return None
