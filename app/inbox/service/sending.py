"""Sending without doubles (reliability section 2): claim, call, outcome; and what happens when nobody knows.

    scheduled/queued --claim--> sending(attempt, token, deadline) --> sent | queued | failed | unknown
    unknown --evidence--> sent | failed          unknown --15 min--> needs_review --a person--> sent | queued

The claim commits before the call. The outcome is written only where the attempt's token is still ours. A claim whose
deadline has passed becomes ``unknown``, never ``queued``: what may have left is not sent again by a machine.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

import msgspec
import structlog

from app.channels.service import (
    Accepted,
    ConnectedChannel,
    Outbound,
    Refused,
    SentMessage,
    Unknown,
    find_in_sent,
    load_channel,
    note_failure,
    note_success,
    wait_for_channel,
)
from app.config import settings
from app.events.service import Work, retrying, unit_of_work
from app.inbox import queries
from app.inbox.errors import AddressBounced, Blocked, OptedOut, WhatsAppWindowClosed
from app.inbox.service.consent import BLOCKED, is_blocked, why_not
from app.inbox.service.deciding import PEOPLE
from app.inbox.service.holding import OPT_OUT, answer_kind, waits_for_morning
from app.inbox.service.mail import reply_address
from app.inbox.service.mail_out import mail_details, why_not_mail
from app.inbox.service.parts import is_several, lock_provider_id, note_part, taken_parts
from app.inbox.service.reports import apply_waiting_reports, move, settle_parts
from app.inbox.service.state import set_status
from app.inbox.service.uploads import files_to_send
from app.inbox.service.window import details_of, why_closed
from app.kit import clock, database
from app.kit.crash import crash_point
from app.kit.errors import NotFound
from app.kit.principal import system

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    import asyncpg

log = structlog.get_logger()

MOST_ATTEMPTS = 5
"""Definite refusals ("slow down") after which a message counts as not deliverable."""

TAKE_ANY_NAME = frozenset({"sendgrid", "postmark"})
"""Providers that take mail for every name of a domain. A clinic's own server may not know what a ``+`` means."""

LOOKS = (1 / 30, 2 / 15, 1 / 3, 1.0)
"""When the reconciler looks for evidence, as shares of ``REVIEW_AFTER``: 30 s, 2, 5 and 15 min of 15 min."""


class Claim(msgspec.Struct, frozen=True):
    """One claimed attempt: what goes into the call and what the outcome is matched with."""

    message_id: UUID
    token: str
    attempt: int
    outbound: Outbound
    has_parts: bool = False


async def send_message(clinic_id: UUID, message_id: UUID) -> None:
    """Send one message, if it is due and nobody else has it. Safe to run twice: the claim decides."""
    row = await _channel_of(clinic_id, message_id)
    if row is None:
        return
    channel = await load_channel(row)
    wait = await wait_for_channel(channel)
    if wait > 0:
        # The channel's limit or its open circuit: come back then. The message stays queued and is nobody's attempt.
        async with unit_of_work(clinic_id, system(clinic_id)) as work:
            work.enqueue("message_send", after=dt.timedelta(seconds=wait), message_id=message_id)
        return
    claim = await _claim(clinic_id, message_id, channel)
    if claim is None:
        return
    crash_point("send.before_call")
    result = await channel.adapter.send(claim.outbound)
    crash_point("send.after_call")
    await retrying(_store_outcome, clinic_id, channel, claim, result, attempts=8)
    crash_point("send.after_outcome")


async def _channel_of(clinic_id: UUID, message_id: UUID) -> UUID | None:
    async with database.reading(clinic_id) as connection:
        return await connection.fetchval(
            "select channel_id from message where clinic_id = $1 and id = $2 and status in ('scheduled', 'queued')",
            clinic_id,
            message_id,
        )


async def _claim(clinic_id: UUID, message_id: UUID, channel: ConnectedChannel) -> Claim | None:
    """Take the message for one attempt; commits before anybody calls the provider."""
    limit = settings().send_timeout
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        message = await queries.lock_message(clinic_id, message_id)
        if message["status"] not in {"scheduled", "queued"}:
            return None
        answers = await answer_kind(work, message)
        if await _must_not_go(work, channel.kind, message, answers):
            return None
        stopped = await _why_stopped(clinic_id, channel.kind, message, confirms_stop=answers == OPT_OUT)
        if stopped is not None:
            await set_status(work, message, "failed", failure_code=stopped[0], failure_text=stopped[1])
            return None
        token, attempt, now = secrets.token_hex(16), message["attempt"] + 1, clock.now()
        await set_status(
            work,
            message,
            "sending",
            attempt=attempt,
            attempt_token=token,
            # Past the call's own time-out, so that a slow outcome is not taken for a dead worker.
            deadline_at=now + dt.timedelta(seconds=max(limit + 5, settings().unknown_after)),
        )
        files = [] if message["attachments"] == "[]" else await files_to_send(clinic_id, message_id)
        sender, details, our_name, reply_to = channel.address, details_of(message), "", None
        has_parts = channel.kind == "whatsapp" and bool(files)
        taken = await taken_parts(work, message_id, channel.id) if has_parts else {}
        if channel.kind == "email":
            details, our_name = await mail_details(work, message, channel)
            if channel.provider in TAKE_ANY_NAME:
                reply_to = reply_address(channel, message["thread_id"])
        outbound = Outbound(
            to=message["to_address"],
            from_=sender,
            body=message["body"],
            media_urls=[file.url for file in files],
            files=files,
            name=await _name_of(work, message["thread_id"]),
            details=details,
            from_name=our_name,
            reply_to=reply_to,
            token=token,
            message_id=message_id,
            taken=taken,
            note_part=_noting(channel, message_id) if has_parts else None,
            expires_at=now + dt.timedelta(seconds=limit),
        )
    crash_point("send.after_claim")
    return Claim(message_id, token, attempt, outbound, has_parts)


