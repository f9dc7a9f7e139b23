"""What providers deliver: messages into the batch, reports onto the messages they are about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec
import structlog

from app.channels.service import (
    LOOKUP_ERRORS,
    Bounce,
    ChannelTrouble,
    InboundMessage,
    Reaction,
    StatusReport,
    TemplateReport,
    load_channel,
    note_inbound,
    note_template,
    note_trouble,
    own_word,
)
from app.events.service import Batcher, Stored, unit_of_work
from app.inbox.red_flags import find_red_flag
from app.inbox.service.bounces import take_bounce
from app.inbox.service.consent import take_help, take_word
from app.inbox.service.files import forget_repeat, hold
from app.inbox.service.mail import join, may_join, take_html
from app.inbox.service.parts import lock_provider_id, move_part
from app.inbox.service.reacting import apply_reaction
from app.inbox.service.reports import move, settle_parts
from app.kit import clock, database
from app.kit.errors import NotFound, Unavailable
from app.kit.ids import new_id
from app.kit.principal import Principal

if TYPE_CHECKING:
    from app.channels.service import ConnectedChannel, Details, Item

COLUMNS = (
    "uuid",
    "uuid",
    "text",
    "text",
    "text",
    "text",
    "text",
    "text",
    "text",
    "text",
    "text",
    "text",
    "boolean",
    "text",
    "text",
    "uuid",
    "uuid",
    "uuid",
    "uuid",
)
"""The casts of ``ingest_batch``'s arrays, in its order."""
ASKS = COLUMNS.index("boolean")

POINT_KINDS = {"sms": "phone", "whatsapp": "phone", "email": "email", "webchat": "chat"}

log = structlog.get_logger()

_encode = msgspec.json.Encoder().encode
_batcher: Batcher | None = None


def use_batcher(batcher: Batcher | None) -> None:
    """Set the one batcher of this process (``lifecycle``)."""
    global _batcher  # noqa: PLW0603 - one a process
    _batcher = batcher


def _encode_details(details: Details) -> str | None:
    text = _encode(details).decode()
    return None if text == "{}" else text.replace("\\u0000", "")


async def take(channel: ConnectedChannel, item: Item) -> None:
    """Store one thing that a genuine delivery brought; returns after the commit."""
    if isinstance(item, InboundMessage):
        await receive(channel, item, item.raw)
        note_inbound(channel)
    elif isinstance(item, StatusReport):
        await apply_report(channel, item)
    elif isinstance(item, TemplateReport):
        await note_template(channel, item)
    elif isinstance(item, Reaction):
        await apply_reaction(channel, item)
    elif isinstance(item, Bounce):
        await take_bounce(channel, item)
    elif isinstance(item, ChannelTrouble):
        await note_trouble(channel, item.text)


async def receive(channel: ConnectedChannel, message: InboundMessage, raw: str) -> Stored:
    """Store an inbound message with its thread and event; returns after the commit (R1). A repeat changes nothing."""
    if _batcher is None:
        raise Unavailable("The inbox is still starting. Please deliver again.")
    html, asks = None, False
    if channel.kind == "email":
        asks = may_join(channel, message)
        message, html = take_html(message)
    if message.opt_out is None and (word := own_word(message.body, channel.own_words)):
        message = msgspec.structs.replace(message, opt_out=word)
    if message.opt_out and asks:
        await join(channel, message)  # whose word it is, is written beside it
        asks = False
    if message.opt_out in {"stop", "start"}:
        await take_word(channel, message)
    elif message.opt_out == "help":
        await take_help(channel, message)
    body = message.body.replace("\x00", "")  # PostgreSQL cannot store it; the message is kept without
    attachments = await hold(channel, message)
    row = (
        channel.clinic_id,
        channel.id,
        channel.kind,
        POINT_KINDS[channel.kind],
        message.from_address,
        message.name or "",
        message.provider_id,
        body,
        attachments,
        _encode_details(message.details),
        html,
        message.details.reply_to and message.details.reply_to.replace("\x00", ""),
        asks,
        find_red_flag(body[: message.details.quoted_at]),
        raw.replace("\x00", ""),
        new_id(),
        new_id(),
        new_id(),
        new_id(),
    )
    stored = await _batcher.submit(row)
    if stored.is_stranger:
        await join(channel, message)
        stored = await _batcher.submit((*row[:ASKS], False, *row[ASKS + 1 :]))
    if stored.event is None and message.attachments:
        await forget_repeat(channel, message, attachments)
    return stored


