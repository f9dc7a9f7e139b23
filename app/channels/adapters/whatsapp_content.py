"""What a WhatsApp message says, in Meta's words for it; its resellers pass the same on. Pure, and forgiving in detail.

Format: ``facebook/openapi business-messaging-api_v23.0.yaml`` and Meta's webhook reference (messages object).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import msgspec

from app.channels.adapters.base import Attachment, Details, InboundMessage, Reaction, Status, StatusReport
from app.channels.opt_out import opt_out_word

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.channels.adapters.base import OptOut

STATUSES: dict[str, Status] = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"}
"""Meta's word for a message's state, and ours. Unknown words change nothing."""

MOST_FILES = 10
MOST_CARDS = 20
MOST_NUMBERS = 5
_FILES = ("image", "video", "audio", "document", "sticker")
_BUTTON_STOPS = frozenset({"stop", "stop promotions", "stop all", "unsubscribe", "opt out", "opt-out"})
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_MEDIA_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_DIGITS = re.compile(r"[0-9]{5,20}")
_FLOW_TOKEN = "flow_token"  # noqa: S105 - the name of a field
_LAST = 253402300799
"""The last second of the year 9999: what comes later is no time."""


class Unreadable(Exception):
    """One item of a delivery has not the shape it should have. Says why, in plain words."""


def address_of(value: Any) -> str:
    """Return ``+`` and the digits of a WhatsApp id. Raises ``Unreadable``."""
    text = str(value).removeprefix("+") if isinstance(value, str | int) else ""
    if not _DIGITS.fullmatch(text):
        raise Unreadable("its sender has no phone number")
    return "+" + text


def id_of(value: Any) -> str:
    """Return a provider's id. Raises ``Unreadable``."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Unreadable("its id is missing")
    return value


def moment(value: Any) -> dt.datetime | None:
    """Return an instant told in seconds (as text) or as RFC 3339; None for anything else."""
    text = str(value)
    if text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= _LAST:
        return dt.datetime.fromtimestamp(int(text), dt.UTC)
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(dt.UTC) if found.tzinfo and found.year > 1970 else None


def text_of(value: Any, longest: int = 1_000_000) -> str:
    """Return a text without what cannot be stored, or nothing."""
    return value[:longest].replace("\x00", "") if isinstance(value, str) else ""


def object_of(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any, most: int | None = None) -> list[dict[str, Any]]:
    """Return the objects of a list."""
    return [one for one in value[:most] if isinstance(one, dict)] if isinstance(value, list) else []


def name_of(value: Any) -> str | None:
    """Return a person's name as it can be shown."""
    return "".join(c for c in text_of(value, 400) if c.isprintable()).strip()[:120] or None


def status_of(told: dict[str, Any]) -> StatusReport | None:
    """Return what became of one of our messages; None for a word we have no use for. Raises ``Unreadable``."""
    provider_id = id_of(told.get("id"))
    status = STATUSES.get(text_of(told.get("status"), 40).lower())
    if status is None:
        return None
    code = next((one.get("code") for one in list_of(told.get("errors"))), None)
    return StatusReport(
        provider_id=provider_id,
        status=status,
        error_code=str(code)[:16] if code is not None and status == "failed" else None,
        at=moment(told.get("timestamp")),
    )


def reaction_of(message: dict[str, Any]) -> Reaction:
    """Return the emoji somebody put on a message, or took off it. Raises ``Unreadable``."""
    told, at = object_of(message.get("reaction")), moment(message.get("timestamp", message.get("time")))
    if at is None:
        raise Unreadable("it does not say when it was")
    emoji = "".join(c for c in text_of(told.get("emoji"), 32) if c not in "\x00\r\n\t<>")
    return Reaction(
        provider_id=id_of(told.get("message_id")),
        from_address=address_of(message.get("from")),
        emoji=emoji or None,
        at=at,
    )


def message_of(message: dict[str, Any], *, to: str, name: str | None, raw: str) -> InboundMessage:
    """Return a patient's message, whatever kind it is. Raises ``Unreadable``."""
    sender = address_of(message.get("from"))
    body, attachments, details = _content(message)
    context = object_of(message.get("context"))
    return InboundMessage(
        provider_id=id_of(message.get("id")),
        from_address=sender,
        to_address=to,
        body=body,
        raw=raw,
        name=name,
        attachments=attachments,
        opt_out=_opt_out(body, details),
        details=msgspec.structs.replace(
            details,
            sent_at=moment(message.get("timestamp", message.get("time"))),
            reply_to=text_of(context.get("id"), 128) or None,
            forwarded=context.get("forwarded") is True or context.get("frequently_forwarded") is True,
        ),
    )


