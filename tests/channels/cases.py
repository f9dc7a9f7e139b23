"""The published Twilio exchanges, and how to hand one to an adapter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.channels.adapters.base import Delivery, InboundMessage, StatusReport
from app.channels.adapters.twilio_wire import TwilioWire

FOLDER = Path(__file__).parent / "fixtures"
WEBHOOKS: list[dict[str, Any]] = json.loads((FOLDER / "webhooks.json").read_text())
OUTBOUND: list[dict[str, Any]] = json.loads((FOLDER / "outbound.json").read_text())
ADDRESS = "+12025550100"


def by_name(name: str) -> dict[str, Any]:
    return next(case for case in WEBHOOKS if case["name"] == name)


def wire_of(case: dict[str, Any], **changes: Any) -> TwilioWire:
    """The receiving half of the channel that a case was delivered to."""
    config, path = case["config"], urlsplit(case["request"]["url"]).path
    return TwilioWire(
        **{
            "webhook_url": config["public_base_url"] + path,
            "auth_token": config["auth_token"],
            "account_sid": config["account_sid"],
            "address": ADDRESS,
            "secret": "a secret of sixteen",
            "kind": "whatsapp" if "whatsapp%3A" in case["request"]["body"] else "sms",
            **changes,
        }
    )


def deliver(wire: TwilioWire, case: dict[str, Any], *, body: str | None = None) -> Delivery:
    request = case["request"]
    headers = [(name.lower().encode(), value.encode()) for name, value in request["headers"].items()]
    query = urlsplit(request["url"]).query.encode()
    return wire.receive("", query, headers, (request["body"] if body is None else body).encode())


def _place(location: dict[str, Any] | None) -> dict[str, Any] | None:
    return {"lat": location["latitude"], "lon": location["longitude"]} if location else None


def neutral(delivery: Delivery) -> list[dict[str, Any]]:
    """What a delivery means, in the words of the fixtures."""
    events: list[dict[str, Any]] = []
    for item in delivery.items:
        if isinstance(item, StatusReport):
            events.append(
                {"kind": "status", "id": item.provider_id, "status": item.status, "error_code": item.error_code}
            )
        elif isinstance(item, InboundMessage):
            events.append(
                {
                    "kind": "message",
                    "id": item.provider_id,
                    "from": item.from_address,
                    "to": item.to_address,
                    "text": item.body,
                    "profile_name": item.name,
                    "button_payload": item.details.button,
                    "reply_to": item.details.reply_to,
                    "media": [{"type": file.type, "url": file.url} for file in item.attachments] or None,
                    "location": _place(item.details.location),
                }
            )
            if item.opt_out:
                events.append({"kind": "consent", "action": item.opt_out, "from": item.from_address})
    return [{key: value for key, value in event.items() if value is not None} for event in events]
