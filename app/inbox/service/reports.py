"""What providers report of a message that has left: its state moves forward, never back (R4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.channels.service import load_channel
from app.inbox import queries
from app.inbox.service.parts import ALL_LEFT, take_reports, worst_of
from app.inbox.service.state import may_move, set_status
from app.kit import clock

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from app.events.service import Work


async def apply_waiting_reports(work: Work, message_id: UUID, channel_id: UUID, provider_id: str) -> None:
    """Apply the reports that came before the message knew its provider id."""
    for row in await take_reports(work, channel_id, provider_id):
        await move(work, message_id, row["status"], row["error_code"], row["received_at"])


async def settle_parts(work: Work, message_id: UUID) -> bool:
    """Give a message of several parts the state of the worst, once all have left. Says whether it moved."""
    # It has an id of its own when the last part has left: before that, a part says nothing about those to come.
    status = await work.connection.fetchval(
        "select status from message where clinic_id = $1 and id = $2 and provider_id is not null",
        work.clinic_id,
        message_id,
    )
    worst = await worst_of(work, message_id) if status in ALL_LEFT else None
    return worst is not None and await move(work, message_id, *worst, clock.now())


async def move(
    work: Work, message_id: UUID, status: str, error_code: str | None, at: dt.datetime, **columns: Any
) -> bool:
    """Move a message forward by a report; a step back or a repeat changes nothing. Says whether it moved."""
    message = await queries.lock_message(work.clinic_id, message_id)
    if not may_move(message["status"], status):
        return False
    if status in {"sent", "delivered", "read"}:
        columns.setdefault("sent_at", message["sent_at"] or at)
        columns.update(failure_code=None, failure_text=None)
    if status in {"delivered", "read"}:
        columns["delivered_at"] = message["delivered_at"] or at
    if status == "read":
        columns["read_at"] = at
    if status == "failed":
        channel = await load_channel(message["channel_id"])
        columns.update(failure_code=error_code or "failed", failure_text=channel.adapter.failure_text(error_code))
    await set_status(work, message, status, **columns)
    return True
