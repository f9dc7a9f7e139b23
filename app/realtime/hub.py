"""The hub: one a process, one room a clinic, one ordered door into each room.

Events are offered from the batcher, from units of work and from reads of the log, in any order and any number of times;
a room pushes them in the order of their seq, each once. A hole that does not close within 5 ms is filled from the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import structlog

from app.events.service import Logged, log_heads, parse_hint, read_logs
from app.kit.errors import Unavailable
from app.kit.pubsub import RESYNC
from app.realtime.rooms import FILL_SECONDS, Client, Load, Render, Room

log = structlog.get_logger()


class Hub:
    """All rooms of this process, and what keeps them complete: the bus, and a poll as the safety net."""

    def __init__(self, *, render: Render | None = None, load: Load | None = None, poll_seconds: float = 2.0) -> None:
        self.render = render
        self._load = load
        self.rooms: dict[UUID, Room] = {}
        self.loop = asyncio.get_running_loop()
        self._poll_seconds = poll_seconds
        self._opening: dict[UUID, asyncio.Task[Room]] = {}
        self._thin: set[Room] = set()
        self._is_filling = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._left: list[Callable[[Client, Room], None]] = []

    def start(self) -> None:
        """Begin the poll of the log."""
        self.spawn(self._poll())

    async def stop(self) -> None:
        """End the hub's tasks. Sockets are closed by the server with 1012."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def spawn(self, work: Awaitable[Any]) -> None:
        """Run something beside; an error is logged, not lost."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Unavailable):
            log.error("hub.task_failed", error=repr(error))

    # -- rooms

    async def room(self, clinic_id: UUID) -> Room:
        """Return the clinic's room, opening it: a room knows its head before it serves."""
        found = self.rooms.get(clinic_id)
        if found is not None:
            return found
        opening = self._opening.get(clinic_id)
        if opening is None:
            opening = asyncio.ensure_future(self._open(clinic_id))
            self._opening[clinic_id] = opening
            opening.add_done_callback(lambda _task: self._opening.pop(clinic_id, None))
        return await asyncio.shield(opening)

    async def _open(self, clinic_id: UUID) -> Room:
        heads = await log_heads([clinic_id])
        room = Room(self, clinic_id, heads[clinic_id], await self._load(clinic_id) if self._load else None)
        self.rooms[clinic_id] = room
        room.want_fill(FILL_SECONDS)  # commits between the read of the head and now
        return room

    async def reload(self, room: Room) -> None:
        """Load the clinic's context again: its name, zone or hours have changed."""
        if self._load is not None:
            room.context = await self._load(room.clinic_id)

    def close_room(self, room: Room) -> None:
        """Forget an empty room."""
        room.close()
        if self.rooms.get(room.clinic_id) is room:
            del self.rooms[room.clinic_id]

    def when_left(self, callback: Callable[[Client, Room], None]) -> None:
        """Call back when a client has gone (presence)."""
        self._left.append(callback)

    def on_left(self, client: Client, room: Room) -> None:
        """Tell that a client has gone."""
        for callback in self._left:
            callback(client, room)

    # -- what comes in

    def on_commit(self, clinic_id: UUID, events: Sequence[Logged]) -> None:
        """Take events committed by this process."""
        room = self.rooms.get(clinic_id)
        if room is not None:
            for event in events:
                room.offer(event)

    def on_hint(self, text: str) -> None:
        """Take a hint of another process: the content is always read from the log."""
        if text == RESYNC:
            for every in self.rooms.values():
                self.want_fill(every)
            return
        hint = parse_hint(text)
        room = self.rooms.get(hint.clinic_id)
        # Our own commits are offered in the same moment.
        if room is not None and hint.seq > room.head and not hint.is_ours:
            self.want_fill(room)

    def want_fill(self, room: Room) -> None:
        """Read the log for a room: at once, or with the next read when one is under way."""
        self._thin.add(room)
        if not self._is_filling:
            self._is_filling = True
            self.spawn(self._fill())

    async def _fill(self) -> None:
        """One read at a time, for every room that waits: at speed, many hints share one."""
        try:
            while self._thin:
                rooms = {room.clinic_id: room for room in self._thin if self.rooms.get(room.clinic_id) is room}
                self._thin.clear()
                found = await read_logs([(room.clinic_id, room.head) for room in rooms.values()])
                self._thin.update(room for clinic_id, room in rooms.items() if room.take(found[clinic_id]))
        finally:
            self._is_filling = False

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            if not self.rooms:
                continue
            # What was written while the answer was under way does not count: only a log that went back was restored.
            before = {clinic_id: room.head for clinic_id, room in self.rooms.items()}
            try:
                heads = await log_heads(list(before))
            except Unavailable:
                continue
            for clinic_id, head in heads.items():
                current = self.rooms.get(clinic_id)
                if current is None:
                    continue
                if head.epoch != current.epoch or head.seq < before[clinic_id]:
                    current.drop_all(1012, "log restored")
                    continue
                current.oldest = head.oldest
                if head.seq > current.head:
                    current.want_fill(FILL_SECONDS)
