"""What a claim asks of an automatic message: is it night where it goes, and is it an answer that the law wants."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.clinics.service import get_clinic
from app.events.service import Work
from app.inbox import queries
from app.inbox.events import MessageStatusChanged
from app.inbox.service.deciding import ANSWERS, may_leave_at, quiet_sum
from app.inbox.service.state import refresh_last
from app.kit import clock

if TYPE_CHECKING:
    import asyncpg

OPT_OUT = "opt_out"


async def waits_for_morning(work: Work, kind: str, message: asyncpg.Record) -> bool:
    """Put an automatic message off until the first open minute where its recipient is (R8); says whether it waits.

    The decision stays as it was written; that its message had to wait is one more line beside it, in the activity log.
    """
    now, clinic = clock.now(), await get_clinic(work.clinic_id)
    opens = may_leave_at(kind, message["to_address"], clinic, now)
    if opens <= now:
        return False
    await work.connection.execute(
        "update message set send_at = $3 where clinic_id = $1 and id = $2", work.clinic_id, message["id"], opens
    )
    zone, local, words = quiet_sum(kind, message["to_address"], clinic, now, by_person=False)
    work.audit(
        "message.put_off",
        "message",
        message["id"],
        mode=message["mode"],
        until=opens.isoformat(),
        words=f"{opens.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} there, because when it was to leave it was {words}",
        local_time=local,
    )
    work.enqueue("message_send", run_at=opens, message_id=message["id"])
    work.record(
        MessageStatusChanged(
            message=await queries.get_message(work.clinic_id, message["id"]),
            thread=await refresh_last(work, message["thread_id"], message["id"]),
            changes={"send_at": [message["send_at"], opens]},
        )
    )
    return True


async def answer_kind(work: Work, message: asyncpg.Record) -> str | None:
    """Return what this message answers at once (the kind of its decision); None for every other message."""
    if message["author_type"] not in {"system", "ai"}:
        return None
    kind: str | None = await work.connection.fetchval(
        "select kind from decision where clinic_id = $1 and id = $2", work.clinic_id, message["decision_id"]
    )
    return kind if kind in ANSWERS else None
