"""How a channel is doing: its circuit and send limit in this process, its state in the database, its events."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter

from app.channels.adapters.base import Refused, Unknown
from app.channels.events import ChannelHealthChanged
from app.channels.service.loading import SELECT, ConnectedChannel, tell_changed
from app.config import settings
from app.events.service import unit_of_work
from app.kit import clock, database
from app.kit.errors import OrasyncError
from app.kit.ids import new_id
from app.kit.principal import system

if TYPE_CHECKING:
    from uuid import UUID

log = structlog.get_logger()

OPENS_AFTER = 5
"""Failures in a row, none of them about one recipient, after which nothing is tried for a while."""
HALF_OPEN_AFTER = 30.0
NOTE_SECONDS = 60.0
BURST_SECONDS = 6.0
"""A channel may send at once what its limit allows in so many seconds."""

ONE_PERSON = frozenset({"131056"})
"""Codes for "too fast to this one person": the others can be written to."""

NOT_SHOWN = "A message arrived here that cannot be shown."

FORGED = Counter("orasync_webhooks_forged_total", "Deliveries refused because their signature does not fit")
UNROUTED = Counter("orasync_webhooks_unrouted_total", "Genuine deliveries that belong to no channel of ours")


class Circuit:
    """Stops trying a provider that does not answer; after 30 s one attempt finds out whether it is back."""

    __slots__ = ("_failures", "_not_before")

    def __init__(self) -> None:
        self._failures = 0
        self._not_before = 0.0

    @property
    def is_open(self) -> bool:
        """Whether so many failures came in a row that a person should know."""
        return self._failures >= OPENS_AFTER

    def wait(self) -> float:
        """Return the seconds to wait; 0 lets one attempt go. Half-open: the others wait for its outcome."""
        now = time.monotonic()
        if now < self._not_before:
            return self._not_before - now
        if self.is_open:
            self._not_before = now + HALF_OPEN_AFTER
        return 0.0

    def failed(self, retry_after: float | None = None) -> None:
        """Count a failure. A provider that only asks to slow down is alive: that pauses and does not count."""
        if retry_after is not None:
            self._not_before = max(self._not_before, time.monotonic() + retry_after)
            return
        self._failures += 1
        if self.is_open:
            self._not_before = time.monotonic() + HALF_OPEN_AFTER

    def answered(self) -> None:
        """Close the circuit: the provider answered."""
        self._failures = 0
        self._not_before = 0.0


_circuits: dict[UUID, Circuit] = {}
_noted: dict[UUID, float] = {}
_tasks: set[asyncio.Task[None]] = set()


def _circuit(channel: ConnectedChannel) -> Circuit:
    return _circuits.setdefault(channel.id, Circuit())


async def wait_for_channel(channel: ConnectedChannel) -> float:
    """Return how many seconds a send must wait for the open circuit or the send limit of all processes; 0 is go."""
    wait = _circuit(channel).wait()
    if wait > 0 or not settings().rate_limits:
        return wait
    rate = channel.send_per_minute / 60
    return await database.fetchval(
        "select rate_take($1, $2, $3)", f"send:{channel.id}", rate, max(1.0, rate * BURST_SECONDS)
    )


async def note_success(channel: ConnectedChannel) -> None:
    """The provider took a message: whatever was wrong with the channel is over. Writes only when something was."""
    _circuit(channel).answered()
    if channel.state != "working" or channel.failure_count:
        await _change(channel, state="working")


async def note_failure(channel: ConnectedChannel, result: Refused | Unknown) -> None:
    """A send did not go through. What is about one recipient says nothing about the channel."""
    circuit = _circuit(channel)
    if isinstance(result, Refused) and result.code in ONE_PERSON:
        circuit.answered()
        return
    if isinstance(result, Refused) and result.final:
        circuit.answered()
        if result.blames_channel:
            await _change(channel, state="attention", error=result.text)
        return
    circuit.failed(
        result.retry_after or 1.0 if isinstance(result, Refused) and result.code in {"429", "20429"} else None
    )
    if circuit.is_open:
        await _change(
            channel,
            state="attention",
            error="The provider does not answer. Messages wait and go out when it is back.",
        )


async def _change(channel: ConnectedChannel, *, state: str, error: str | None = None) -> None:
    """Write a new state and its event, if it is one. Outside a unit of work."""
    async with unit_of_work(channel.clinic_id, system(channel.clinic_id)) as work:
        changed = await work.connection.fetchval(
            "update channel set state = $3, last_error = $4, "
            "last_error_at = case when $4::text is null then null else now() end, "
            "failure_count = case when $4::text is null then 0 else failure_count + 1 end "
            "where clinic_id = $1 and id = $2 and removed_at is null "
            "and (state, coalesce(last_error, '')) is distinct from ($3, coalesce($4, '')) returning 1",
            channel.clinic_id,
            channel.id,
            state,
            error,
        )
        if changed:
            row = await work.connection.fetchrow(f"{SELECT} and c.id = $2", channel.clinic_id, channel.id)
            work.record(ChannelHealthChanged(channel=ConnectedChannel(row).told))
    if changed:
        tell_changed(channel.id)
    else:
        channel.state, channel.failure_count = state, 0


# -- what came in


def count_forged() -> None:
    """Count a delivery whose signature does not fit; nothing else of it is kept."""
    FORGED.inc()


async def keep_unrouted(channel: ConnectedChannel, reason: str, body: bytes) -> None:
    """Keep a genuine delivery that is not for this channel, and say so on the channel's card."""
    UNROUTED.inc()
    await _keep(channel.id, channel.provider, reason, body)
    if time.monotonic() - _noted.get(channel.id, -NOTE_SECONDS) >= NOTE_SECONDS:
        _noted[channel.id] = time.monotonic()
        await _change(channel, state="attention", error=f"{NOT_SHOWN} {reason}")


