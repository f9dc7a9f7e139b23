"""A room: the sockets of one clinic in this process, and the one ordered door through which events reach them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import msgspec
import structlog

from app.events.service import LARGEST_READ, Head, Logged, read_log
from app.realtime.frames import text_frame

if TYPE_CHECKING:
    from app.kit.principal import Principal
    from app.realtime.hub import Hub

log = structlog.get_logger()

RING = 1_024
EARLY = 4_096
TICK_SECONDS = 0.001
FILL_SECONDS = 0.005
SLOW_REPLAY_SECONDS = 10.0
LONGEST_HTML_REPLAY = 200

Render = Callable[[dict[str, Any], Any], dict[str, str]]
"""``render(event, context)`` returns ready fragments by element id; the context is the clinic's, kept by its room."""
Load = Callable[[UUID], Awaitable[Any]]


class Wire(Protocol):
    """What a client's connection can do; ``HubProtocol`` for real, a bounded queue elsewhere."""

    def write(self, data: bytes) -> None: ...
    def can_write(self) -> bool: ...
    def drop(self, code: int, reason: str) -> None: ...
    async def drained(self) -> None: ...


class Watcher(Protocol):
    """Who follows a room without being one of its sockets: it makes views of its own (visitors of a site)."""

    def offer(self, event: Logged) -> None: ...
    def live(self, frame: bytes) -> None: ...
    def drop_all(self, code: int, reason: str) -> None: ...


class Client:
    """One socket: who it is, which encoding it wants, and the room it is in."""

    __slots__ = ("focus", "html", "joined", "number", "principal", "room", "wire")

    _numbers = 0

    def __init__(self, principal: Principal, wire: Wire, *, html: bool) -> None:
        Client._numbers += 1
        self.number = Client._numbers
        self.principal = principal
        self.wire = wire
        self.html = html
        self.joined = False
        self.room: Room | None = None
        self.focus: UUID | None = None

    def left(self) -> None:
        """Leave the room; after this nothing is written to the client any more. May be called twice."""
        self.joined = False
        if self.room is not None:
            room, self.room = self.room, None
            room.forget(self)


class Entry:
    """One event in its two encodings, each built at most once."""

    __slots__ = ("_html", "event", "plain")

    def __init__(self, event: Logged) -> None:
        self.event = event
        self.plain = text_frame(event.frame)
        self._html: bytes | None = None

    def html(self, room: Room) -> bytes:
        """Return the frame with the ready fragments after ``sum``."""
        render = room.hub.render
        if self._html is None:
            fragments: dict[str, str] = {}
            if render is not None:
                try:
                    fragments = render(msgspec.json.decode(self.event.body + "}"), room.context)
                except Exception:  # a fragment that cannot be drawn must not stop the event
                    log.exception("hub.render_failed", seq=self.event.seq)
            frame = self.event.frame
            self._html = (
                text_frame(frame[:-1] + b',"html":' + msgspec.json.encode(fragments) + b"}")
                if fragments
                else self.plain
            )
        return self._html


