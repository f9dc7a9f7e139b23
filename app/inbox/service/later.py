"""Messages that wait for their time: their words and their time can change, and they can go now, until the claim."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from app.events.service import Work, unit_of_work
from app.inbox import queries
from app.inbox.errors import NotChangeable, WhatsAppWindowClosed
from app.inbox.events import MessageStatusChanged
from app.inbox.service.deciding import PEOPLE
from app.inbox.service.replies import SEND_LATER_SECONDS, clean, pass_fence, refuse_too_late
from app.inbox.service.state import refresh_last
from app.inbox.service.window import LATER, details_of, is_open, too_long
from app.kit import clock, database
from app.kit.errors import Invalid

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.inbox.schemas import MessageView, ScheduledChange
    from app.kit.principal import Principal


async def change_scheduled(principal: Principal, message_id: UUID, change: ScheduledChange) -> MessageView:
    """Change a message that waits, or send it now: ``send_at`` null, or a moment that has passed.

    Whoever changes it has seen the conversation up to ``seen``; without that, the fence at the claim stays where it
    was. Locks thread and message, as the claim does: one of the two comes first. Raises ``NotChangeable`` once it is on
    its way, ``ThreadMovedOn``, ``WhatsAppWindowClosed``, ``Invalid``.
    """
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        message = await queries.lock_message(clinic_id, message_id)
        _refuse(message)
        # Whoever changes a message has it before them, and with it what stands above.
        seen = change.seen if change.seen is None else max(change.seen, message["seq"])
        await pass_fence(principal, message["thread_id"], seen, anyway=change.anyway)
        columns = await _columns(work, message, change)
        changes = {name: [message[name], value] for name, value in columns.items() if message[name] != value}
        if not changes:
            return await queries.get_message(clinic_id, message_id)
        return await _write(work, message, columns, {k: v for k, v in changes.items() if k != "seen_seq"})


async def read_scheduled(clinic_id: UUID, message_id: UUID) -> MessageView:
    """Return a message that waits for its time; raises ``NotChangeable`` when it does not any more."""
    async with database.reading(clinic_id):
        message = await queries.get_message(clinic_id, message_id)
    if message.status != "scheduled" or message.send_at is None or message.author.type not in PEOPLE:
        raise NotChangeable("This message does not wait any more.")
    return message


def _refuse(message: asyncpg.Record) -> None:
    if message["direction"] != "out" or message["status"] != "scheduled":
        raise NotChangeable("This message does not wait any more.")
    if message["author_type"] not in PEOPLE:
        raise NotChangeable("Only what a person wrote can be changed. You can take it back.")


async def _columns(work: Work, message: asyncpg.Record, change: ScheduledChange) -> dict[str, Any]:
    """Return what the row is to hold. Raises where it could not be sent then."""
    now, columns = clock.now(), {"body": message["body"], "send_at": message["send_at"], "status": "scheduled"}
    if change.body is not msgspec.UNSET and change.body != message["body"]:
        columns["body"] = _body(message, change.body)
    if change.send_at is not msgspec.UNSET:
        refuse_too_late(change.send_at, now)
        leaves_now = change.send_at is None or change.send_at <= now
        columns.update(send_at=None, status="queued") if leaves_now else columns.update(send_at=change.send_at)
    at = columns["send_at"] or now
    thread = await queries.lock_thread(work.clinic_id, message["thread_id"])
    if (
        message["channel"] == "whatsapp"
        and details_of(message).template is None
        and not is_open(thread["whatsapp_until"], at)
    ):
        raise WhatsAppWindowClosed(LATER)
    columns["seen_seq"] = message["seen_seq"]
    if change.seen is not None or change.anyway:
        columns["seen_seq"] = thread["last_seq"]
    elif columns["seen_seq"] is None and at > now + dt.timedelta(seconds=SEND_LATER_SECONDS):
        columns["seen_seq"] = message["seq"]  # it was to leave at once, and now asks again when it does
    return columns


def _body(message: asyncpg.Record, text: str) -> str:
    if details_of(message).template is not None:
        raise Invalid.field("body", "An approved message cannot be changed. Cancel it and choose another one.")
    body = clean(text)
    if not body.strip() and message["attachments"] == "[]":
        raise Invalid.field("body", "Write something first.")
    if told := too_long(message["channel"], body):
        raise Invalid.field("body", told)
    return body


async def _write(
    work: Work, message: asyncpg.Record, columns: dict[str, Any], changes: dict[str, list[Any]]
) -> MessageView:
    message_id = message["id"]
    await work.connection.execute(
        "update message set body = $3, send_at = $4, status = $5, seen_seq = $6 where clinic_id = $1 and id = $2",
        work.clinic_id,
        message_id,
        columns["body"],
        columns["send_at"],
        columns["status"],
        columns["seen_seq"],
    )
    thread = await refresh_last(work, message["thread_id"], message_id)
    view = await queries.get_message(work.clinic_id, message_id)
    work.record(MessageStatusChanged(message=view, thread=thread, changes=changes))
    if "send_at" in changes:
        work.enqueue("message_send", run_at=columns["send_at"], message_id=message_id)
    told = {"until": columns["send_at"].isoformat()} if columns["send_at"] else {}
    work.audit("message.changed", "message", message_id, mode=message["mode"], fields=sorted(changes), **told)
    return view
