"""Sending again what did not arrive: as it was, or another way as a message of its own (A11).

Another way never delivers twice: the thread and the message are locked, the database allows one such row for each
message, and the claim asks once more whether the first one has arrived after all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import msgspec

from app.channels.errors import NoChannel
from app.channels.service import choose_channel
from app.clinics.service import get_clinic
from app.contacts.service import get_contact
from app.events.service import unit_of_work
from app.inbox import file_rules, queries
from app.inbox.errors import NotRetryable
from app.inbox.schemas import Again, ChannelKind, FileNamed, MessageView, OtherWay, ReplyDraft
from app.inbox.service import consent, mail_out, window
from app.inbox.service.deciding import Reason
from app.inbox.service.replies import address_for, pass_fence, retry_message, write_message
from app.inbox.service.state import settle
from app.inbox.service.uploads import file_ids_of
from app.inbox.service.writing import record_new
from app.kit import clock, database
from app.kit.errors import NotFound
from app.kit.format import CHANNEL_BY

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.contacts.schemas import ContactView
    from app.kit.principal import Principal

LOST_WORDS = {"sms": "a text", "whatsapp": "a WhatsApp message", "email": "an email", "webchat": "a chat message"}
_NO_ADDRESS = {
    "sms": "We have no phone number of this person.",
    "whatsapp": "We have no phone number of this person.",
    "email": "We have no email address of this person.",
    "webchat": "This person has not used your web chat.",
}


async def send_again(principal: Principal, message_id: UUID, again: Again) -> MessageView:
    """Send again what could not be delivered, as it was or by another channel. A second click changes nothing.

    Raises ``NotRetryable``; another way also ``ThreadMovedOn`` and whatever a reply by that channel is refused for.
    """
    async with database.reading(principal.clinic_id):
        message = await queries.get_message(principal.clinic_id, message_id)
    if again.channel is None or again.channel == message.channel:
        return await retry_message(principal, message_id)
    return await _send_another_way(principal, message_id, again)


async def _send_another_way(principal: Principal, message_id: UUID, again: Again) -> MessageView:
    clinic_id = principal.clinic_id
    clinic = await get_clinic(clinic_id)
    async with unit_of_work(clinic_id, principal) as work:
        message = await queries.lock_message(clinic_id, message_id)
        sent = await queries.find_retry(clinic_id, message_id)
        if sent is not None and sent.channel == again.channel:
            return sent
        _refuse_unless_lost(message, sent)
        lost = LOST_WORDS[message["channel"]]
        thread = await queries.lock_thread(clinic_id, message["thread_id"])
        await consent.refuse_if_blocked(clinic_id, thread["id"])
        await pass_fence(principal, thread["id"], again.seen, anyway=again.anyway)
        contact = await get_contact(clinic_id, thread["contact_id"])
        draft = ReplyDraft(
            channel=again.channel,
            body=message["body"],
            attachments=[FileNamed(file_id) for file_id in file_ids_of(message)],
            subject=window.details_of(message).subject if again.channel == "email" else None,
            seen=again.seen,
        )
        reason = Reason("reply", f"Sent by {principal.name}, instead of {lost} that could not be delivered")
        new = await write_message(work, thread, contact, clinic, draft, message, reason)
        # Its own event comes last: no later one may show the thread without the new message's number.
        await settle(work, thread["id"], message_id, is_settled=True)
        await record_new(work, new, thread["id"], contact=msgspec.to_builtins(contact))
        work.audit("message.retried", "message", message_id, channel=again.channel)
    return msgspec.convert(work.logged[-1].data["message"], MessageView)


def _refuse_unless_lost(message: asyncpg.Record, sent: MessageView | None) -> None:
    if sent is not None:
        raise NotRetryable(f"This went by {CHANNEL_BY[sent.channel]} since. Look at that message.")
    if message["status"] == "needs_review":
        raise NotRetryable("Nobody knows whether this went. Say so first, or send it the same way again.")
    if message["status"] != "failed" or message["direction"] != "out":
        raise NotRetryable("Only a message that could not be delivered can be sent another way.")


async def list_other_ways(clinic_id: UUID, message_id: UUID) -> list[OtherWay]:
    """Return by which of the clinic's other channels a message could go, and in plain words why not."""
    async with database.reading(clinic_id) as connection:
        message = await connection.fetchrow(
            "select * from message where clinic_id = $1 and id = $2 and direction = 'out'", clinic_id, message_id
        )
        if message is None:
            raise NotFound("You have sent no message by this id.")
        thread = await connection.fetchrow(
            "select * from thread where clinic_id = $1 and id = $2", clinic_id, message["thread_id"]
        )
        contact = await get_contact(clinic_id, thread["contact_id"])
        ways = []
        for kind in get_args(ChannelKind):
            if kind == message["channel"]:
                continue
            try:
                await choose_channel(clinic_id, None, kind)
            except NoChannel:
                continue
            ways.append(OtherWay(kind, await _why_not(clinic_id, kind, message, thread, contact)))
    return ways


async def _why_not(
    clinic_id: UUID, kind: str, message: asyncpg.Record, thread: asyncpg.Record, contact: ContactView
) -> str | None:
    """Say what sending would be refused for, so that nobody has to press to find out."""
    if thread["is_blocked"]:
        return consent.BLOCKED
    address = await address_for(clinic_id, thread["id"], contact, kind)
    if not address:
        return _NO_ADDRESS[kind]
    if kind == "whatsapp" and not window.is_open(thread["whatsapp_until"], clock.now()):
        return window.CLOSED
    return (
        await consent.why_not(clinic_id, kind, address)
        or await mail_out.why_not_mail(clinic_id, kind, address)
        or window.too_long(kind, message["body"])
        or file_rules.why_not(kind, [(one["type"], one["size"]) for one in msgspec.json.decode(message["attachments"])])
    )
