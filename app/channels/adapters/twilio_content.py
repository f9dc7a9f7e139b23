"""The texts WhatsApp has approved for a Twilio number: Twilio's Content API, in the shape Meta lists its own.

``GET /v1/ContentAndApprovals`` (``twilio_content_v1``), on a host of its own. Twilio numbers the blanks of a text
through all its parts, and a send names it by its ``sid``: both go into a part of ours, ``CONTENT``.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from app.config import settings

if TYPE_CHECKING:
    from app.channels.adapters.base import Connection

PAGE_SIZE = 100
API, CONTENT = "https://api.twilio.com", "https://content.twilio.com"
_ORDER = ("whatsapp/card", "twilio/card", "twilio/call-to-action", "twilio/quick-reply", "twilio/media", "twilio/text")
"""The richest first: it is what WhatsApp is sent."""
_STATES = {"RECEIVED": "PENDING", "UNSUBMITTED": "PENDING"}
_SID = re.compile(r"HX[0-9a-fA-F]{32}")
_PAGING = {"Page", "PageSize", "PageToken"}


def content_url() -> str:
    """Return where the Content API is: beside a replaced address, or at Twilio's own host for it."""
    base = settings().twilio_api_url
    return f"{CONTENT if base == API else base}/v1/ContentAndApprovals"


def sign_in(connection: Connection) -> dict[str, str]:
    """Return the header of the account."""
    told = connection.credentials
    pair = f"{told.get('account_sid', '')}:{told.get('auth_token', '')}"
    return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}


def next_page(page: dict[str, Any]) -> dict[str, str]:
    """Return the query of the next page; empty after the last. Host and path stay ours, whatever the answer says."""
    url = page["meta"].get("next_page_url")
    return {name: value for name, value in parse_qsl(urlsplit(url).query) if name in _PAGING} if url else {}


def row_of(content: Any) -> Any:
    """Return a text as Meta would list it; what cannot be read is left for the list to leave out."""
    if not isinstance(content, dict) or not _SID.fullmatch(str(content.get("sid"))):
        return None
    approval, types = _object(content.get("approval_requests")), _object(content.get("types"))
    status = str(approval.get("status") or "UNSUBMITTED").upper()
    told = str(approval.get("content_type"))
    kind = told if told in types else next((one for one in _ORDER if one in types), next(iter(types), ""))
    parts = _object(types.get(kind))
    return {
        "name": approval.get("name") or content.get("friendly_name"),
        "language": content.get("language"),
        "category": approval.get("category"),
        "status": _STATES.get(status, status),
        "components": _components(content, kind, parts),
    }


def _object(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _components(content: dict[str, Any], kind: str, parts: dict[str, Any]) -> list[dict[str, Any]]:
    if kind not in _ORDER:
        return [{"type": kind.upper()}]  # a carousel, a list, a form: nothing to be filled in by hand
    samples = _object(content.get("variables"))
    named = [{"param_name": str(name), "example": value} for name, value in samples.items() if isinstance(value, str)]
    found: list[dict[str, Any]] = [
        {"type": "CONTENT", "sid": content.get("sid"), "media": parts.get("media")},
        {"type": "BODY", "text": _body(kind, parts), "example": {"body_text_named_params": named}},
    ]
    if isinstance(parts.get("header_text"), str):
        found.append({"type": "HEADER", "format": "TEXT", "text": parts["header_text"]})
    footer = parts.get("subtitle" if kind == "twilio/card" else "footer")
    if isinstance(footer, str):
        found.append({"type": "FOOTER", "text": footer})
    actions = [one for one in parts.get("actions") or [] if isinstance(one, dict)]
    if actions:
        buttons = [{"type": one.get("type"), "text": one.get("title"), "url": one.get("url")} for one in actions]
        found.append({"type": "BUTTONS", "buttons": buttons})
    return found


def _body(kind: str, parts: dict[str, Any]) -> Any:
    return parts.get("title" if kind == "twilio/card" else "body")
