"""An emoji on a message: the newest of each person counts, in whatever order and however often they arrive."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from app.events.service import unit_of_work
from app.inbox import queries
from app.inbox.events import MessageReacted
from app.kit import clock
from app.kit.principal import Principal

if TYPE_CHECKING:
    from uuid import UUID

    from app.channels.service import ConnectedChannel, Reaction

log = structlog.get_logger()

MOST_PEOPLE = 50
"""Reactions a message can carry. Only those who can write to it can react: one person, or a family on one number."""


async def apply_reaction(channel: ConnectedChannel, reaction: Reaction) -> bool:
    """Put a person's emoji on a message or take it off; says whether that changed anything.

    What was taken off stays in the row without its emoji: an older one that arrives later must not come back.
    """
    actor = Principal(clinic_id=channel.clinic_id, type="provider", id=None, name=channel.provider)
    async with unit_of_work(channel.clinic_id, actor) as work:
        message_id: UUID | None = await work.connection.fetchval(
            "select id from message where clinic_id = $1 and channel_id = $2 and provider_id = $3 and to_address = $4",
            channel.clinic_id,
            channel.id,
            reaction.provider_id,
            reaction.from_address,
        )
        if message_id is None:
            log.info("reaction.ignored", reason="we do not know the message", channel=str(channel.id))
            return False
        row = await queries.lock_message(channel.clinic_id, message_id)
        old: list[dict[str, Any]] = msgspec.json.decode(row["reactions"])
        name = (await queries.get_thread(channel.clinic_id, row["thread_id"])).contact.name
        new = _with(old, reaction, name)
        if new == old:
            return False
        await work.connection.execute(
            "update message set reactions = $3::json where clinic_id = $1 and id = $2",
            channel.clinic_id,
            message_id,
            msgspec.json.encode(new).decode(),
        )
        if reaction.emoji is not None and channel.kind == "whatsapp":
            # It counts as a message of theirs: free text is allowed for 24 hours from then.
            await work.connection.execute(
                "update thread set whatsapp_until = greatest(whatsapp_until, $3::timestamptz + interval '24 hours') "
                "where clinic_id = $1 and id = $2",
                channel.clinic_id,
                row["thread_id"],
                min(reaction.at, clock.now()),
            )
        thread = await queries.get_thread(channel.clinic_id, row["thread_id"])
        view = await queries.get_message(channel.clinic_id, message_id)
        work.record(MessageReacted(message=view, thread=thread, changes={"reactions": [old, new]}))
        return True


def _with(old: list[dict[str, Any]], reaction: Reaction, name: str) -> list[dict[str, Any]]:
    """Return the reactions with this one, if it is newer than the person's last."""
    entry = {"by": reaction.from_address, "name": name, "emoji": reaction.emoji, "at": clock.iso(reaction.at)}
    last = next((one for one in old if one["by"] == reaction.from_address), None)
    if last is not None and _order(entry) <= _order(last):
        return old
    return [*(one for one in old if one is not last), entry][-MOST_PEOPLE:]


def _order(entry: dict[str, Any]) -> tuple[dt.datetime, bool, str]:
    """Sort by the provider's clock. It tells whole seconds: within one, both orders of arrival end the same."""
    return dt.datetime.fromisoformat(entry["at"]), entry["emoji"] is None, entry["emoji"] or ""
