"""How a message of ours becomes a row: one way for replies, what is sent again, automatic answers and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.channels.service import Details
from app.inbox import queries
from app.inbox.events import MessageCreated, NoteCreated
from app.inbox.service.deciding import Reason, decide
from app.inbox.service.state import as_new, recount
from app.inbox.service.uploads import attach
from app.kit import clock
from app.kit.ids import new_id

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from app.channels.service import ConnectedChannel
    from app.clinics.schemas import ClinicView
    from app.contacts.schemas import ContactView
    from app.events.service import Work

_INSERT = """insert into message (id, clinic_id, thread_id, direction, channel, channel_id, kind, body, to_address,
  author_type, author_id, author_name, status, attachments, mentions, mode, client_id, send_at, seen_seq, created_at,
  details, decision_id, retry_of)
values ($1, $2, $3, 'out', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::json, $14::uuid[], $15, $16, $17, $18, $19,
  $20::json, $21, $22)"""


async def put_message(
    work: Work,
    thread: asyncpg.Record,
    contact: ContactView,
    clinic: ClinicView,
    *,
    way: ConnectedChannel,
    to_address: str,
    body: str,
    reason: Reason,
    at: dt.datetime,
    details: Details | None = None,
    files: Sequence[UUID] = (),
    client_id: UUID | None = None,
    send_at: dt.datetime | None = None,
    seen: int | None = None,
    retry_of: asyncpg.Record | None = None,
    anyway: bool = False,
) -> UUID:
    """Write a message, its decision and the job that sends it; returns its id. The caller holds the thread.

    Whether this person may be written to is decided before. ``seen`` is the fence that the claim asks again.
    """
    clinic_id, principal = work.clinic_id, work.principal
    decision_id = await decide(
        work.connection,
        principal,
        reason,
        contact_id=contact.id,
        thread_id=thread["id"],
        channel=way.kind,
        to_address=to_address,
        clinic=clinic,
        at=at,
    )
    message_id = new_id()
    attachments = await attach(work, message_id, list(files), way.kind, retry_of)
    await work.connection.execute(
        _INSERT,
        message_id,
        clinic_id,
        thread["id"],
        way.kind,
        way.id,
        "text",
        body,
        to_address,
        principal.type,
        principal.id,
        principal.name,
        "scheduled" if send_at else "queued",
        attachments,
        [],
        way.mode,
        client_id,
        send_at,
        seen,
        at,
        msgspec.json.encode(details).decode() if details and details != Details() else None,
        decision_id,
        retry_of["id"] if retry_of else None,
    )
    work.enqueue("message_send", run_at=send_at, message_id=message_id)
    work.audit("message.sent", "message", message_id, mode=way.mode, channel=way.kind, anyway=anyway)
    return message_id


async def put_note(
    work: Work, thread: asyncpg.Record, body: str, *, mentions: Sequence[UUID], client_id: UUID | None
) -> UUID:
    """Write a note, which no patient sees and nobody has to decide; returns its id. The caller holds the thread."""
    principal, message_id = work.principal, new_id()
    await work.connection.execute(
        _INSERT,
        message_id,
        work.clinic_id,
        thread["id"],
        thread["channel"],
        None,
        "note",
        body,
        None,
        principal.type,
        principal.id,
        principal.name,
        "sent",
        "[]",
        list(mentions),
        "live",
        client_id,
        None,
        None,
        clock.now(),
        None,
        None,
        None,
    )
    return message_id


async def record_new(work: Work, message_id: UUID, thread_id: UUID, *, contact: dict[str, Any] | None) -> None:
    """Write the event of a message that was just inserted; a note has no contact."""
    thread = await recount(work, thread_id)
    message = await queries.get_message(work.clinic_id, message_id)
    as_new(message, thread)
    event = (
        MessageCreated(message=message, thread=thread, contact=contact)
        if contact is not None
        else NoteCreated(message=message, thread=thread)
    )
    work.record(event, thread_id=thread_id, message_id=message_id)
