"""One thread: read, locked, or followed to where it was joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from uuid import UUID

import msgspec

from app.inbox.errors import ThreadJoined
from app.inbox.schemas import ThreadView
from app.kit import database
from app.kit.errors import NotFound, Unavailable

if TYPE_CHECKING:
    import asyncpg

decode_thread = msgspec.json.Decoder(ThreadView).decode


async def get_thread(clinic_id: UUID, thread_id: UUID) -> ThreadView:
    """Return a thread; raises ``NotFound``, or ``ThreadJoined`` with where its messages are now."""
    text = await database.fetchval(
        "select thread_json(t) from thread t where t.clinic_id = $1 and t.id = $2", clinic_id, thread_id
    )
    if text is None:
        await raise_missing(clinic_id, thread_id)
    return decode_thread(text)


async def lock_thread(clinic_id: UUID, thread_id: UUID) -> asyncpg.Record:
    """Lock a thread for the rest of the transaction and return its row; raises as :func:`get_thread`."""
    row = await database.fetchrow(
        "select * from thread where clinic_id = $1 and id = $2 for no key update", clinic_id, thread_id
    )
    if row is None:
        await raise_missing(clinic_id, thread_id)
    return row


async def follow_thread(clinic_id: UUID, thread_id: UUID) -> ThreadView:
    """Return a thread, or the one it was joined with: for readers, whose links may be old."""
    try:
        return await get_thread(clinic_id, thread_id)
    except ThreadJoined as error:
        return await get_thread(clinic_id, UUID(error.extra["thread_id"]))


async def hold_thread(clinic_id: UUID, thread_id: UUID) -> None:
    """Keep a thread from being joined away until the transaction ends; nobody else waits for it."""
    if not await database.fetchval(
        "select 1 from thread where clinic_id = $1 and id = $2 for key share", clinic_id, thread_id
    ):
        await raise_missing(clinic_id, thread_id)


async def find_present_thread(clinic_id: UUID, thread_id: UUID) -> UUID | None:
    """Return where the messages of a joined thread are now; None when it is not one."""
    return await database.fetchval(
        "with recursive chain as (select merged_id as id, 0 as step from (select merged_id from contact_merge "
        "    where clinic_id = $1 and moved->'thread'->>'id' = $2 and undone_at is null "
        "    order by merged_at desc limit 1) m "
        "  union all select c.merged_into, step + 1 from chain join contact c on c.clinic_id = $1 and c.id = chain.id "
        "  where c.merged_into is not null) "
        "select t.id from chain join thread t on t.clinic_id = $1 and t.contact_id = chain.id "
        "order by step desc limit 1",
        clinic_id,
        str(thread_id),
    )


async def raise_missing(clinic_id: UUID, thread_id: UUID) -> NoReturn:
    """Say why a thread is not there: ``ThreadJoined`` or ``NotFound``."""
    present = await find_present_thread(clinic_id, thread_id)
    if present is None or present == thread_id:
        # Joined when it was asked for, and parted again since: it is there now.
        if await database.fetchval("select 1 from thread where clinic_id = $1 and id = $2", clinic_id, thread_id):
            raise Unavailable("This conversation is being changed. Please try again.")
        raise NotFound("This conversation is not in your inbox.")
    raise ThreadJoined(
        "This conversation was joined with another one. Look at it before you go on.", thread_id=str(present)
    )