def _opt_out(body: str, details: Details) -> OptOut | None:
    """Only what is typed is a keyword: the button "Cancel" under a reminder cancels the visit, not all messages."""
    if details.button is None:
        return opt_out_word(body)
    return "stop" if body.strip().casefold() in _BUTTON_STOPS else None


_Content = tuple[str, list[Attachment], Details]


def _content(message: dict[str, Any]) -> _Content:
    kind = text_of(message.get("type"), 40)
    told = object_of(message.get(kind))
    if kind in _FILES:
        return _file(told)
    read = _READERS.get(kind)
    if read is None:
        return "", [], Details(unsupported=True)
    return read(message if kind == "contacts" else told)


def _file(told: dict[str, Any]) -> _Content:
    body = text_of(told.get("caption"))
    type_ = text_of(told.get("mime_type") or told.get("mimeType"), 127)
    held = text_of(told.get("id"), 200)
    address = next((text_of(told[key], 2_000) for key in ("link", "url", "path") if text_of(told.get(key))), "")
    url = f"media:{held}" if _MEDIA_ID.fullmatch(held) else ""
    if address.startswith("https://") and address.isascii() and address.isprintable():
        url = address
    if not url:
        return body, [], Details(unsupported=True)
    size = told.get("file_size")
    file = Attachment(
        url=url,
        type="".join(c for c in type_ if c.isprintable()) or "application/octet-stream",
        name="".join(c for c in text_of(told.get("filename"), 255) if c.isprintable() and c not in "/\\"),
        size=size if isinstance(size, int) and 0 <= size < 2**53 else None,
        sha256=text_of(told.get("sha256"), 100) or None,
    )
    return body, [file], Details()


def _text(told: dict[str, Any]) -> _Content:
    return text_of(told.get("body")), [], Details()


def _button(told: dict[str, Any]) -> _Content:
    text = text_of(told.get("text"))
    return text, [], Details(button=text_of(told.get("payload"), 1_000) or text)


def _interactive(told: dict[str, Any]) -> _Content:
    kind = text_of(told.get("type"), 40)
    reply = object_of(told.get(kind))
    if kind in {"button_reply", "list_reply"}:
        return text_of(reply.get("title")), [], Details(button=text_of(reply.get("id"), 1_000) or None)
    if kind == "nfm_reply":
        return _form(reply), [], Details()
    return "", [], Details(unsupported=True)


def _form(reply: dict[str, Any]) -> str:
    """A filled form: one line a field, in the words of whoever built it."""
    told = reply.get("response_json")
    try:
        fields = object_of(msgspec.json.decode(told) if isinstance(told, str) else told)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        fields = {}
    lines = [
        f"{name}: {value}"
        for name, value in fields.items()
        if name != _FLOW_TOKEN and isinstance(value, str | int | float) and str(value).strip()
    ]
    return "\n".join(lines) or text_of(reply.get("body"))


def _location(told: dict[str, Any]) -> _Content:
    latitude, longitude = told.get("latitude"), told.get("longitude")
    try:
        place: dict[str, Any] = {"latitude": float(latitude), "longitude": float(longitude)}  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "", [], Details(unsupported=True)
    if not (-90 <= place["latitude"] <= 90 and -180 <= place["longitude"] <= 180):
        return "", [], Details(unsupported=True)
    place |= {key: text_of(told[key], 500) for key in ("name", "address") if text_of(told.get(key))}
    return ", ".join(place[key] for key in ("name", "address") if key in place), [], Details(location=place)


def _contacts(message: dict[str, Any]) -> _Content:
    cards: list[dict[str, Any]] = []
    for one in list_of(message.get("contacts"), MOST_CARDS):
        name = name_of(object_of(one.get("name")).get("formatted_name")) or ""
        told = list_of(one.get("phones"), MOST_NUMBERS)
        phones = [phone for phone in (text_of(each.get("phone"), 40) for each in told) if phone]
        if name or phones:
            cards.append({"name": name, "phones": phones})
    names = ", ".join(str(card["name"]) for card in cards if card["name"])
    return names, [], Details(contacts=cards) if cards else Details(unsupported=True)


def _order(told: dict[str, Any]) -> _Content:
    text = text_of(told.get("text"))
    items = list_of(told.get("product_items"), MOST_CARDS)
    lines = [f"{one.get('quantity', 1)} × {text_of(one.get('product_retailer_id'), 100)}" for one in items]
    return "\n".join(line for line in (text, *lines) if line), [], Details(unsupported=not (text or lines))


def _system(told: dict[str, Any]) -> _Content:
    """WhatsApp says something about this person, such as that they have a new number."""
    text = text_of(told.get("body"))
    return text, [], Details(unsupported=not text)


_READERS: dict[str, Callable[[dict[str, Any]], _Content]] = {
    "text": _text,
    "button": _button,
    "interactive": _interactive,
    "location": _location,
    "contacts": _contacts,
    "order": _order,
    "system": _system,
}
