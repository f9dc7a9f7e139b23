"""Mails of ours that came back or annoyed: the message is told, and the address is not written to any more.

Anybody can send us a mail that looks like a report. One that came as a mail names the mail it is about, and only counts
when that mail was ours and went to this very address. One that a provider signed needs no such proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from app.channels.service import mail_failure_code, mail_failure_text
from app.contacts.service import mark_failed
from app.events.service import unit_of_work
from app.inbox.service.consent import take_complaint
from app.inbox.service.reports import move
from app.kit import clock, database
from app.kit.principal import Principal

if TYPE_CHECKING:
    from uuid import UUID

    from app.channels.service import Bounce, ConnectedChannel

log = structlog.get_logger()

CAME_BACK = "Mail to this address came back. {}"


async def take_bounce(channel: ConnectedChannel, bounce: Bounce) -> None:
    """Act on a report; a repeat changes nothing."""
    message_id = None
    if bounce.mail_id is not None:
        message_id = await _find(channel, bounce.mail_id, bounce.address)
        if message_id is None:
            log.info("bounce.not_ours", channel=str(channel.id))
            return
    elif not bounce.final:
        return
    if bounce.complaint:
        await take_complaint(channel, bounce.address)
        return
    code = mail_failure_code(bounce.reason, final=bounce.final)
    actor = Principal(clinic_id=channel.clinic_id, type="provider", id=None, name=channel.provider)
    if message_id is not None:
        async with unit_of_work(channel.clinic_id, actor) as work:
            await move(work, message_id, "failed", code, clock.now())
    if bounce.final:
        async with unit_of_work(channel.clinic_id, actor) as work:
            await mark_failed(work, "email", bounce.address, CAME_BACK.format(mail_failure_text(code)))


async def _find(channel: ConnectedChannel, mail_id: str, address: str) -> UUID | None:
    """Return which mail of ours a report is about: by its number, and only if it went to that address."""
    async with database.reading(channel.clinic_id) as connection:
        return await connection.fetchval(
            "select id from message where clinic_id = $1 and channel = 'email' and direction = 'out' "
            "and details->>'mail_id' = $2 and lower(to_address) = $3 order by created_at desc limit 1",
            channel.clinic_id,
            mail_id,
            address,
        )
