"""One message, and the messages of a thread."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from app.inbox.errors import ThreadJoined
from app.inbox.queries.threads import lock_thread
from app.inbox.schemas import MessageView
from app.kit import database
from app.kit.errors import NotFound, Unavailable

if TYPE_CHECKING:
    import asyncpg

decode_message = msgspec.json.Decoder(MessageView).decode

MOVES = 5
"""How often a message may have moved to another thread while somebody waited for its lock."""


async def find_provider_id(clinic_id: UUID, channel_id: UUID, provider_id: str) -> UUID | None:
    """Return the message that a provider knows under this id."""
    return await database.fetchval(
        "select id from message where clinic_id = $1 and channel_id = $2 and provider_id = $3",
        clinic_id,
        channel_id,
        provider_id,
    )


async def lock_message(clinic_id: UUID, message_id: UUID) -> asyncpg.Record:
    """Lock a message and, before it, its thread; returns the message's row; raises ``NotFound``.

    Two people may be joined, or parted, while we wait for the thread: the message then lies in another one.
    """
    for _ in range(MOVES):
        thread_id = await database.fetchval(
            "select thread_id from message where clinic_id = $1 and id = $2", clinic_id, message_id
        )
        if thread_id is None:
            raise NotFound("This message is not in your inbox.")
        with contextlib.suppress(ThreadJoined):
            await lock_thread(clinic_id, thread_id)
        row = await database.fetchrow(
            "select * from message where clinic_id = $1 and id = $2 and thread_id = $3 for no key update",
            clinic_id,
            message_id,
            thread_id,
        )
        if row is not None:
            return row
    raise Unavailable("This conversation is being changed. Please try again.")


async def get_message(clinic_id: UUID, message_id: UUID) -> MessageView:
    """Return a message; raises ``NotFound``."""
    text = await database.fetchval(
        "select message_json(m) from message m where m.clinic_id = $1 and m.id = $2", clinic_id, message_id
    )
    if text is None:
        raise NotFound("This message is not in your inbox.")
    return decode_message(text)


async def find_by_client_id(clinic_id: UUID, client_id: UUID) -> MessageView | None:
    """Return the message that was sent under a client's own id."""
    text = await database.fetchval(
        "select message_json(m) from message m where m.clinic_id = $1 and m.client_id = $2", clinic_id, client_id
    )
    return decode_message(text) if text is not None else None


async def find_retry(clinic_id: UUID, message_id: UUID) -> MessageView | None:
    """Return the message by which this one was sent another way."""
    text = await database.fetchval(
        "select message_json(m) from message m where m.clinic_id = $1 and m.retry_of = $2 and m.status <> 'cancelled'",
        clinic_id,
        message_id,
    )
    return decode_message(text) if text is not None else None


async def list_newer(
    clinic_id: UUID, thread_id: UUID, seen: int, author_id: UUID | None, but: UUID | None = None
) -> list[MessageView]:
    """Return what others wrote into a thread above the seq ``seen``: the fence's question.

    People know what they wrote themselves. Our own programs have no id and know nothing but what they saw. ``but`` is
    the message asked for. What the assistant tells the team is no reason to hold a colleague's answer back.
    """
    rows = await database.fetch(
        "select message_json(m) from message m where m.clinic_id = $1 and m.thread_id = $2 and m.seq > $3 "
        "and m.kind in ('text', 'note') and m.status <> 'cancelled' "
        "and (m.direction = 'in' or $4::uuid is null or m.author_id is distinct from $4) "
        "and m.id is distinct from $5 and not (m.kind = 'note' and m.author_type = 'ai') order by m.seq limit 20",
        clinic_id,
        thread_id,
        seen,
        author_id,
        but,
    )
    return [decode_message(row[0]) for row in rows]


async def find_chat_address(clinic_id: UUID, thread_id: UUID, contact_id: UUID) -> str | None:
    """Return the visit to a site that a person wrote from last: one person may have several, in several browsers."""
    found: str | None = await database.fetchval(
        "select coalesce((select m.to_address from message m where m.clinic_id = $1 and m.thread_id = $2 "
        "and m.channel = 'webchat' and m.direction = 'in' order by m.seq desc limit 1), "
        "(select p.address from contact_point p where p.clinic_id = $1 and p.contact_id = $3 and p.kind = 'chat' "
        "order by p.created_at desc limit 1))",
        clinic_id,
        thread_id,
        contact_id,
    )
    return found


async def list_messages(clinic_id: UUID, thread_id: UUID, before: int | None, limit: int) -> list[MessageView]:
    """Return messages below the seq ``before``, newest first."""
    rows = await database.fetch(
        "select message_json(m) from message m where m.clinic_id = $1 and m.thread_id = $2 "
        "and m.seq < coalesce($3, 9223372036854775807) order by m.seq desc limit $4",
        clinic_id,
        thread_id,
        before,
        limit,
    )
    return [decode_message(row[0]) for row in rows]
