"""Writing to a patient or to the team: the reply fence, undo, notes, and what a person decides about a stuck send."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from app.channels.service import choose_channel
from app.clinics.service import get_clinic
from app.contacts.service import get_contact
from app.events.service import Work, unit_of_work
from app.inbox import queries
from app.inbox.errors import ClientIdTaken, NotCancellable, NotRetryable, NoWayToReply, ThreadMovedOn
from app.inbox.events import AlertCleared
from app.inbox.schemas import MessageView, NoteDraft, ReplyDraft
from app.inbox.service.consent import refuse_if_blocked, refuse_if_opted_out
from app.inbox.service.deciding import ANSWERS, PEOPLE, Reason, may_leave_at, reason_of
from app.inbox.service.mail_out import refuse_if_bounced
from app.inbox.service.parts import forget_failed
from app.inbox.service.state import set_status
from app.inbox.service.together import take_part
from app.inbox.service.uploads import attach, file_ids_of
from app.inbox.service.visits import chat_address, usual_way
from app.inbox.service.window import words_to_send
from app.inbox.service.writing import put_message, put_note, record_new
from app.kit import clock, database
from app.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from app.clinics.schemas import ClinicView
    from app.contacts.schemas import ContactView
    from app.kit.principal import Principal

SEND_LATER_SECONDS = 30
"""A send further away than this is a send-later: it passes the fence again when it is claimed."""

MOST_AHEAD = dt.timedelta(days=366)


async def send_reply(
    principal: Principal,
    thread_id: UUID,
    draft: ReplyDraft,
    *,
    reason: Reason | None = None,
    check: Callable[[Work], Awaitable[None]] | None = None,
) -> MessageView:
    """Put a reply into its thread, to be sent at once, after the undo time, or at ``send_at``.

    The fence (N1): in the transaction that inserts the message the thread is locked and asked for anything newer than
    ``seen`` that somebody else wrote. Raises ``ThreadMovedOn`` with it; nothing is sent then. The same ``client_id``
    gives the first message again. Locks the thread.
    """
    clinic_id = principal.clinic_id
    if not clean(draft.body).strip() and not draft.attachments and draft.template is None:
        raise Invalid.field("body", "Write something first.")
    clinic = await get_clinic(clinic_id)
    try:
        async with unit_of_work(clinic_id, principal) as work:
            thread = await queries.lock_thread(clinic_id, thread_id)
            if draft.client_id and (known := await queries.find_by_client_id(clinic_id, draft.client_id)):
                return _same(known, thread_id)
            await refuse_if_blocked(clinic_id, thread_id)
            await pass_fence(principal, thread_id, draft.seen, anyway=draft.anyway)
            if check is not None:
                await check(work)
            contact = await get_contact(clinic_id, thread["contact_id"])
            message_id = await write_message(work, thread, contact, clinic, draft, reason=reason)
            # Only a person takes a flag down: whoever got an automatic word still needs one.
            is_flagged = principal.type in PEOPLE and (thread["is_escalated"] or thread["is_urgent"])
            if is_flagged:
                await work.connection.execute(
                    "update thread set is_escalated = false, is_urgent = false, alert = null where clinic_id = "
                    "$1 and id = $2",
                    clinic_id,
                    thread_id,
                )
            await take_part(work, thread)
            if is_flagged and thread["is_escalated"]:
                # Before the message: no later event may show the thread without the new message's number.
                work.record(AlertCleared(thread=await queries.get_thread(clinic_id, thread_id)))
            await record_new(work, message_id, thread_id, contact=msgspec.to_builtins(contact))
            await work.connection.execute(
                "delete from draft where clinic_id = $1 and staff_id = $2 and thread_id = $3 "
                "and (kind = 'reply' or kind = 'subject' and $4)",
                clinic_id,
                principal.id,
                thread_id,
                draft.subject is not None,
            )
    except asyncpg.UniqueViolationError:
        # Two deliveries of one click raced; the other one is in.
        async with database.reading(clinic_id):
            known = await queries.find_by_client_id(clinic_id, draft.client_id) if draft.client_id else None
        if known is None:
            raise
        return _same(known, thread_id)
    return msgspec.convert(work.logged[-1].data["message"], MessageView)


async def write_message(  # noqa: PLR0917 - what a message is made of
    work: Work,
    thread: asyncpg.Record,
    contact: ContactView,
    clinic: ClinicView,
    draft: ReplyDraft,
    retry_of: asyncpg.Record | None = None,
    reason: Reason | None = None,
) -> UUID:
    """Write a message of ours, its decision and the job that sends it; returns its id. The caller holds the thread.

    Raises where this person may not, or cannot, be written to this way. ``retry_of`` is sent another way by it.
    """
    clinic_id, thread_id, principal = work.clinic_id, thread["id"], work.principal
    body, people = clean(draft.body), principal.type in PEOPLE
    kind = draft.channel or ("whatsapp" if draft.template else await usual_way(thread, contact))
    way = await choose_channel(clinic_id, thread["channel_id"], kind)
    to_address = await address_for(clinic_id, thread_id, contact, way.kind)
    if not to_address:
        raise NoWayToReply.field("channel", "There is no number or address to send this to.")
    await _refuse_address(clinic_id, way.kind, to_address)
    now = clock.now()
    later = draft.send_at is not None and draft.send_at > now + dt.timedelta(seconds=SEND_LATER_SECONDS)
    reason = reason or reason_of(principal.type, principal.name)
    send_at = _when(draft, principal, clinic, way.kind, to_address, now) if reason.kind not in ANSWERS else None
    body, details = await words_to_send(way, thread, draft, body, send_at or now)
    return await put_message(
        work,
        thread,
        contact,
        clinic,
        way=way,
        to_address=to_address,
        body=body,
        reason=reason,
        at=now,
        details=details,
        files=[file.id for file in draft.attachments],
        client_id=draft.client_id,
        send_at=send_at,
        seen=(draft.seen if draft.seen is not None else thread["last_seq"]) if later or not people else None,
        retry_of=retry_of,
        anyway=draft.anyway,
    )


async def address_for(clinic_id: UUID, thread_id: UUID, contact: ContactView, kind: str) -> str | None:
    """Return the number or address of a person that this kind of channel writes to."""
    if kind == "webchat":
        return await chat_address(clinic_id, thread_id, contact.id)
    return contact.email if kind == "email" else contact.phone


def _when(  # noqa: PLR0917 - what the moment depends on
    draft: ReplyDraft, principal: Principal, clinic: ClinicView, channel: str, to_address: str, now: dt.datetime
) -> dt.datetime | None:
    """Return when it leaves; None is at once. A person may take it back for a moment; a machine waits for daytime."""
    refuse_too_late(draft.send_at, now)
    send_at = draft.send_at if draft.send_at and draft.send_at > now else None
    if principal.type not in PEOPLE:
        opens = may_leave_at(channel, to_address, clinic, send_at or now)
        return opens if opens > now else None
    if send_at is None and clinic.undo_seconds and principal.type == "staff":
        return now + dt.timedelta(seconds=clinic.undo_seconds)
    return send_at


def refuse_too_late(send_at: dt.datetime | None, now: dt.datetime) -> None:
    """Raise ``Invalid`` for a moment that nobody can mean."""
    if send_at is not None and send_at > now + MOST_AHEAD:
        raise Invalid.field("send_at", "Choose a day within one year.")


async def _refuse_address(clinic_id: UUID, kind: str, address: str) -> None:
    """Raise when this address does not want anything, or nothing arrives there any more."""
    await refuse_if_opted_out(clinic_id, kind, address)
    await refuse_if_bounced(clinic_id, kind, address)


async def pass_fence(principal: Principal, thread_id: UUID, seen: int | None, *, anyway: bool) -> None:
    """Raise ``ThreadMovedOn`` when others wrote since; only people may say "anyway". The caller holds the thread."""
    people = principal.type in PEOPLE
    if anyway and people:
        return
    if seen is None:
        if not people:
            raise Invalid.field("seen", "Say up to which number the conversation was seen.")
        return
    newer = await queries.list_newer(principal.clinic_id, thread_id, seen, principal.id)
    if newer:
        raise ThreadMovedOn(
            "Somebody wrote since you last saw this conversation.",
            messages=[msgspec.to_builtins(message) for message in newer],
        )


def _same(known: MessageView, thread_id: UUID) -> MessageView:
    if known.thread_id != thread_id:
        raise ClientIdTaken("Another message was sent under this id already.")
    return known


def clean(text: str) -> str:
    """Return a text that can be stored; raises ``Invalid``."""
    # PostgreSQL cannot store U+0000 or half of a surrogate pair.
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Invalid.field("body", "The text holds characters that cannot be sent.")
    return text


async def leave_note(principal: Principal, thread_id: UUID, draft: NoteDraft) -> MessageView:
    """Leave a note that only the team sees. ``mentions`` are staff members. Locks the thread."""
    clinic_id = principal.clinic_id
    body = clean(draft.body)
    try:
        async with unit_of_work(clinic_id, principal) as work:
            thread = await queries.lock_thread(clinic_id, thread_id)
            if draft.client_id and (known := await queries.find_by_client_id(clinic_id, draft.client_id)):
                return _same(known, thread_id)
            for staff_id in draft.mentions:
                await queries.find_staff_name(clinic_id, staff_id)
            message_id = await put_note(work, thread, body, mentions=draft.mentions, client_id=draft.client_id)
            await take_part(work, thread, draft.mentions)
            await record_new(work, message_id, thread_id, contact=None)
            await work.connection.execute(
                "delete from draft where clinic_id = $1 and staff_id = $2 and thread_id = $3 and kind = 'note'",
                clinic_id,
                principal.id,
                thread_id,
            )
    except asyncpg.UniqueViolationError:
        async with database.reading(clinic_id):
            known = await queries.find_by_client_id(clinic_id, draft.client_id) if draft.client_id else None
        if known is None:
            raise
        return _same(known, thread_id)
    return msgspec.convert(work.logged[0].data["message"], MessageView)


async def cancel_message(principal: Principal, message_id: UUID) -> MessageView:
    """Take a message back before it leaves (undo). Raises ``NotCancellable`` once it is on its way."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        message = await queries.lock_message(principal.clinic_id, message_id)
        if message["status"] == "cancelled":
            return await queries.get_message(principal.clinic_id, message_id)
        if message["status"] not in {"scheduled", "queued"} or message["direction"] != "out":
            raise NotCancellable("This message is on its way already.")
        view = await set_status(work, message, "cancelled")
        work.audit("message.cancelled", "message", message_id)
    return view


