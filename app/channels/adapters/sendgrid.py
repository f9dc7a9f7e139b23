"""Mail through SendGrid.

One POST without an idempotency key, tried once and sorted into three outcomes (reliability section 2). 202 means taken;
``X-Message-Id`` is how events name the mail later, and our own marks travel along as ``custom_args``.
Source: ``specs/sendgrid_v3``.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import httpx

from app.channels.adapters.base import (
    Accepted,
    Connection,
    InboundMessage,
    Refused,
    Result,
    Unknown,
)
from app.channels.adapters.calling import document, retry_after
from app.channels.adapters.mail_api import MailApi
from app.channels.adapters.mail_compose import Content, Letter
from app.channels.adapters.mail_failures import BUSY, blames_channel, failure_text
from app.channels.adapters.mail_headers import printable
from app.channels.adapters.sendgrid_wire import SendgridWire
from app.kit import clock

if TYPE_CHECKING:
    import datetime as dt


class SendgridAdapter(MailApi, SendgridWire):
    """One address of a clinic, on its SendGrid account."""

    provider = "SendGrid"

    def __init__(self, connection: Connection, api_url: str) -> None:
        SendgridWire.__init__(self, connection)
        headers = {"Authorization": f"Bearer {connection.credentials['api_key']}"}
        MailApi.__init__(self, connection, f"{api_url}/v3/mail/send", headers)

    def document(self, letter: Letter, files: list[Content], marks: dict[str, str]) -> dict[str, Any]:
        """Return the mail in the provider's words."""
        return _document(letter, files, marks)

    def outcome(self, answer: httpx.Response) -> Result:
        """Sort the provider's answer."""
        return _outcome(answer)

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:  # noqa: ARG002
        """Return nothing: there is no list to ask. SendGrid delivers for 72 hours."""
        return []


def _document(letter: Letter, files: list[Content], marks: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "personalizations": [{"to": [_person(letter.to, letter.to_name)], "custom_args": marks}],
        "from": _person(letter.sender, letter.sender_name),
        "subject": letter.subject,
        "headers": {"Message-ID": letter.mail_id, **dict(letter.headers)},
        # Plain text has to come first.
        "content": [{"type": "text/plain", "value": letter.text or " "}, {"type": "text/html", "value": letter.html}],
    }
    if letter.reply_to:
        made["reply_to"] = {"email": letter.reply_to}
    if files:
        made["attachments"] = [
            {
                "content": base64.b64encode(file.content).decode(),
                "type": file.type,
                "filename": file.name,
                "disposition": "attachment",
            }
            for file in files
        ]
    return made


def _person(address: str, name: str) -> dict[str, str]:
    return {"email": address, "name": name} if name else {"email": address}


def _outcome(answer: httpx.Response) -> Result:
    """Sort SendGrid's answer. A 5xx proves nothing: neither that it was taken nor that it was not."""
    status, code = answer.status_code, str(answer.status_code)
    if answer.is_success:
        found = answer.headers.get("X-Message-Id", "")
        return Accepted(found[:128]) if found.isprintable() and found else Unknown("accepted without an id")
    if status == 429:
        return Refused(code, BUSY, final=False, retry_after=_reset(answer))
    if status >= 500 or status in {408, 409} or status < 400:
        return Unknown(f"answered {status}")
    if blames_channel(code):
        return Refused(code, failure_text(code), final=True, blames_channel=True)
    return Refused(code, _said(answer), final=True)


def _said(answer: httpx.Response) -> str:
    """Return SendGrid's own sentence: it names the field, and staff can pass it on."""
    errors = document(answer).get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    said = first.get("message") if isinstance(first, dict) else None
    if answer.status_code == 413:
        return "The mail is too large for SendGrid. Send it with smaller files."
    return f"SendGrid did not take this mail. It says: {printable(str(said))[:200]}" if said else failure_text("554")


def _reset(answer: httpx.Response) -> float | None:
    """``X-RateLimit-Reset`` names the second from which it goes on."""
    text = answer.headers.get("X-RateLimit-Reset", "")
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return min(max(float(text) - clock.now().timestamp(), 1.0), 300.0)
    return retry_after(answer)
