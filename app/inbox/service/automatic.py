"""What the assistant's own messages need beyond a person's: they are taken back when a person takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.inbox import queries
from app.inbox.service.state import set_status

if TYPE_CHECKING:
    from uuid import UUID

    from app.events.service import Work
    from app.inbox.schemas import ThreadView


async def withdraw_answers(work: Work, thread_id: UUID) -> ThreadView:
    """Take back what the assistant wrote here and nobody has begun to send. The caller holds the thread."""
    rows = await work.connection.fetch(
        "select id from message where clinic_id = $1 and thread_id = $2 and author_type = 'ai' and kind = 'text' "
        "and status in ('scheduled', 'queued') order by id",
        work.clinic_id,
        thread_id,
    )
    for row in rows:
        message = await queries.lock_message(work.clinic_id, row["id"])
        if message["status"] in {"scheduled", "queued"}:
            await set_status(
                work,
                message,
                "cancelled",
                failure_code="taken_over",
                failure_text="Your team took the conversation over before this went out.",
            )
    return await queries.get_thread(work.clinic_id, thread_id)
