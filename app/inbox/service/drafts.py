"""Drafts on the server, and saved replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from app.events.service import unit_of_work
from app.inbox import queries
from app.inbox.schemas import LONGEST_SUBJECT, Drafts, DraftText, SavedReplyDraft, SavedReplyView
from app.kit import clock, database
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from app.kit.principal import Principal


def staff_id_of(principal: Principal) -> UUID:
    """Return who this is; raises ``Invalid`` for programs."""
    if principal.type != "staff" or principal.id is None:
        raise Invalid("Drafts belong to people; sign in to use them.")
    return principal.id


async def get_drafts(principal: Principal, thread_id: UUID) -> Drafts:
    """Return what the caller has typed into a thread and not sent, and which replies colleagues have begun."""
    staff_id = staff_id_of(principal)
    async with database.reading(principal.clinic_id):
        thread_id = (await queries.follow_thread(principal.clinic_id, thread_id)).id
        own = await queries.list_drafts(principal.clinic_id, staff_id, thread_id)
        # Who may not answer has no use for what others are writing.
        others = await queries.list_begun(principal.clinic_id, thread_id) if principal.may("inbox.write") else []
        return Drafts(**own, others=[one for one in others if one.staff.id != staff_id])


async def thread_exists(clinic_id: UUID, thread_id: UUID) -> bool:
    """Say whether a thread is the clinic's."""
    async with database.reading(clinic_id) as connection:
        return bool(
            await connection.fetchval("select 1 from thread where clinic_id = $1 and id = $2", clinic_id, thread_id)
        )


async def save_draft(principal: Principal, thread_id: UUID, draft: DraftText) -> None:
    """Keep what the caller has typed; empty text forgets it. No event: nobody waits for it."""
    staff_id = staff_id_of(principal)
    if "\x00" in draft.body:
        raise Invalid.field("body", "The text holds characters that cannot be kept.")
    if draft.kind == "subject" and (len(draft.body) > LONGEST_SUBJECT or not draft.body.isprintable()):
        raise Invalid.field("body", f"A subject is one line of at most {LONGEST_SUBJECT} characters.")
    async with database.transaction(principal.clinic_id) as connection:
        await queries.hold_thread(principal.clinic_id, thread_id)
        if draft.body:
            await connection.execute(
                "insert into draft (clinic_id, staff_id, thread_id, kind, body, updated_at) values ($1, $2, $3, "
                "$4, $5, $6) "
                "on conflict (clinic_id, staff_id, thread_id, kind) do update set body = excluded.body, "
                "updated_at = excluded.updated_at",
                principal.clinic_id,
                staff_id,
                thread_id,
                draft.kind,
                draft.body,
                clock.now(),
            )
        else:
            await connection.execute(
                "delete from draft where clinic_id = $1 and staff_id = $2 and thread_id = $3 and kind = $4",
                principal.clinic_id,
                staff_id,
                thread_id,
                draft.kind,
            )


async def save_reply_text(principal: Principal, draft: SavedReplyDraft, reply_id: UUID | None = None) -> SavedReplyView:
    """Add a saved reply, or change one."""
    view = SavedReplyView(reply_id or new_id(), draft.name.strip(), draft.body)
    try:
        async with unit_of_work(principal.clinic_id, principal) as work:
            if reply_id is None:
                await work.connection.execute(
                    "insert into saved_reply (id, clinic_id, name, body, created_at) values ($1, $2, $3, $4, $5)",
                    view.id,
                    principal.clinic_id,
                    view.name,
                    view.body,
                    clock.now(),
                )
            elif not await work.connection.fetchval(
                "update saved_reply set name = $3, body = $4 where clinic_id = $1 and id = $2 returning 1",
                principal.clinic_id,
                reply_id,
                view.name,
                view.body,
            ):
                raise NotFound("This saved reply is gone.")
            work.audit("saved_reply.saved", "saved_reply", view.id, name=view.name)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("There is a saved reply of that name already.") from error
    return view


async def delete_saved_reply(principal: Principal, reply_id: UUID) -> None:
    """Remove a saved reply."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        if not await work.connection.fetchval(
            "delete from saved_reply where clinic_id = $1 and id = $2 returning 1", principal.clinic_id, reply_id
        ):
            raise NotFound("This saved reply is gone.")
        work.audit("saved_reply.deleted", "saved_reply", reply_id)
