"""The judge of every journey: what clients were told, what the records say, what sockets saw, what the provider took.

Pure: a history in, complaints out. ``test_checker.py`` feeds it broken histories, one of each kind: it must complain.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

GONE = {"sent", "delivered", "read"}
REST = GONE | {"failed", "cancelled", "needs_review"}
"""States in which a message may stay."""

MOVES = {
    "scheduled": {"queued", "sending", "cancelled"},
    "queued": {"sending", "cancelled"},
    "sending": {"queued", "sent", "delivered", "read", "failed", "unknown"},
    "unknown": {"sent", "delivered", "read", "failed", "needs_review"},
    "needs_review": {"queued", "sent", "delivered", "read", "failed"},
    "sent": {"delivered", "read", "failed"},
    "delivered": {"read"},
    "failed": {"queued", "delivered", "read"},
}
"""Contract section 7: where a message may go from each state. Only forward (R4)."""

DOUBTED = {"scheduled", "queued", "sending"}
"""After a restore, what the backup held in these states may have left since: unknown until the provider is asked."""


@dataclass(frozen=True)
class Acked:
    """A patient's text that was answered with 2xx."""

    clinic: str
    sid: str


@dataclass(frozen=True)
class Promised:
    """A reply that was answered with 201."""

    clinic: str
    message: str
    client_id: str


@dataclass(frozen=True)
class Logged:
    """One event as the log keeps it."""

    seq: int
    body: str
    sum: bytes

    @property
    def frame(self) -> str:
        """The text on the wire."""
        return f'{self.body},"sum":"{self.sum[:8].hex()}"}}'


@dataclass(frozen=True)
class Stored:
    """A row of a patient's text."""

    clinic: str
    sid: str
    message: str
    seq: int


@dataclass(frozen=True)
class Sent:
    """A row of a text to a patient."""

    clinic: str
    message: str
    body: str
    status: str
    provider_id: str | None
    client_id: str


@dataclass(frozen=True)
class Taken:
    """A message that the provider accepted; every body in a journey is unique, so the body names the row."""

    body: str
    sid: str


@dataclass
class Stream:
    """All frames one listener got, over all its connections. ``start`` is the seq its first hello named."""

    name: str
    clinic: str
    start: int
    frames: list[str] = field(default_factory=list)
    resyncs: int = 0
    """How often the server refused to resume although the log was never cut."""


@dataclass
class History:
    """Everything there is to judge. ``delivered`` are all texts ever posted: whatever is stored must come from them."""

    log: dict[str, list[Logged]]
    heads: dict[str, int] = field(default_factory=dict)
    acked: list[Acked] = field(default_factory=list)
    promised: list[Promised] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    delivered: set[tuple[str, str]] | None = None
    restored: bool = False
    """Whether the records were put back from a backup."""


def problems(history: History) -> list[str]:
    """Return all that is wrong; empty for a kept promise."""
    return [
        *_texts(history),
        *_logs(history),
        *_sends(history),
        *_moves(history),
        *(one for stream in history.streams for one in _stream(history, stream)),
    ]


def _texts(history: History) -> Iterator[str]:
    """R1: acked is stored, exactly once, in its own clinic, with exactly one event."""
    stored = Counter((row.clinic, row.sid) for row in history.stored)
    for row in set(history.acked):
        if not stored[row.clinic, row.sid]:
            yield f"lost: {row.sid} was acked and is not stored in {row.clinic}"
    for (clinic, sid), count in stored.items():
        if count > 1:
            yield f"doubled: {sid} is stored {count} times in {clinic}"
        if history.delivered is not None and (clinic, sid) not in history.delivered:
            yield f"foreign: {sid} is in {clinic} and was never delivered to it"
    created: dict[tuple[str, str], list[int]] = defaultdict(list)
    for clinic, events in history.log.items():
        for event in events:
            if '"type":"message.created"' in event.body[:120]:
                created[clinic, json.loads(event.body + "}")["data"]["message"]["id"]].append(event.seq)
    for row in (*history.stored, *history.sent):
        seqs = created.pop((row.clinic, row.message), [])
        if len(seqs) != 1 or (isinstance(row, Stored) and seqs != [row.seq]):
            yield f"events: message {row.message} of {row.clinic} has the events {seqs}"
    for (clinic, message), seqs in created.items():
        yield f"foreign: events {seqs} of {clinic} tell of message {message}, which it does not have"


