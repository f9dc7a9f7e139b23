"""The lobby of a room: the visitors of a clinic's site in this process, and what each of them gets.

One :class:`Lobby` a room turns an event into the visitor's view once, however many pages they have open. Only ``prev``,
the number each page had before, is written per socket.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec

from app.events.service import Logged
from app.kit.errors import OrasyncError
from app.realtime.frames import json_frame, text_frame
from app.realtime.lifecycle import presence
from app.realtime.wires import QueueWire, TransportWire
from app.widget import service
from app.widget.events import event_for

if TYPE_CHECKING:
    from app.realtime.hub import Hub
    from app.realtime.rooms import Room

MOST_OWNERS = 4_096
_OF_STAFF = b'"type":"thread.typing"'

_encode = msgspec.json.Encoder().encode


class View(NamedTuple):
    """One event as its visitor gets it, all but ``prev``."""

    seq: int
    rest: bytes
    thread_id: UUID
    arrived: bool
    """It brings a message of the clinic."""


class Page:
    """One open page of a visitor. ``last`` is the number of the newest event it has."""

    __slots__ = ("joined", "last", "lobby", "pending", "shown", "thread_id", "visitor", "wire")

    def __init__(self, visitor: service.Visitor, wire: TransportWire | QueueWire) -> None:
        self.visitor, self.wire = visitor, wire
        self.thread_id = visitor.thread_id
        self.joined = False
        self.last = 0
        self.pending: list[View] = []
        self.lobby: Lobby | None = None
        self.shown: UUID | None = None
        """The conversation whose desk is told that this page is open."""

    def show(self, thread_id: UUID | None) -> None:
        """Tell the desk which conversation this page is in, from now on; None when it is closed."""
        before, self.shown = self.shown, thread_id
        if before == thread_id:
            return
        if thread_id is not None:
            self.thread_id = thread_id
            presence().visitor_came(self.visitor.clinic_id, thread_id)
        if before is not None:
            presence().visitor_left(self.visitor.clinic_id, before)

    def push(self, view: View) -> bool:
        """Write an event, or keep it while older ones are on their way. Says whether it was written."""
        if self.lobby is not None:
            self.show(view.thread_id)
        if not self.joined:
            self.pending.append(view)
            return False
        if view.seq <= self.last or not self.wire.can_write():
            return False
        self.wire.write(text_frame(b'{"t":"event","seq":%d,"prev":%d%b' % (view.seq, self.last, view.rest)))
        self.last = view.seq
        return True

    def left(self) -> None:
        """Leave the lobby; after this nothing is written any more. May be called twice."""
        self.joined = False
        self.show(None)
        if self.lobby is not None:
            lobby, self.lobby = self.lobby, None
            lobby.forget(self)


class Lobby:
    """The visitors of one clinic in this process."""

    def __init__(self, the_hub: Hub, room: Room) -> None:
        self.hub, self.room = the_hub, room
        self.pages: dict[UUID, set[Page]] = {}
        self._events: deque[Logged] = deque()
        self._owners: OrderedDict[UUID, UUID | None] = OrderedDict()
        self._is_working = False

    @property
    def count(self) -> int:
        """How many pages are open."""
        return sum(len(pages) for pages in self.pages.values())

    def admit(self, page: Page) -> None:
        """Let a page in; it gets events once it is told where it stands."""
        self.pages.setdefault(page.visitor.id, set()).add(page)
        page.lobby = self

    def forget(self, page: Page) -> None:
        """Let a page go; the last one closes the lobby."""
        pages = self.pages.get(page.visitor.id, set())
        pages.discard(page)
        if not pages:
            self.pages.pop(page.visitor.id, None)
        if not self.pages:
            self.room.unwatch(self)
            if LOBBIES.get(self.room.clinic_id) is self:
                del LOBBIES[self.room.clinic_id]

    # -- what the room offers

    def offer(self, event: Logged) -> None:
        """Take an event of the clinic; most are nobody's here and cost one look."""
        if _may_concern(event):
            self._events.append(event)
            if not self._is_working:
                self._is_working = True
                self.hub.spawn(self._work())

    def live(self, frame: bytes) -> None:
        """Show a visitor that somebody of the clinic is writing to them."""
        if _OF_STAFF not in frame[:80]:
            return
        data = msgspec.json.decode(frame[frame.index(b"{") :])["data"]
        if data.get("visitor"):
            return
        told = None
        for pages in self.pages.values():
            for page in pages:
                if page.joined and str(page.thread_id) == data["thread"] and page.wire.can_write():
                    told = told or json_frame({"t": "live", "type": "thread.typing", "data": {"on": bool(data["on"])}})
                    page.wire.write(told)

    def drop_all(self, code: int, reason: str) -> None:
        """Close every page's socket; each comes back."""
        for pages in list(self.pages.values()):
            for page in list(pages):
                page.wire.drop(code, reason)

    async def _work(self) -> None:
        """One at a time and in order: whose each event is has to be asked of the database, once."""
        try:
            while self._events:
                events = [self._events.popleft() for _ in range(len(self._events))]
                for visitor_id, view in await self.views(events):
                    wrote = [page for page in self.pages.get(visitor_id, set()) if page.push(view)]
                    if wrote and view.arrived:
                        self.hub.spawn(note_arrival(wrote[0], view.seq))
        except OrasyncError:
            # Whose it was is not known now. They come back with their last number, and then it is.
            self.drop_all(1012, "try again")
        finally:
            self._is_working = False

    async def views(self, events: list[Logged]) -> list[tuple[UUID, View]]:
        """Return the views of those events that are some visitor's, each made once."""
        decoded = [(event, msgspec.json.decode(event.body + "}")) for event in events if _may_concern(event)]
        unknown = {UUID(one["data"]["message"]["id"]) for _, one in decoded} - self._owners.keys()
        if unknown:
            found = await service.owners_of(self.room.clinic_id, list(unknown))
            self._owners.update({message_id: found.get(message_id) for message_id in unknown})
        made = []
        for event, one in decoded:
            visitor_id = self._owners[UUID(one["data"]["message"]["id"])]
            told = event_for(one) if visitor_id is not None else None
            if visitor_id is not None and told is not None:
                made.append((visitor_id, make_view(event.seq, one, *told)))
        while len(self._owners) > MOST_OWNERS:
            self._owners.popitem(last=False)
        return made