def _noting(channel: ConnectedChannel, message_id: UUID) -> Callable[[int, str], Awaitable[None]]:
    async def note(place: int, provider_id: str) -> None:
        await retrying(note_part, channel.clinic_id, message_id, channel.id, place, provider_id, attempts=8)

    return note


async def _must_not_go(work: Work, kind: str, message: asyncpg.Record, answers: str | None) -> bool:
    """Say whether its moment has not come, or is over; what follows from it is done."""
    if message["send_at"] is not None and not await _is_due(work, message["send_at"]):
        return True  # moved to later: the job of that time will come
    if message["seen_seq"] is not None and await _fenced(work, message):
        return True
    if message["retry_of"] is not None and await _arrived_after_all(work, message):
        return True
    if answers == OPT_OUT and await why_not(work.clinic_id, kind, message["to_address"]) is None:
        await set_status(work, message, "cancelled")  # they want messages again
        return True
    if message["author_type"] in PEOPLE or answers:
        return False  # an answer to a word leaves at once: its reader has written this moment
    return await waits_for_morning(work, kind, message)


async def _is_due(work: Work, send_at: dt.datetime) -> bool:
    """Ask the database's clock, by which the job was woken: ours may be wrong."""
    return await work.connection.fetchval("select $1 <= clock_timestamp() + interval '20 milliseconds'", send_at)


async def _name_of(work: Work, thread_id: UUID) -> str:
    return await work.connection.fetchval(
        "select contact_name from thread where clinic_id = $1 and id = $2", work.clinic_id, thread_id
    )


async def _why_stopped(
    clinic_id: UUID, kind: str, message: asyncpg.Record, *, confirms_stop: bool
) -> tuple[str, str] | None:
    """Return a code and words for why this must not leave any more, whatever was true when it was written.

    Only the one confirmation of a stop may go to somebody who has stopped.
    """
    if await is_blocked(clinic_id, message["thread_id"]):
        return Blocked.code, BLOCKED
    if not confirms_stop and (text := await why_not(clinic_id, kind, message["to_address"])) is not None:
        return OptedOut.code, text
    if (text := await why_not_mail(clinic_id, kind, message["to_address"])) is not None:
        return AddressBounced.code, text
    if (text := await why_closed(kind, message)) is not None:
        return WhatsAppWindowClosed.code, text
    return None


async def _fenced(work: Work, message: asyncpg.Record) -> bool:
    newer = await queries.list_newer(
        work.clinic_id, message["thread_id"], message["seen_seq"], message["author_id"], message["id"]
    )
    if not newer:
        return False
    await set_status(
        work,
        message,
        "cancelled",
        failure_code="thread_moved_on",
        failure_text="Somebody wrote before this went out. Read it, then send again if it still fits.",
    )
    return True


async def _arrived_after_all(work: Work, message: asyncpg.Record) -> bool:
    """A report of the first message came late, and good: what was to go another way instead is not needed."""
    status = await work.connection.fetchval(
        "select status from message where clinic_id = $1 and id = $2", work.clinic_id, message["retry_of"]
    )
    if status not in {"delivered", "read"}:
        return False
    await set_status(
        work, message, "cancelled", failure_code="not_needed", failure_text="The first message has arrived after all."
    )
    return True


