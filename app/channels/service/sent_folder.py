"""A mail that may have left, looked for among what the clinic's own account sent: most servers keep a copy there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.channels.adapters.base import SentMessage
from app.channels.adapters.imap import Imap, came_at
from app.channels.adapters.mail_compose import mail_id_of
from app.channels.adapters.mail_headers import provider_id
from app.channels.adapters.smtp import imap_of
from app.config import settings

if TYPE_CHECKING:
    from uuid import UUID

    from app.channels.service.loading import ConnectedChannel


async def find_in_sent(channel: ConnectedChannel, message_id: UUID) -> list[SentMessage]:
    """Return the copy of a message's mail in the account's folder of sent mail; empty where nothing proves anything.

    Only for the account the mail was handed over with. Raises when the mailbox cannot be asked.
    """
    told = imap_of(channel.connection.credentials)
    if told is None or str(told.get("user")).lower() != str(channel.connection.credentials.get("user")).lower():
        return []
    mailbox, mail_id = Imap(told, settings().send_timeout), mail_id_of(message_id, channel.address)
    try:
        await mailbox.open()
        folder = await mailbox.sent_folder()
        if folder is None:
            return []
        await mailbox.select(folder)
        uids = await mailbox.uids_of(mail_id)
        if not uids:
            return []
        _, at = await mailbox.size_and_time(uids[0])
    finally:
        mailbox.close()
    return [SentMessage(provider_id=provider_id(mail_id), at=came_at(at), status="sent")]