def _logs(history: History) -> Iterator[str]:
    """R12: every number once, every sum chained, the head where the log ends."""
    for clinic, events in history.log.items():
        chain = bytes(32)
        for expected, event in enumerate(events, 1):
            if event.seq != expected:
                yield f"gap: the log of {clinic} has {event.seq} where {expected} belongs"
                break
            chain = sha256(chain + sha256(event.body.encode()).digest()).digest()
            if event.sum != chain or not event.body.startswith(f'{{"t":"event","seq":{event.seq},'):
                yield f"chain: event {event.seq} of {clinic} does not follow from the one before"
                break
        head = history.heads.get(clinic, len(events))
        if head != len(events):
            yield f"head: the log of {clinic} has {len(events)} events and its head says {head}"


def _sends(history: History) -> Iterator[str]:
    """R5-R7: a click is one row, a row is taken at most once, nothing is lost, nothing moves for ever."""
    clicks = Counter((row.clinic, row.client_id) for row in history.sent if row.client_id not in {"None", ""})
    for (clinic, client_id), count in clicks.items():
        if count > 1:
            yield f"doubled: the click {client_id} made {count} messages in {clinic}"
    rows = {(row.clinic, row.message): row for row in history.sent}
    for promise in history.promised:
        row = rows.get((promise.clinic, promise.message))
        if row is None or row.client_id != promise.client_id:
            yield f"lost: reply {promise.message} was answered with 201 and is not stored"
    taken: dict[str, list[str]] = defaultdict(list)
    for one in history.taken:
        taken[one.body].append(one.sid)
    for row in history.sent:
        yield from _send(row, taken.pop(row.body, []), asked=bool(history.taken))
    for body, sids in taken.items():
        yield f"unknown send: the provider took {sids} ({body!r}), nobody has that message"


def _send(row: Sent, sids: list[str], *, asked: bool) -> Iterator[str]:
    if len(sids) > 1:
        yield f"double send: {row.message} was taken {len(sids)} times"
    if row.status not in REST:
        yield f"stuck: {row.message} is still {row.status}"
    if row.status in GONE and not sids and asked:
        yield f"false word: {row.message} is {row.status} and the provider never took it"
    if row.status == "cancelled" and sids:
        yield f"false word: {row.message} is cancelled and the provider took it"
    if sids and row.status in GONE and row.provider_id not in sids:
        yield f"false word: {row.message} has the provider id {row.provider_id}, the provider says {sids}"


def _moves(history: History) -> Iterator[str]:
    """R4: each change begins where the last one ended, and none goes back."""
    for clinic, events in history.log.items():
        now: dict[str, str] = {}
        for event in events:
            if '"type":"message.status_changed"' not in event.body[:120]:
                continue
            data = json.loads(event.body + "}")["data"]
            message, (old, new) = data["message"]["id"], data["changes"]["status"]
            doubted = history.restored and old in DOUBTED and new == "unknown"
            if new not in MOVES.get(old, set()) and not doubted:
                yield f"backwards: {message} of {clinic} went from {old} to {new} (event {event.seq})"
            if now.get(message, old) != old:
                yield f"jump: {message} of {clinic} was {now[message]} and went from {old} to {new} (event {event.seq})"
            now[message] = new
        for row in history.sent:
            if row.clinic == clinic and row.message in now and now[row.message] != row.status:
                yield f"jump: {row.message} is {row.status}, its last event says {now[row.message]}"


def _stream(history: History, stream: Stream) -> Iterator[str]:
    """R12: from its first hello to the head, every event once, in order, byte for byte as the log has it."""
    log = {event.seq: event for event in history.log.get(stream.clinic, [])}
    if stream.resyncs:
        yield f"resync: {stream.name} was not resumed {stream.resyncs} times"
    seq = stream.start
    for text in stream.frames:
        seen = json.loads(text)["seq"]
        if seen != seq + 1:
            yield f"order: {stream.name} got {seen} after {seq}"
            return
        seq = seen
        if seen not in log:
            yield f"foreign: {stream.name} got event {seen}, which the log of {stream.clinic} does not have"
            return
        frame = log[seen].frame
        if text != frame and not text.startswith(frame[:-1] + ',"html":{'):
            yield f"foreign: {stream.name} got another event {seen} than the log of {stream.clinic} has"
            return
    if seq != max(log, default=0):
        yield f"lost: {stream.name} ended at {seq}, the log of {stream.clinic} at {max(log, default=0)}"
