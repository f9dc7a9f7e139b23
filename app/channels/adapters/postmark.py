"""Mail through Postmark.

One POST without an idempotency key, tried once and sorted into three outcomes (reliability section 2). 200 with
``ErrorCode`` 0 means taken; ``MessageID`` is how events name the mail later, and our own marks travel along as
``Metadata``. Source: the provider's "Send a single email" and error code pages.
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
from app.channels.adapters.mail_failures import BUSY, SIGN_IN, blames_channel, failure_text
from app.channels.adapters.postmark_wire import PostmarkWire

if TYPE_CHECKING:
    import datetime as dt

LARGEST_FILES = 7 * 1024 * 1024
"""Bytes: Postmark takes 10 MB a mail, and files grow by a third on the way."""
_SPECIAL = frozenset('()<>[]:;@\\,."')


class PostmarkAdapter(MailApi, PostmarkWire):
    """One address of a clinic, on its Postmark server."""

    provider = "Postmark"
    largest_files = LARGEST_FILES

    def __init__(self, connection: Connection, api_url: str) -> None:
        PostmarkWire.__init__(self, connection)
        token = str(connection.credentials["server_token"])
        headers = {"X-Postmark-Server-Token": token, "Accept": "application/json"}
        MailApi.__init__(self, connection, f"{api_url}/email", headers)

    def document(self, letter: Letter, files: list[Content], marks: dict[str, str]) -> dict[str, Any]:
        """Return the mail in the provider's words."""
        return _document(letter, files, marks)

    def outcome(self, answer: httpx.Response) -> Result:
        """Sort the provider's answer."""
        return _outcome(answer)

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:  # noqa: ARG002
        """Return nothing: there is nothing to ask. Postmark delivers ten times over ten hours."""
        return []


def _document(letter: Letter, files: list[Content], marks: dict[str, str]) -> dict[str, Any]:
    # ``X-PM-KeepID`` makes Postmark leave the Message-ID as it is.
    headers = [("Message-ID", letter.mail_id), ("X-PM-KeepID", "true"), *letter.headers]
    made: dict[str, Any] = {
        "From": _person(letter.sender, letter.sender_name),
        "To": _person(letter.to, letter.to_name),
        "Subject": letter.subject,
        "TextBody": letter.text or " ",
        "HtmlBody": letter.html,
        "MessageStream": "outbound",
        "Headers": [{"Name": name, "Value": value} for name, value in headers],
        "Metadata": marks,
    }
    if letter.reply_to:
        made["ReplyTo"] = letter.reply_to
    if files:
        made["Attachments"] = [
            {"Name": file.name, "Content": base64.b64encode(file.content).decode(), "ContentType": file.type}
            for file in files
        ]
    return made


def _person(address: str, name: str) -> str:
    if not name:
        return address
    return (
        f'"{"".join(c for c in name if c not in _QUOTED)}" <{address}>'
        if set(name) & _SPECIAL
        else (f"{name} <{address}>")
    )


_QUOTED = '"\\'


def _outcome(answer: httpx.Response) -> Result:
    """Sort Postmark's answer. A 5xx proves nothing: neither that it was taken nor that it was not."""
    told, status = document(answer), answer.status_code
    number = told.get("ErrorCode")
    if answer.is_success:
        found = told.get("MessageID")
        if number not in {0, None}:
            return Refused(f"postmark:{number}"[:16], failure_text(f"postmark:{number}"), final=True)
        return Accepted(found[:128]) if isinstance(found, str) and found else Unknown("accepted without an id")
    if status == 429:
        return Refused("429", BUSY, final=False, retry_after=retry_after(answer))
    if status >= 500 or status in {408, 409} or status < 400:
        return Unknown(f"answered {status}")
    if status in {401, 403}:
        return Refused(str(status), SIGN_IN, final=True, blames_channel=True)
    code = f"postmark:{number}" if isinstance(number, int) else str(status)
    return Refused(code[:16], failure_text(code), final=True, blames_channel=blames_channel(code))
