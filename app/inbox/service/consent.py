"""Who may be written to (R8): a stop is stored before its message, and every send asks again in its claim."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from app.channels.service import language_of
from app.contacts.service import find_consent, find_points, get_contact, lock_contacts, write_consent
from app.events.service import Work, unit_of_work
from app.inbox import queries
from app.inbox.errors import Blocked, NoWayToReply, OptedOut
from app.inbox.events import ConsentChanged
from app.kit import database
from app.kit.format import CHANNEL_PLURALS
from app.kit.principal import Principal, system

if TYPE_CHECKING:
    from uuid import UUID

    from app.channels.service import ConnectedChannel, InboundMessage
    from app.contacts.schemas import ConsentChange, ContactView

BLOCKED = "Your clinic has blocked this person. Unblock them to write to them."
STORED_BY_THEN = dt.timedelta(milliseconds=300)
"""A message is stored this soon after its word was acted on; where not, the job comes again."""
_STOPPED = "This person stopped {} by a message. Only they can undo it, by sending START."


async def take_word(channel: ConnectedChannel, message: InboundMessage) -> None:
    """Act on a stop or start word; a repeat changes nothing. Start counts only for somebody who is opted out."""
    clinic_id, kind, address = channel.clinic_id, channel.kind, message.from_address
    granted = message.opt_out == "start"
    async with unit_of_work(
        clinic_id, Principal(clinic_id=clinic_id, type="patient", id=None, name=message.name or address)
    ) as work:
        if await queries.find_provider_id(clinic_id, channel.id, message.provider_id):
            return  # an old delivery made again: what the person said since then counts
        if granted:
            before = await find_consent(clinic_id, kind, address)
            if before is None or before["is_granted"]:
                return
        owners = await find_points(clinic_id, [("email" if kind == "email" else "phone", address)])
        owner = next(iter(owners.values()), None)
        if await _change(work, kind, address, owner, granted=granted, source="keyword"):
            _promise_answer(work, channel, message)


async def take_help(channel: ConnectedChannel, message: InboundMessage) -> None:
    """Somebody asks for help by its word: it is answered, where the provider does not. A repeat changes nothing."""
    if not channel.answers_words or message.is_answered:
        return
    async with unit_of_work(channel.clinic_id, system(channel.clinic_id)) as work:
        if not await queries.find_provider_id(channel.clinic_id, channel.id, message.provider_id):
            _promise_answer(work, channel, message)


def _promise_answer(work: Work, channel: ConnectedChannel, message: InboundMessage) -> None:
    """Have the word answered when its message is stored, which follows; the job goes in with the consent."""
    if channel.answers_words and not message.is_answered:
        work.enqueue(
            "word_answer",
            after=STORED_BY_THEN,
            channel_id=channel.id,
            heard=message.provider_id,
            word=message.opt_out,
            language=language_of(message.body) or "",
        )


async def take_complaint(channel: ConnectedChannel, address: str) -> None:
    """Somebody called a mail of ours unwanted, or unsubscribed: none goes there any more. A repeat changes nothing."""
    clinic_id = channel.clinic_id
    actor = Principal(clinic_id=clinic_id, type="provider", id=None, name=channel.provider)
    async with unit_of_work(clinic_id, actor) as work:
        owners = await find_points(clinic_id, [("email", address)])
        await _change(work, "email", address, next(iter(owners.values()), None), granted=False, source="complaint")


async def change_consent(principal: Principal, contact_id: UUID, change: ConsentChange) -> ContactView:
    """Write down what a person told the front desk. What they stopped by a text only they can start again."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        contact = await get_contact(clinic_id, contact_id)
        point = "email" if change.channel == "email" else "phone"
        addresses = [one.address for one in contact.points if one.kind == point]
        if not addresses:
            raise NoWayToReply.field("channel", "There is no number or address of this kind.")
        for address in sorted(addresses):
            before = await find_consent(clinic_id, change.channel, address)
            if change.granted and before is not None and not before["is_granted"] and before["source"] == "keyword":
                raise OptedOut(_STOPPED.format(CHANNEL_PLURALS[change.channel]))
            await _change(work, change.channel, address, contact_id, granted=change.granted, source="staff")
        return await get_contact(clinic_id, contact_id)


async def _change(
    work: Work, channel: str, address: str, contact_id: UUID | None, *, granted: bool, source: str
) -> bool:
    """Write consent, the thread's copy of it, and the event; says whether it is new. Locks the person first.

    Without that lock a change of the person at the same moment would tell them as they were before.
    """
    if contact_id:
        await lock_contacts(work, contact_id)
    thread_id = contact_id and await work.connection.fetchval(
        "select id from thread where clinic_id = $1 and contact_id = $2 for no key update", work.clinic_id, contact_id
    )
    if not await write_consent(work, channel, address, granted=granted, source=source):
        return False
    if thread_id:
        await work.connection.execute(
            "update thread set opted_out = opted_out_of(clinic_id, contact_id) where clinic_id = $1 and id = $2",
            work.clinic_id,
            thread_id,
        )
    work.record(
        ConsentChanged(
            channel=channel,
            address=address,
            granted=granted,
            source=source,
            contact=await get_contact(work.clinic_id, contact_id) if contact_id else None,
            thread=await queries.get_thread(work.clinic_id, thread_id) if thread_id else None,
        )
    )
    return True


async def refuse_if_opted_out(clinic_id: UUID, channel: str, address: str) -> None:
    """Raise ``OptedOut`` when this address must not be written to."""
    text = await why_not(clinic_id, channel, address)
    if text is not None:
        raise OptedOut(text)


async def refuse_if_blocked(clinic_id: UUID, thread_id: UUID) -> None:
    """Raise ``Blocked`` when the clinic has blocked the person of a thread whose lock the caller holds."""
    if await is_blocked(clinic_id, thread_id):
        raise Blocked(BLOCKED)


async def is_blocked(clinic_id: UUID, thread_id: UUID) -> bool:
    """Say whether the clinic has blocked the person of a thread."""
    return bool(
        await database.fetchval("select is_blocked from thread where clinic_id = $1 and id = $2", clinic_id, thread_id)
    )


async def why_not(clinic_id: UUID, channel: str, address: str) -> str | None:
    """Return why this address must not be written to, for people; None when it may. Asked in the claim's own lock."""
    found = await find_consent(clinic_id, channel, address)
    if found is None or found["is_granted"]:
        return None
    if found["source"] == "keyword":
        return _STOPPED.format(CHANNEL_PLURALS[channel])
    return f"This person does not want {CHANNEL_PLURALS[channel]}. If that has changed, write it down in their details."