async def _keep(channel_id: UUID | None, provider: str, reason: str, body: bytes) -> None:
    await database.execute(
        "insert into unrouted_delivery (id, channel_id, provider, reason, raw, received_at) "
        "values ($1, $2, $3, $4, $5, $6)",
        new_id(),
        channel_id,
        provider,
        reason.replace("\x00", ""),
        body.decode("utf-8", "replace").replace("\x00", ""),
        clock.now(),
    )


async def keep_stray(provider: str, reason: str, body: bytes) -> None:
    """Keep a genuine delivery for a number or mailbox that nobody has connected."""
    UNROUTED.inc()
    log.warning("webhook.unrouted", provider=provider, reason=reason)
    await _keep(None, provider, reason, body)


async def note_trouble(channel: ConnectedChannel, text: str) -> None:
    """The provider says that something is wrong with the number itself; ``text`` is for people."""
    await _change(channel, state="attention", error=text)


_heard: dict[UUID, float] = {}


def note_inbound(channel: ConnectedChannel) -> None:
    """Note that a message came in ("Test received"); at most once a minute, and never inside the request."""
    now = time.monotonic()
    if channel.state == "working" and now - _heard.get(channel.id, -NOTE_SECONDS) < NOTE_SECONDS:
        return
    if channel.state != "working":
        channel.state = "working"  # one task, not one a delivery, until the channel is loaded anew
    _heard[channel.id] = now
    task = asyncio.get_running_loop().create_task(_write_inbound(channel))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _write_inbound(channel: ConnectedChannel) -> None:
    try:
        async with unit_of_work(channel.clinic_id, system(channel.clinic_id)) as work:
            before = await work.connection.fetchrow(
                "select state, last_inbound_at from channel where clinic_id = $1 and id = $2 for no key update",
                channel.clinic_id,
                channel.id,
            )
            if before is None:
                return
            # What is wrong with sending stays: only a message that could not be shown is over when one can.
            after = await work.connection.fetchval(
                "update channel set last_inbound_at = now(), "
                "state = case when over then 'working' else state end, "
                "last_error = case when over then null else last_error end, "
                "last_error_at = case when over then null else last_error_at end "
                "from (select id as same, state = 'new' or last_error like $3 || '%' as over from channel "
                "  where clinic_id = $1 and id = $2) x where clinic_id = $1 and id = $2 returning state",
                channel.clinic_id,
                channel.id,
                NOT_SHOWN,
            )
            if before["state"] != after or before["last_inbound_at"] is None:
                row = await work.connection.fetchrow(f"{SELECT} and c.id = $2", channel.clinic_id, channel.id)
                work.record(ChannelHealthChanged(channel=ConnectedChannel(row).told))
    except (OrasyncError, OSError) as error:
        log.warning("channel.inbound_not_noted", error=str(error))
