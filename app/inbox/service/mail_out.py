"""What a mail of ours says beside its words: its subject, its number, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.channels.service import Details, mail_id_of
from app.inbox.errors import AddressBounced
from app.inbox.schemas import LONGEST_SUBJECT
from app.inbox.service.window import details_of
from app.kit import database

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.channels.service import ConnectedChannel
    from app.events.service import Work

_LAST_RECEIVED = """select details from message where clinic_id = $1 and thread_id = $2 and channel = 'email'
  and direction = 'in' and details->>'mail_id' is not null order by seq desc limit 1"""


async def mail_details(work: Work, message: asyncpg.Record, channel: ConnectedChannel) -> tuple[Details, str]:
    """Fill in what a mail needs and keep it with the message, in the claim's transaction; return it and our name.

    The number is the same at every attempt. It is kept before anything leaves, so that an answer, or a report that it
    came back, always finds the message.
    """
    details = details_of(message)
    clinic = await work.connection.fetchval("select name from clinic where id = $1", work.clinic_id)
    last = await _last_received(work, message)
    subject = details.subject or (_answer_to(last.subject) if last is not None and last.subject else clinic)
    filled = msgspec.structs.replace(
        details,
        subject=subject[:LONGEST_SUBJECT],
        mail_id=details.mail_id or mail_id_of(message["id"], channel.address),
        reply_to=last.mail_id if last is not None else None,
        references=_chain(last),
        # Machines must be able to see that this was no person, or they answer each other for ever.
        auto_reply=message["author_type"] != "staff",
    )
    await work.connection.execute(
        "update message set details = $3::json where clinic_id = $1 and id = $2",
        work.clinic_id,
        message["id"],
        msgspec.json.encode(filled).decode(),
    )
    return filled, clinic


async def _last_received(work: Work, message: asyncpg.Record) -> Details | None:
    found = await work.connection.fetchval(_LAST_RECEIVED, work.clinic_id, message["thread_id"])
    return msgspec.json.decode(found, type=Details) if found else None


def _answer_to(subject: str) -> str:
    bare = subject.strip()
    while bare[:3].lower() in {"re:", "aw:"}:
        bare = bare[3:].strip()
    return f"Re: {bare}" if bare else "Re: your message"


def _chain(last: Details | None) -> list[str]:
    if last is None or not last.mail_id:
        return []
    known = [one for one in last.references if one != last.mail_id]
    return [*known, last.mail_id]


async def why_not_mail(clinic_id: UUID, kind: str, address: str) -> str | None:
    """Return why no mail may go to this address any more, for people; None when one may. Staff can mark it as good."""
    if kind != "email":
        return None
    return await database.fetchval(
        "select failure from contact_point where clinic_id = $1 and kind = 'email' and address = $2 "
        "and not is_reachable and failure is not null",
        clinic_id,
        address,
    )


async def refuse_if_bounced(clinic_id: UUID, kind: str, address: str) -> None:
    """Raise ``AddressBounced`` when mail to this address came back for good."""
    text = await why_not_mail(clinic_id, kind, address)
    if text is not None:
        raise AddressBounced(text)
