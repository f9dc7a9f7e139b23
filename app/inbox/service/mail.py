"""Mails on their way in: whose conversation they belong to, and where their HTML is kept.

A known address decides by itself. From an unknown one, a mail joins the person whose token its recipient carries, or
whom we wrote the mail it answers; never by its subject, and never another clinic's.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import structlog

from app.config import settings
from app.contacts.schemas import PointDraft
from app.contacts.service import find_survivor
from app.inbox.service.people import add_point
from app.inbox.service.uploads import file_link, inline_files
from app.kit import database
from app.kit.crypto import signature
from app.kit.errors import NotFound, OrasyncError
from app.kit.html import has_remote_pictures, with_pictures
from app.kit.principal import Principal

if TYPE_CHECKING:
    from app.channels.service import ConnectedChannel, InboundMessage

log = structlog.get_logger()

LONGEST_LOCAL = 64
"""Characters before the ``@`` (RFC 5321)."""
_PURPOSE = "mail"
_MAC = 10
_LONG = 42
"""Letters and digits of a token: 26 bytes."""


# -- the token in our addresses


def mail_token(clinic_id: UUID, thread_id: UUID) -> str:
    """Return what names a thread in a mail address. Of 42 letters and digits that survive a change of case."""
    named = thread_id.bytes + _mac(clinic_id, thread_id)
    return base64.b32encode(named).decode().rstrip("=").lower()


def reply_address(channel: ConnectedChannel, thread_id: UUID) -> str:
    """Return the channel's address with the thread's token; without where it would get too long for an address."""
    local, _, domain = channel.address.partition("@")
    marked = f"{local}+{mail_token(channel.clinic_id, thread_id)}"
    return f"{marked}@{domain}" if len(marked) <= LONGEST_LOCAL else channel.address


def read_token(clinic_id: UUID, address: str) -> UUID | None:
    """Return the thread of this clinic that an address names with a token of ours."""
    token = address.partition("@")[0].rpartition("+")[2].upper()
    if len(token) != _LONG:
        return None
    try:
        named = base64.b32decode(token + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    thread_id = UUID(bytes=named[:16])
    return thread_id if hmac.compare_digest(named[16:], _mac(clinic_id, thread_id)) else None


def _mac(clinic_id: UUID, thread_id: UUID) -> bytes:
    return signature(settings().secret_key, _PURPOSE, clinic_id.bytes + thread_id.bytes)[:_MAC]


# -- in


def take_html(message: InboundMessage) -> tuple[InboundMessage, str | None]:
    """Return the message without its HTML, and the HTML, which is stored beside it in the same commit."""
    if not message.details.html:
        return message, None
    html = message.details.html.replace("\x00", "")
    details = msgspec.structs.replace(
        message.details, html=None, has_html=True, has_remote_pictures=has_remote_pictures(html)
    )
    return msgspec.structs.replace(message, details=details), html


def may_join(channel: ConnectedChannel, message: InboundMessage) -> bool:
    """Say whether a mail from an unknown address may be from somebody we know: it answers us, or carries a token."""
    details = message.details
    # A machine that answers in somebody's name does not speak for them.
    if details.auto_reply:
        return False
    return bool(details.reply_to or details.references or read_token(channel.clinic_id, message.to_address))


async def join(channel: ConnectedChannel, message: InboundMessage) -> None:
    """Have an unknown address join whom it answers. Safe to repeat: a delivery may come again at any point."""
    details = message.details
    answered = [one for one in (details.reply_to, *reversed(details.references)) if one]
    async with database.reading(channel.clinic_id):
        contact_id = await _whose(channel, read_token(channel.clinic_id, message.to_address), answered)
    if contact_id is None:
        return
    actor = Principal(clinic_id=channel.clinic_id, type="provider", id=None, name=channel.provider)
    try:
        await add_point(actor, contact_id, PointDraft(kind="email", address=message.from_address))
    except OrasyncError as error:
        # Too many addresses, or written in from there this very moment: it becomes a conversation of its own.
        log.info("mail.not_joined", reason=error.code)


async def _whose(channel: ConnectedChannel, thread_id: UUID | None, answered: list[str]) -> UUID | None:
    clinic_id = channel.clinic_id
    found = await database.fetchval(
        "select contact_id from thread where clinic_id = $1 and id = $2", clinic_id, thread_id
    )
    if found is None and answered:
        found = await database.fetchval(
            "select t.contact_id from message m join thread t on t.clinic_id = m.clinic_id and t.id = m.thread_id "
            "where m.clinic_id = $1 and m.channel = 'email' and m.direction = 'out' "
            "and m.details->>'mail_id' = any ($2) order by array_position($2::text[], m.details->>'mail_id') limit 1",
            clinic_id,
            answered,
        )
    return None if found is None else await find_survivor(clinic_id, found) or found


# -- shown


async def read_mail(clinic_id: UUID, message_id: UUID, *, remote: bool) -> str:
    """Return a mail's HTML as its sender wrote it, cleaned, with its own pictures; if asked also those of the net.

    For a frame without scripts or origin. Raises ``NotFound``.
    """
    async with database.reading(clinic_id) as connection:
        html = await connection.fetchval(
            "select h.html from message m join mail_html h on h.clinic_id = m.clinic_id "
            "and h.channel_id = m.channel_id and h.provider_id = m.provider_id where m.clinic_id = $1 and m.id = $2 "
            "and m.direction = 'in'",
            clinic_id,
            message_id,
        )
    if html is None:
        raise NotFound
    own = await inline_files(clinic_id, message_id)
    links = {content_id: file_link(clinic_id, file_id) for content_id, file_id in own.items()}
    return with_pictures(html, links, remote=remote)