async def retry_message(principal: Principal, message_id: UUID) -> MessageView:
    """Send again what could not be delivered, or what a person says did not go."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        message = await queries.lock_message(principal.clinic_id, message_id)
        if message["status"] not in {"failed", "needs_review"}:
            raise NotRetryable("Only a message that could not be delivered can be sent again.")
        if await queries.find_retry(principal.clinic_id, message_id):
            raise NotRetryable("This was sent another way since. Look at that message.")
        # They may have gone along with a message that was taken back.
        await attach(work, message_id, file_ids_of(message), message["channel"], message)
        await forget_failed(work, message_id)
        view = await set_status(
            work,
            message,
            "queued",
            failure_code=None,
            failure_text=None,
            attempt_token=None,
            provider_id=None,
            deadline_at=None,
            unknown_since=None,
            send_at=None,
            seen_seq=None,
        )
        work.enqueue("message_send", message_id=message_id)
        work.audit("message.retried", "message", message_id)
    return view


async def resolve_review(principal: Principal, message_id: UUID) -> MessageView:
    """Record that a person found out the message went: needs_review -> sent."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        message = await queries.lock_message(principal.clinic_id, message_id)
        if message["status"] != "needs_review":
            raise NotRetryable("This message does not wait for your word.")
        view = await set_status(
            work, message, "sent", sent_at=message["sent_at"] or clock.now(), failure_code=None, failure_text=None
        )
        work.audit("message.confirmed", "message", message_id)
    return view