class Room:
    """The sockets of one clinic in this process."""

    def __init__(self, hub: Hub, clinic_id: UUID, head: Head, context: Any) -> None:
        self.hub = hub
        self.context = context
        self.clinic_id = clinic_id
        self.epoch = head.epoch
        self.oldest = head.oldest
        self.head = head.seq
        self.clients: set[Client] = set()
        self.watchers: set[Watcher] = set()
        self._plain: dict[Client, Callable[[bytes], None]] = {}
        self._html: dict[Client, Callable[[bytes], None]] = {}
        self._ring: deque[Entry] = deque(maxlen=RING)
        self._tick: list[Entry] = []
        self._early: dict[int, Logged] = {}
        self._flush_timer: asyncio.TimerHandle | None = None
        self._fill_timer: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0

    # -- in

    def offer(self, event: Logged) -> None:
        """Take an event, early, late or twice."""
        if event.seq == self.head + 1:
            self._push(event)
            while self._early and (following := self._early.pop(self.head + 1, None)) is not None:
                self._push(following)
        elif event.seq > self.head + 1:
            if len(self._early) < EARLY:
                self._early[event.seq] = event
            self.want_fill(FILL_SECONDS)

    def _push(self, event: Logged) -> None:
        self.head = event.seq
        entry = Entry(event)
        self._ring.append(entry)
        if self._plain or self._html:
            self._tick.append(entry)
            if self._flush_timer is None:
                idle = time.monotonic() - self._flushed_at >= TICK_SECONDS
                loop = self.hub.loop
                self._flush_timer = loop.call_later(0 if idle else TICK_SECONDS, self.flush)
        for watcher in self.watchers:
            watcher.offer(event)
        kind = event.body[:80]
        if '"type":"session.revoked"' in kind:
            self._close_revoked(event.data)
        elif '"type":"settings.changed"' in kind:
            self.hub.spawn(self.hub.reload(self))

    def flush(self) -> None:
        """Write what has gathered: one write a socket and tick."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        entries, self._tick = self._tick, []
        self._flushed_at = time.monotonic()
        if not entries:
            return
        if self._plain:
            data = b"".join([entry.plain for entry in entries])
            for write in self._plain.values():
                write(data)
        if self._html:
            data = b"".join([entry.html(self) for entry in entries])
            for write in self._html.values():
                write(data)

    def live(self, frame: bytes, *, but: Client | None = None) -> None:
        """Write a live frame to every joined socket: not kept, not numbered."""
        for writers in (self._plain, self._html):
            for client, write in writers.items():
                if client is not but:
                    write(frame)
        for watcher in self.watchers:
            watcher.live(frame)

    # -- catching up

    def want_fill(self, seconds: float) -> None:
        """Read the log soon, unless that is planned already."""
        if self._fill_timer is None:
            self._fill_timer = self.hub.loop.call_later(seconds, self._start_fill)

    def _start_fill(self) -> None:
        self._fill_timer = None
        if not self._early or min(self._early) > self.head:
            self.hub.want_fill(self)

    async def fill(self) -> None:
        """Offer what the log has above the head."""
        while self.take(await read_log(self.clinic_id, self.head)):
            pass

    def take(self, events: list[Logged]) -> bool:
        """Offer events that were read from the log; says whether it may have more."""
        for event in events:
            self.offer(event)
        self._early = {seq: event for seq, event in self._early.items() if seq > self.head}
        return len(events) == LARGEST_READ

    async def attach(self, client: Client, after: int) -> None:
        """Bring a client from ``after`` to the head without a gap or a repeat, and let it in."""
        written = 0
        while True:
            if self.head - len(self._ring) <= after <= self.head:
                # No await from here on: that is the whole trick.
                missed = self.head - after
                self.flush()  # what is pending goes to the others only
                if not client.wire.can_write() or client.room is not self:
                    return
                if missed:
                    html = client.html and written + missed <= LONGEST_HTML_REPLAY
                    entries = list(self._ring)[-missed:]
                    client.wire.write(b"".join([e.html(self) if html else e.plain for e in entries]))
                (self._html if client.html else self._plain)[client] = client.wire.write
                client.joined = True
                return
            events = await read_log(self.clinic_id, after)
            if not client.wire.can_write():
                return
            if events:
                html = client.html and self.head - after + written <= LONGEST_HTML_REPLAY
                entries = [Entry(event) for event in events]
                client.wire.write(b"".join([e.html(self) if html else e.plain for e in entries]))
                written += len(events)
                after = events[-1].seq
                await asyncio.wait_for(client.wire.drained(), SLOW_REPLAY_SECONDS)
            else:
                await self.fill()
                if after > self.head:
                    client.wire.drop(1012, "log restarted")
                    return

    # -- who is here

    def admit(self, client: Client) -> None:
        """Count a client in; it gets frames only once :meth:`attach` is done."""
        self.clients.add(client)
        client.room = self

    def forget(self, client: Client) -> None:
        """Take a client out; the last one closes the room."""
        self.clients.discard(client)
        self._plain.pop(client, None)
        self._html.pop(client, None)
        self.hub.on_left(client, self)
        self._close_if_empty()

    def watch(self, watcher: Watcher) -> None:
        """Have every event and live frame from here on offered to a watcher; the room stays open for it."""
        self.watchers.add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Let a watcher go; the last one closes the room."""
        self.watchers.discard(watcher)
        self._close_if_empty()

    def _close_if_empty(self) -> None:
        if not self.clients and not self.watchers:
            self.hub.close_room(self)

    def close(self) -> None:
        """Stop the timers of an empty room."""
        for timer in (self._flush_timer, self._fill_timer):
            if timer is not None:
                timer.cancel()

    def drop_all(self, code: int, reason: str) -> None:
        """Close every socket; each comes back with its ``after``."""
        for client in list(self.clients):
            client.wire.drop(code, reason)
        for watcher in list(self.watchers):
            watcher.drop_all(code, reason)

    def _close_revoked(self, data: dict[str, Any]) -> None:
        """Permission is current (R17): every replica reads the event in the log and closes its sockets."""
        staff_id, session_id, keep = data.get("staff_id"), data.get("session_id"), data.get("except_session_id")
        for client in list(self.clients):
            who = client.principal
            if session_id is not None:
                hit = str(who.session_id) == session_id or (who.type == "key" and str(who.id) == session_id)
            else:
                hit = who.type == "staff" and str(who.id) == staff_id and str(who.session_id) != keep
            if hit:
                # After the tick: the client still gets the event that tells why.
                self.hub.loop.call_later(0.05, client.wire.drop, 4401, "signed out")
