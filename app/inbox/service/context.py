"""What a patient's message answers: the first words of it go along, so that nobody has to look for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.kit import database

if TYPE_CHECKING:
    from app.channels.service import ConnectedChannel, Details, InboundMessage

WORDS = 120
"""Characters that are kept of the message that is answered."""


async def with_context(channel: ConnectedChannel, message: InboundMessage) -> Details:
    """Return the message's details with the words it answers; only those of a conversation with the same person."""
    if not message.details.reply_to:
        return message.details
    async with database.reading(channel.clinic_id) as connection:
        words = await connection.fetchval(
            "select left(body, $5) from message where clinic_id = $1 and channel_id = $2 and provider_id = $3 "
            "and to_address = $4",
            channel.clinic_id,
            channel.id,
            message.details.reply_to.replace("\x00", ""),
            message.from_address,
            WORDS,
        )
    return message.details if words is None else msgspec.structs.replace(message.details, reply_words=words)
