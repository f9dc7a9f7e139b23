"""Who has a conversation: people or the assistant. People only have to begin; the assistant falls silent at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ai import queries
from app.ai.events import AiHandedBack, AiTakenOver
from app.ai.service.stepping import note_taken
from app.events.service import unit_of_work
from app.inbox.service import lock_thread, withdraw_answers
from app.kit import database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import asyncpg

    from app.inbox.schemas import ThreadView
    from app.kit.principal import Principal


async def take_over(principal: Principal, thread_id: UUID) -> ThreadView:
    """Silence the assistant in one conversation; what it has not sent yet is taken back. Locks the thread."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        await lock_thread(clinic_id, thread_id)
        changed = await work.connection.fetchval(
            "insert into ai_takeover (clinic_id, thread_id, taken_at, taken_by_id, taken_by_name) "
            "values ($1, $2, now(), $3, $4) on conflict (clinic_id, thread_id) do update set taken_at = now(), "
            "taken_by_id = excluded.taken_by_id, taken_by_name = excluded.taken_by_name "
            "where ai_takeover.taken_at is null returning true",
            clinic_id,
            thread_id,
            principal.id,
            principal.name,
        )
        thread = await withdraw_answers(work, thread_id)
        if changed:
            await note_taken(work, thread_id)
            work.record(AiTakenOver(thread=thread, by=principal.name))
            work.audit("assistant.taken_over", "thread", thread_id)
    return thread


async def hand_back(principal: Principal, thread_id: UUID) -> ThreadView:
    """Let the clinic's rules hold again in one conversation. Locks the thread."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        await lock_thread(clinic_id, thread_id)
        was_taken = await queries.is_taken_over(clinic_id, thread_id)
        await _note_hand_back(work.connection, clinic_id, [thread_id])
        thread = await withdraw_answers(work, thread_id)
        if was_taken:
            work.record(AiHandedBack(thread=thread, by=principal.name))
            work.audit("assistant.handed_back", "thread", thread_id)
    return thread


async def release_closed(clinic_id: UUID, thread_ids: Sequence[UUID]) -> None:
    """Conversations were closed: the next question in them is a new one."""
    async with database.transaction(clinic_id) as connection:
        await _note_hand_back(connection, clinic_id, thread_ids)


async def _note_hand_back(connection: asyncpg.Connection, clinic_id: UUID, thread_ids: Sequence[UUID]) -> None:
    await connection.execute(
        "insert into ai_takeover (clinic_id, thread_id, handed_back_at) "
        "select $1, id, now() from unnest($2::uuid[]) id order by id "
        "on conflict (clinic_id, thread_id) do update set taken_at = null, handed_back_at = now()",
        clinic_id,
        list(thread_ids),
    )