def _may_concern(event: Logged) -> bool:
    head = event.body[:80]
    return ('"type":"message.created"' in head or '"type":"message.status_changed"' in head) and "webchat" in event.body


def make_view(seq: int, event: dict[str, Any], kind: str, data: dict[str, Any]) -> View:
    """Return an event as its visitor gets it."""
    author = data["message"]["author"]
    fields = {"type": kind, "at": event["at"], "actor": {"type": author["type"], "name": author["name"]}, "data": data}
    thread_id = UUID(event["data"]["message"]["thread_id"])
    arrived = kind == "message.created" and data["message"]["direction"] == "out"
    return View(seq, b"," + _encode(fields)[1:], thread_id, arrived)


async def note_arrival(page: Page, seq: int) -> None:
    """Report that what was written has reached the page's connection."""
    await page.wire.drained()
    await service.mark(await service.find_chat(str(page.visitor.channel_id)), page.visitor, seq, "delivered")


LOBBIES: dict[UUID, Lobby] = {}


def lobby_of(the_hub: Hub, room: Room) -> Lobby:
    """Return the clinic's lobby. No await between the look-up of the room and here, nor from here to ``admit``."""
    current = the_hub.rooms.get(room.clinic_id)
    if current is None:
        the_hub.rooms[room.clinic_id] = current = room
    lobby = LOBBIES.get(room.clinic_id)
    if lobby is None or lobby.room is not current:
        lobby = LOBBIES[room.clinic_id] = Lobby(the_hub, current)
        current.watch(lobby)
    return lobby
