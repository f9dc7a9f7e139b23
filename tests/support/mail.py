"""Mails as patients' programs write them, and the providers that deliver them."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import httpx

from tests.support.clinic import Channel, Clinic

SECRET = "an-inbound-secret-of-this-test"
CREDENTIALS = {
    "sendgrid": {"api_key": "test_key", "inbound_secret": SECRET},
    "postmark": {"server_token": "test_key", "inbound_secret": SECRET},
}


def basic(password: str = SECRET, user: str = "orasync") -> dict[str, str]:
    """The header a provider makes from ``user:password@`` in the address it was given."""
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def written(text: str | None = "Hello", *, html: str | None = None, **headers: str) -> EmailMessage:
    """A mail; headers by name with ``_`` for ``-``, e.g. ``In_Reply_To``."""
    mail = EmailMessage()
    told = {"From": "Ann Example <ann@example.com>", "To": "desk@clinic.example", "Subject": "Hi", **headers}
    told.setdefault("Message_ID", f"<{uuid4().hex}@mail.example.com>")
    for name, value in told.items():
        mail[name.replace("_", "-")] = value
    if text is not None:
        mail.set_content(text)
    if html is not None:
        if text is None:
            mail.set_content(html, subtype="html")
        else:
            mail.add_alternative(html, subtype="html")
    return mail


def form(fields: dict[str, str | bytes], files: list[tuple[str, str, str, bytes]] = ()) -> tuple[bytes, str]:
    """A body as SendGrid's Inbound Parse makes it, and its content type."""
    boundary = "xYzZY"
    parts = []
    for name, value in fields.items():
        data = value if isinstance(value, bytes) else value.encode()
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + data)
    for name, filename, kind, data in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'
        parts.append(head.encode() + data)
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


async def mailbox(clinic: Clinic, provider: str = "sendgrid", address: str = "desk@clinic.example") -> Channel:
    """A practice mailbox that reads its provider's own dialect."""
    return await clinic.channel(address, kind="email", provider=provider, credentials=CREDENTIALS[provider])


async def post(channel: Channel, body: bytes, content_type: str, **more: Any) -> httpx.Response:
    """Deliver a body to a mailbox."""
    path = channel.webhook_url.removeprefix(channel.clinic.product.url)
    headers = {"content-type": content_type, **basic(), **more}
    return await channel.clinic.outside.post(path, content=body, headers={k: v for k, v in headers.items() if v})


async def deliver(
    channel: Channel, mail: EmailMessage | bytes, *, to: str | None = None, sender: str | None = None
) -> httpx.Response:
    """Deliver a whole mail as SendGrid does with Send Raw."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    envelope = {"to": [to or channel.address], "from": "ann@example.com" if sender is None else sender}
    body, content_type = form({"email": raw, "envelope": json.dumps(envelope)})
    return await post(channel, body, content_type)


async def messages(clinic: Clinic) -> list[dict[str, Any]]:
    """Every message patients wrote, oldest first, as the API shows them."""
    answer = await clinic.owner.get(clinic.at("threads"), params={"view": "all"})
    found = []
    for thread in answer.json()["items"]:
        shown = await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))
        found += [one | {"contact": thread["contact"]} for one in shown.json()["items"] if one["direction"] == "in"]
    return sorted(found, key=lambda one: one["seq"])


async def files_are_there(clinic: Clinic, count: int = 1) -> None:
    """Wait until the worker has given a mail's files rows of their own: from then on they can be fetched."""
    deadline = time.monotonic() + 20
    while clinic.product.sql("select count(*) from attachment where clinic_id = %s", clinic.id) != [(count,)]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
