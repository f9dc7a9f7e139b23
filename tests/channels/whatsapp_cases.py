"""The published exchanges of Meta and Gallabox, and how to hand one to a wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.channels.adapters.base import Delivery, InboundMessage, Reaction, StatusReport, TemplateReport
from app.channels.adapters.gallabox_wire import GallaboxWire
from app.channels.adapters.whatsapp_cloud_wire import WhatsAppCloudWire, signature

FOLDER = Path(__file__).parent / "fixtures"


def _cases(name: str) -> list[dict[str, Any]]:
    return json.loads((FOLDER / name).read_text())


META, META_OUT = _cases("meta/webhooks.json"), _cases("meta/outbound.json")
CHALLENGES = _cases("meta/verification.json")
GALLABOX, GALLABOX_OUT = _cases("gallabox/webhooks.json"), _cases("gallabox/outbound.json")
SECRET, NUMBER, ACCOUNT = "test-app-secret-0123456789", "106540352242922", "102290129340398"
ADDRESS, PATIENT = "+12025550100", "+12025550111"
META_CREDENTIALS = {
    "phone_number_id": NUMBER,
    "waba_id": ACCOUNT,
    "access_token": "a-token-of-this-test",
    "app_secret": SECRET,
    "verify_token": CHALLENGES[0]["config"]["verify_token"],
}
GALLABOX_CREDENTIALS = {
    "api_key": "a-key-of-this-test",
    "api_secret": GALLABOX[0]["config"]["webhook_secret"],
    "channel_id": GALLABOX[0]["config"]["channel_id"],
}


def named(cases: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(case for case in cases if case["name"] == name)


def meta_wire(**changes: Any) -> WhatsAppCloudWire:
    told = {"app_secret": SECRET, "verify_token": "v", "phone_number_id": NUMBER, "waba_id": ACCOUNT}
    return WhatsAppCloudWire(**{**told, "address": ADDRESS, **changes})


def gallabox_wire(**changes: Any) -> GallaboxWire:
    told = {name: GALLABOX_CREDENTIALS[name] for name in ("api_secret", "channel_id")}
    return GallaboxWire(**{**told, "address": ADDRESS, **changes})


def headers_of(case: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in case["request"]["headers"].items()]


def message(kind: str = "text", number: str = NUMBER, **fields: Any) -> dict[str, Any]:
    """One message's value, as Meta nests it."""
    told = {"from": PATIENT[1:], "id": "wamid.T", "timestamp": "1789999995", "type": kind, **fields}
    return value(number, messages=[told])


def value(number: str = NUMBER, **parts: Any) -> dict[str, Any]:
    people = [{"profile": {"name": "Ann Example"}, "wa_id": PATIENT[1:]}]
    metadata = {"display_phone_number": ADDRESS[1:], "phone_number_id": number}
    return {"messaging_product": "whatsapp", "metadata": metadata, "contacts": people, **parts}


def body_of(*values: dict[str, Any], field: str = "messages", account: str = ACCOUNT) -> bytes:
    """A whole delivery: one entry with a change each."""
    changes = [{"field": field, "value": one} for one in values]
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": account, "changes": changes}]}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"content-type": "application/json", "x-hub-signature-256": signature(secret, body)}


def read(*values: dict[str, Any], **more: Any) -> Delivery:
    body = body_of(*values, **more)
    return meta_wire().receive("", b"", [(k.encode(), v.encode()) for k, v in signed(body).items()], body)


def neutral(delivery: Delivery) -> list[dict[str, Any]]:
    """What a delivery means, in the words of the fixtures."""
    return [{key: told for key, told in _neutral(item).items() if told is not None} for item in delivery.items]


def _neutral(item: Any) -> dict[str, Any]:
    if isinstance(item, StatusReport):
        at = int(item.at.timestamp()) if item.at else None
        return {
            "kind": "status",
            "id": item.provider_id,
            "status": item.status,
            "error_code": item.error_code,
            "at": at,
        }
    if isinstance(item, TemplateReport):
        return {"kind": "template_status", "name": item.name, "language": item.language, "status": item.status}
    if isinstance(item, Reaction):
        return {
            "kind": "reaction",
            "from": item.from_address,
            "target": item.provider_id,
            "emoji": item.emoji or "",
        }
    assert isinstance(item, InboundMessage)
    media = [
        {"type": one.type, "id": one.url.removeprefix("media:"), "filename": one.name or None, "sha256": one.sha256}
        for one in item.attachments
    ]
    return {
        "kind": "message",
        "id": item.provider_id,
        "from": item.from_address,
        "text": item.body,
        "profile_name": item.name,
        "button_payload": item.details.button,
        "reply_to": item.details.reply_to,
        "unsupported": item.details.unsupported or None,
        "media": [{key: told for key, told in one.items() if told is not None} for one in media] or None,
        "sent_at": int(item.details.sent_at.timestamp()) if item.details.sent_at else None,
    }


def wanted(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What a case says it means, without what our items do not carry."""
    left_out = {"channel", "phone_number_id"}
    events = []
    for event in case["expect"]["events"]:
        one = {key: told for key, told in event.items() if key not in left_out}
        if one["kind"] == "reaction":
            del one["id"]
        if one["kind"] == "template_status":
            one["status"] = one["status"].upper()
        events.append(one)
    return events
