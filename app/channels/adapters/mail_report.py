"""What machines write about mails of ours: delivery reports (RFC 3464) and complaints (RFC 5965). Pure."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from typing import Literal

import msgspec

from app.channels.adapters.base import Attachment
from app.channels.adapters.mail_headers import LONGEST_HEAD, mail_ids

MOST_RECIPIENTS = 50
_ADDRESS = re.compile(r"[^\s<>;,\"@\ud800-\udfff]{1,64}@[^\s<>;,\"@\ud800-\udfff]{1,190}")
_ID_LINE = re.compile(r"^message-id:([^\n]{1,300})", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Failed(msgspec.Struct, frozen=True):
    """One recipient of a report. ``reason`` is the other server's sentence."""

    address: str
    status: str
    reason: str

    @property
    def permanent(self) -> bool:
        """Say whether trying again cannot help."""
        return self.status.startswith("5")


class MailReport(msgspec.Struct, frozen=True):
    """What a report says; nothing of it is proven. ``mail_id`` is the Message-ID of the mail it is about."""

    kind: Literal["bounce", "delayed", "complaint"]
    recipients: list[Failed]
    mail_id: str | None


def read_report(message: Message) -> MailReport | None:
    """Return what a delivery report or complaint says; None for every other mail."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    parts = [part for part in message.get_payload() if isinstance(part, Message)][:10]
    about = next((part for part in parts if part.get_content_type() in _ABOUT), None)
    mail_id = _original_id(parts)
    if about is None:
        return None
    if about.get_content_type() == "message/feedback-report":
        told = {name: value for fields in _fields_of(about) for name, value in fields.items()}
        address = _address(told.get("original-rcpt-to", "")) or _to_of(parts)
        reason = told.get("feedback-type", "abuse")
        return MailReport("complaint", [Failed(address, "", _plain(reason))] if address else [], mail_id)
    failed, delayed = [], []
    for fields in _fields_of(about)[: MOST_RECIPIENTS + 1]:
        address = _address(fields.get("final-recipient", "")) or _address(fields.get("original-recipient", ""))
        status = _STATUS.search(fields.get("status", ""))
        if address is None or status is None:
            continue
        one = Failed(address, status[0], _plain(fields.get("diagnostic-code", "").partition(";")[2]))
        action = fields.get("action", "").strip().lower()
        if action == "failed":
            failed.append(one)
        elif action == "delayed":
            delayed.append(one)
    return MailReport("bounce", failed, mail_id) if failed else MailReport("delayed", delayed, mail_id)


def report_of(files: list[Attachment]) -> MailReport | None:
    """Return what a report says whose parts a provider handed over as files."""
    kinds = {*_ABOUT, "message/rfc822", "text/rfc822-headers"}
    report = Message()
    report["Content-Type"] = "multipart/report"
    parts = [
        message_from_bytes(f"Content-Type: {file.type}\n\n".encode() + (file.content or b"")[:LONGEST_HEAD])
        for file in files
        if file.type in kinds
    ]
    for part in parts:
        report.attach(part)
    return read_report(report)


_ABOUT = {"message/delivery-status", "message/global-delivery-status", "message/feedback-report"}


def _fields_of(part: Message) -> list[dict[str, str]]:
    """Return the groups of fields in a report's second part. The standard library reads it as messages in a message."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [
            {name.lower(): str(value) for name, value in one.items()} for one in payload if isinstance(one, Message)
        ]
    groups: list[dict[str, str]] = [{}]
    for line in str(payload)[:100_000].splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            groups.append({})
        elif colon:
            groups[-1][name.strip().lower()] = value.strip()
    return [group for group in groups if group]


def _original(parts: list[Message]) -> Message | None:
    for part in parts:
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner = part.get_payload(0)
            return inner if isinstance(inner, Message) else None
    return None


def _original_id(parts: list[Message]) -> str | None:
    inner = _original(parts)
    text = str(inner.get("Message-ID", "")) if inner is not None else ""
    for part in parts:
        if not text and part.get_content_type() == "text/rfc822-headers":
            found = _ID_LINE.search(str(part.get_payload())[:65_536])
            text = found[1] if found else ""
    return next(iter(mail_ids(text)), None)


def _to_of(parts: list[Message]) -> str | None:
    inner = _original(parts)
    return _address(str(inner.get("To", ""))[:1000]) if inner is not None else None


def _address(text: str) -> str | None:
    found = _ADDRESS.search(text[:1000])
    return found[0].lower() if found else None


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text[:500]).split())[:300]