async def fetch_missed() -> int:
    """Ask every live channel's provider for what patients wrote in the last 24 hours, and store what is missing (R2).

    What we could not take, a provider does not always bring again: Twilio gives up after one try. Returns how many
    messages were missing. A provider that does not answer is asked again at the next round.
    """
    found = 0
    for row in await database.fetch("select clinic_id, id from live_channels()"):
        try:
            channel = await load_channel(row["id"])
            found += await _fetch_missed(channel)
        except (*LOOKUP_ERRORS, NotFound) as error:
            log.warning("backfill.no_answer", channel=str(row["id"]), error=type(error).__name__)
    if found:
        log.info("backfill.stored", messages=found)
    return found


async def _fetch_missed(channel: ConnectedChannel) -> int:
    received = await channel.adapter.find_received(clock.now() - dt.timedelta(hours=24))
    async with database.reading(channel.clinic_id) as connection:
        rows = await connection.fetch(
            "select provider_id from message where clinic_id = $1 and channel_id = $2 and provider_id = any ($3)",
            channel.clinic_id,
            channel.id,
            [message.provider_id for message in received],
        )
    known = {row["provider_id"] for row in rows}
    # Newer than that may be on its way to the webhook this very moment; storing it twice is not possible either way.
    missing = [message for message in received if message.provider_id not in known]
    stored = [await receive(channel, message, message.raw) for message in missing]
    return sum(outcome.event is not None for outcome in stored)


async def apply_report(channel: ConnectedChannel, report: StatusReport) -> bool:
    """Move the message a report is about; keep the report when nobody knows the message yet (R4). Says if it moved."""
    actor = Principal(clinic_id=channel.clinic_id, type="provider", id=None, name=channel.provider)
    async with unit_of_work(channel.clinic_id, actor) as work:
        await lock_provider_id(work, report.provider_id)
        row = None
        if channel.kind == "whatsapp":
            part_of = await move_part(work, channel.id, report.provider_id, report.status, report.error_code)
            if part_of is not None:
                return await settle_parts(work, part_of)
        if report.token:
            # The token names an attempt, of which a message of several files has several ids: those learn theirs alone.
            row = await work.connection.fetchrow(
                "select id, provider_id from message where clinic_id = $1 and attempt_token = $2 and channel_id = $3 "
                "and (channel <> 'whatsapp' or json_array_length(attachments) < 2)",
                channel.clinic_id,
                report.token,
                channel.id,
            )
        if row is None:
            row = await work.connection.fetchrow(
                "select id, provider_id from message where clinic_id = $1 and channel_id = $2 and provider_id = "
                "$3 and direction = 'out'",
                channel.clinic_id,
                channel.id,
                report.provider_id,
            )
        if row is None:
            await work.connection.execute(
                "insert into delivery_report (id, clinic_id, channel_id, provider_id, status, error_code, received_at) "
                "values ($1, $2, $3, $4, $5, $6, $7)",
                new_id(),
                channel.clinic_id,
                channel.id,
                report.provider_id,
                report.status,
                report.error_code,
                clock.now(),
            )
            return False
        learned = {} if row["provider_id"] else {"provider_id": report.provider_id}
        status = "sent" if report.status in {"queued", "sending"} and learned else report.status
        return await move(work, row["id"], status, report.error_code, clock.now(), **learned)
