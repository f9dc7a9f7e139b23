"""A visitor's view: the one place that says what of a message leaves for a stranger's browser. An allow-list."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from app.kit.format import first_name
from app.widget.schemas import VisitorMessage, Writer

ARRIVED = frozenset({"sent", "delivered", "read"})
"""States in which a message of the clinic is the visitor's: before that it may still be taken back."""


def is_theirs(direction: str, status: str, kind: str, channel: str) -> bool:
    """Say whether a message of a visitor's conversation is one they may see."""
    return channel == "webchat" and kind == "text" and (direction == "in" or status in ARRIVED)


def writer(direction: str, author_type: str, author_name: str) -> Writer:
    """Return who wrote, without more than a first name."""
    if direction == "in":
        return Writer("you", "")
    if author_type == "staff":
        return Writer("staff", first_name(author_name))
    return Writer("assistant" if author_type == "ai" else "clinic", "")


def view_of(message: dict[str, Any], seq: int | None = None) -> VisitorMessage:
    """Return the visitor's form of a message (its wire form for staff); ``seq`` where it became theirs."""
    direction: Literal["in", "out"] = message["direction"]
    author, client_id = message["author"], None
    if direction == "in" and (provider_id := message["provider_id"]):
        client_id = provider_id.rpartition(":")[2]
    return msgspec.convert(
        {
            "id": message["id"],
            "seq": message["seq"] if seq is None else seq,
            "direction": direction,
            "body": message["body"],
            "author": writer(direction, author["type"], author["name"]),
            "status": "sent" if direction == "in" else message["status"],
            "created_at": message["created_at"],
            "client_id": client_id,
            "files": [_file(file) for file in message["attachments"] if file["state"] != "waiting"],
        },
        VisitorMessage,
        strict=False,
    )


def _file(file: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": file["id"],
        "name": file["name"],
        "type": file["type"],
        "size": file["size"],
        "is_picture": file["thumbnail"] is not None,
        "is_kept": file["state"] == "stored",
    }


def event_for(event: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return type and data of an event as its visitor gets it; None for one that is not theirs to see.

    What the clinic writes becomes theirs when it leaves, not when it is written: until then it can be taken back. So
    the change to ``sent`` is what brings it, as ``message.created``.
    """
    message = event["data"].get("message")
    if message is None or not is_theirs(message["direction"], message["status"], message["kind"], message["channel"]):
        return None
    view = msgspec.to_builtins(view_of(message))
    if event["type"] == "message.created":
        return "message.created", {"message": view}
    if event["type"] != "message.status_changed" or message["direction"] != "out":
        return None
    old, new = event["data"]["changes"]["status"]
    if old not in ARRIVED:
        return "message.created", {"message": view}
    return "message.status_changed", {"message": view, "changes": {"status": [old, new]}}