async def _store_outcome(
    clinic_id: UUID, channel: ConnectedChannel, claim: Claim, result: Accepted | Refused | Unknown
) -> None:
    now = clock.now()
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        message = await queries.lock_message(clinic_id, claim.message_id)
        if message["attempt_token"] != claim.token:
            return
        if isinstance(result, Accepted):
            await lock_provider_id(work, result.provider_id)
            if message["status"] in {"sending", "unknown", "needs_review"}:
                await set_status(
                    work,
                    message,
                    "sent",
                    provider_id=result.provider_id,
                    sent_at=now,
                    failure_code=None,
                    failure_text=None,
                )
            elif message["provider_id"] is None:  # a callback with our token was faster than the answer
                await work.connection.execute(
                    "update message set provider_id = $3 where clinic_id = $1 and id = $2",
                    clinic_id,
                    claim.message_id,
                    result.provider_id,
                )
            await apply_waiting_reports(work, claim.message_id, channel.id, result.provider_id)
            if claim.has_parts:
                await settle_parts(work, claim.message_id)
        elif message["status"] != "sending":
            return
        elif isinstance(result, Unknown):
            await _to_unknown(work, message)
        elif result.final or claim.attempt >= MOST_ATTEMPTS:
            await set_status(work, message, "failed", failure_code=result.code, failure_text=result.text)
        else:
            await set_status(work, message, "queued", attempt_token=None)
            delay = result.retry_after or settings().job_base_backoff * 2 ** (claim.attempt - 1)
            work.enqueue("message_send", after=dt.timedelta(seconds=delay), message_id=claim.message_id)
    if isinstance(result, Accepted):
        await note_success(channel)
    else:
        await note_failure(channel, result)


async def _to_unknown(work: Work, message: asyncpg.Record) -> None:
    now = clock.now()
    await set_status(work, message, "unknown", unknown_since=now)
    for share in LOOKS:
        after = dt.timedelta(seconds=share * settings().review_after)
        work.enqueue("message_reconcile", after=after, message_id=message["id"], is_last=share == LOOKS[-1])


async def reconcile_message(clinic_id: UUID, message_id: UUID, *, is_last: bool) -> None:
    """Look for evidence of an unknown send in the provider's own list; the last look, after 15 minutes, asks a person.

    The last look says so itself: our clock may be a moment behind the database's, by which jobs are due, and must not
    leave the message without any further look.
    """
    async with database.reading(clinic_id) as connection:
        message = await connection.fetchrow(
            "select * from message where clinic_id = $1 and id = $2", clinic_id, message_id
        )
    if message is None or message["status"] != "unknown":
        return
    channel = await load_channel(message["channel_id"])
    try:
        found = await _evidence(channel, message)
    except Exception as error:  # noqa: BLE001 - no evidence now; the next look will ask again
        log.warning("reconcile.no_answer", error=type(error).__name__)
        found = []
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        current = await queries.lock_message(clinic_id, message_id)
        if current["status"] != "unknown":
            return
        for sent in found:
            await lock_provider_id(work, sent.provider_id)
            taken = await work.connection.fetchval(
                "select 1 from message where clinic_id = $1 and channel_id = $2 and provider_id = $3 union all "
                "select 1 from message_part where clinic_id = $1 and channel_id = $2 and provider_id = $3",
                clinic_id,
                channel.id,
                sent.provider_id,
            )
            if not taken:
                await set_status(work, current, "sent", provider_id=sent.provider_id, sent_at=sent.at)
                await move(work, message_id, sent.status, sent.error_code, clock.now())
                await apply_waiting_reports(work, message_id, channel.id, sent.provider_id)
                return
        if is_last or clock.now() >= current["unknown_since"] + dt.timedelta(seconds=settings().review_after):
            await set_status(
                work,
                current,
                "needs_review",
                failure_code="unknown",
                failure_text="The provider never said whether this went out.",
            )


async def _evidence(channel: ConnectedChannel, message: asyncpg.Record) -> list[SentMessage]:
    if is_several(message):
        return []  # one part that is found there says nothing about the others
    if channel.provider == "smtp" and channel.mode == "live":
        return await find_in_sent(channel, message["id"])
    return await channel.adapter.find_sent(message["to_address"], message["created_at"], message["body"])


async def doubt_sends(clinic_id: UUID) -> int:
    """After a restore: what the backup still holds as waiting may have left since. Look for evidence, send nothing.

    Returns how many became ``unknown``; those without evidence end as ``needs_review``, where a person decides.
    """
    async with unit_of_work(clinic_id, system(clinic_id)) as work:
        rows = await work.connection.fetch(
            "select id, thread_id from message where clinic_id = $1 and direction = 'out' and (status in ('queued', "
            "'sending') or status = 'scheduled' and send_at < now()) order by thread_id, id",
            clinic_id,
        )
        for row in rows:
            await _to_unknown(work, await queries.lock_message(clinic_id, row["id"]))
    return len(rows)


async def sweep_overdue() -> int:
    """Find sends that stopped moving, over all clinics: expired claims become unknown, lost wake-ups are made again."""
    review = dt.timedelta(seconds=settings().review_after)
    rows = await database.fetch("select clinic_id, id, status from overdue_messages(200, $1)", review)
    for row in rows:
        clinic_id = row["clinic_id"]
        try:
            async with unit_of_work(clinic_id, system(clinic_id)) as work:
                message = await queries.lock_message(clinic_id, row["id"])
                if message["status"] == "sending" and message["deadline_at"] < clock.now():
                    await _to_unknown(work, message)
                elif message["status"] in {"scheduled", "queued"}:
                    work.enqueue("message_send", message_id=row["id"])
                elif message["status"] == "unknown":
                    work.enqueue("message_reconcile", message_id=row["id"], is_last=True)
        except NotFound:
            continue
    return len(rows)
