"""Who is online, who looks at which thread, who is typing, which visitors are there: live, over all replicas, not kept.

Each process tells the others what its own sockets show, on change and every 15 s; what a process has not repeated for
40 s is forgotten, so a killed replica leaves no ghosts.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.events.service import LIVE_TOPIC
from app.kit.ids import new_id
from app.kit.pubsub import MAX_TEXT, RESYNC, Bus
from app.realtime.frames import json_frame

if TYPE_CHECKING:
    from app.realtime.hub import Hub
    from app.realtime.rooms import Client, Room

PRESENCE_TOPIC = "presence"
REPEAT_SECONDS, FORGET_SECONDS = 15.0, 40.0
LIVE_GAP_SECONDS = 0.25
"""A live frame of one kind leaves at most four times a second; the newest wins."""
LEFT_SECONDS = 3.0
"""A visitor who turns to another page of the site is there again sooner."""
MOST_VISITORS = 100
"""Conversations of one process that the others are told of: more would not fit into one message between them."""


class Presence:
    """Presence and live frames of this process."""

    def __init__(self, hub: Hub, bus: Bus | None) -> None:
        self._hub = hub
        self._bus = bus
        self._me = new_id().hex[-12:]
        # clinic -> process -> (heard at, {"staff": {staff id: [name, [thread ids]]}, "visitors": [thread ids]})
        self._known: dict[UUID, dict[str, tuple[float, dict[str, Any]]]] = defaultdict(dict)
        self._told: dict[UUID, bytes] = {}
        self._newcomers: dict[UUID, list[Client]] = defaultdict(list)
        self._visitors: dict[UUID, Counter[UUID]] = defaultdict(Counter)  # clinic -> thread -> open pages
        self._timers: dict[Any, Any] = {}
        hub.when_left(lambda _client, room: self.changed(room))
        if bus is not None:
            bus.subscribe(PRESENCE_TOPIC, self._on_presence)
            bus.subscribe(LIVE_TOPIC, self._on_live)
        hub.loop.call_later(REPEAT_SECONDS, self._repeat)

    # -- presence

    def greet(self, client: Client, room: Room) -> None:
        """Show a socket that has just come who is there: once, and with itself in the picture."""
        self._newcomers[room.clinic_id].append(client)
        self.changed(room)

    def changed(self, room: Room) -> None:
        """A socket of a room came, went or looks elsewhere now."""
        self._changed(room.clinic_id)

    def _changed(self, clinic_id: UUID) -> None:
        self._soon(("presence", clinic_id), lambda: self._tell(clinic_id))

    def visitor_came(self, clinic_id: UUID, thread_id: UUID) -> None:
        """A page of the chat shows this conversation now."""
        self._visitors[clinic_id][thread_id] += 1
        self._changed(clinic_id)

    def visitor_left(self, clinic_id: UUID, thread_id: UUID) -> None:
        """One of those pages is closed; said a moment later."""
        self._hub.loop.call_later(LEFT_SECONDS, self._forget_visitor, clinic_id, thread_id)

    def _forget_visitor(self, clinic_id: UUID, thread_id: UUID) -> None:
        pages = self._visitors[clinic_id]
        pages[thread_id] -= 1
        if pages[thread_id] <= 0:
            del pages[thread_id]
        if not pages:
            del self._visitors[clinic_id]
        self._changed(clinic_id)

    def _tell(self, clinic_id: UUID) -> None:
        mine = self._local(clinic_id)
        self._known[clinic_id][self._me] = (time.monotonic(), mine)
        if self._bus is not None:
            text = f"{clinic_id.hex} {self._me} {msgspec.json.encode(mine).decode()}"
            if len(text.encode()) <= MAX_TEXT:
                self._bus.publish(PRESENCE_TOPIC, text)
        self._show(clinic_id)

    def _local(self, clinic_id: UUID) -> dict[str, Any]:
        room = self._hub.rooms.get(clinic_id)
        people: dict[str, Any] = {}
        for client in room.clients if room is not None else ():
            who = client.principal
            if who.type == "staff":
                threads = people.setdefault(str(who.id), [who.name, []])[1]
                if client.focus is not None and str(client.focus) not in threads:
                    threads.append(str(client.focus))
        pages = self._visitors.get(clinic_id, ())
        return {"staff": people, "visitors": [str(thread) for thread in pages][-MOST_VISITORS:]}

    def _on_presence(self, text: str) -> None:
        if text == RESYNC:
            return
        clinic, process, told = text.split(" ", 2)
        if process != self._me:
            clinic_id = UUID(hex=clinic)
            self._known[clinic_id][process] = (time.monotonic(), msgspec.json.decode(told))
            self._show(clinic_id)

    def _repeat(self) -> None:
        self._hub.loop.call_later(REPEAT_SECONDS, self._repeat)
        forget = time.monotonic() - FORGET_SECONDS
        for clinic_id in list(self._known):
            for process, (heard, _) in list(self._known[clinic_id].items()):
                if process != self._me and heard < forget:
                    del self._known[clinic_id][process]
            if clinic_id in self._hub.rooms:
                self._tell(clinic_id)
            elif not any(told["staff"] or told["visitors"] for _, told in self._known[clinic_id].values()):
                del self._known[clinic_id]
                self._told.pop(clinic_id, None)

    def _frame(self, clinic_id: UUID) -> bytes:
        online: dict[str, str] = {}
        viewers: dict[str, dict[str, str]] = defaultdict(dict)
        visitors: set[str] = set()
        for _, told in self._known[clinic_id].values():
            visitors.update(told["visitors"])
            for staff_id, (name, threads) in told["staff"].items():
                online[staff_id] = name
                for thread in threads:
                    viewers[thread][staff_id] = name
        data = {
            "online": [{"id": staff_id, "name": name} for staff_id, name in sorted(online.items())],
            "viewers": {
                thread: [{"id": staff_id, "name": name} for staff_id, name in sorted(people.items())]
                for thread, people in sorted(viewers.items())
            },
            "visitors": sorted(visitors),
        }
        return json_frame({"t": "live", "type": "thread.presence", "data": data})

    def _show(self, clinic_id: UUID) -> None:
        newcomers = self._newcomers.pop(clinic_id, ())
        room = self._hub.rooms.get(clinic_id)
        if room is None:
            return
        frame = self._frame(clinic_id)
        if self._told.get(clinic_id) != frame:
            self._told[clinic_id] = frame
            room.live(frame)  # also to those who have just come
            return
        for client in newcomers:
            if client.joined and client.wire.can_write():
                client.wire.write(frame)

    # -- typing and other live frames

    def typing(self, client: Client, thread_id: UUID, *, on: bool) -> None:
        """Tell the colleagues that somebody types, or has stopped."""
        who = client.principal
        data = {"thread": str(thread_id), "staff": {"id": str(who.id), "name": who.name}, "on": on}
        self.live(who.clinic_id, "thread.typing", data, key=(thread_id, who.id))

    def live(self, clinic_id: UUID, live_type: str, data: dict[str, Any], *, key: Any = None) -> None:
        """Send a live frame to the clinic on every replica; of one ``key`` at most four a second, the newest wins."""
        self._soon((live_type, clinic_id, key), lambda: self._send_live(clinic_id, live_type, data))

    def _send_live(self, clinic_id: UUID, live_type: str, data: dict[str, Any]) -> None:
        frame = {"t": "live", "type": live_type, "data": data}
        if self._bus is not None:
            text = f"{clinic_id.hex} {self._me} {msgspec.json.encode(frame).decode()}"
            if len(text.encode()) <= MAX_TEXT:
                self._bus.publish(LIVE_TOPIC, text)
        room = self._hub.rooms.get(clinic_id)
        if room is not None:
            room.live(json_frame(frame))

    def _on_live(self, text: str) -> None:
        if text == RESYNC:
            return
        clinic, process, frame = text.split(" ", 2)
        room = self._hub.rooms.get(UUID(hex=clinic))
        if room is not None and process != self._me:
            room.live(json_frame(msgspec.Raw(frame.encode())))

    def _soon(self, key: Any, act: Any) -> None:
        pending = self._timers.get(key)
        now = self._hub.loop.time()
        if pending is None or pending[0] <= now - LIVE_GAP_SECONDS:
            self._timers[key] = (now, None)
            if len(self._timers) > 10_000:
                self._timers = {k: v for k, v in self._timers.items() if v[1] is not None or v[0] > now - 1}
            act()
            return
        sent_at, timer = pending
        if timer is not None:
            timer.cancel()
        due = sent_at + LIVE_GAP_SECONDS - now

        def fire() -> None:
            self._timers[key] = (self._hub.loop.time(), None)
            act()

        self._timers[key] = (sent_at, self._hub.loop.call_later(max(0.0, due), fire))
