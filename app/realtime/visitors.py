"""``/ws/visitor``: a visitor of a clinic's site gets what concerns them, and nothing else.

One :class:`Lobby` a room turns an event into the visitor's view once, however many pages they have open. Only ``prev``,
the number each page had before, is written per socket.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import WebSocket, websocket

from app.auth.service import is_own_origin
from app.config import settings
from app.events.service import Logged, read_log
from app.kit.errors import NotFound, NotSignedIn, OrasyncError
from app.realtime.frames import json_frame, text_frame
from app.realtime.lifecycle import hub, presence
from app.realtime.wires import QueueWire, TransportWire, make_wire
from app.widget import service
from app.widget.events import event_for

if TYPE_CHECKING:
    from app.realtime.hub import Hub
    from app.realtime.rooms import Room

SUBPROTOCOL = "orasync.v1"
LARGEST_FRAME = 4 * 1024
FRAMES_A_SECOND, FRAME_BURST = 5, 20
SOCKETS_A_VISITOR, SOCKETS_A_CLINIC, SOCKETS_A_PROCESS = 3, 500, 5_000
AUTH_SECONDS = 10.0
LONGEST_REPLAY = 1_000
"""Events of the clinic; who was away for longer loads the conversation instead."""
MOST_OWNERS = 4_096
HERE_SECONDS = 60.0
_OF_STAFF = b'"type":"thread.typing"'
PONG = json_frame({"t": "pong"})


class Auth(msgspec.Struct, tag_field="t", tag="auth", forbid_unknown_fields=True):
    """The first frame: the visitor's key. Never in the address, which ends up in logs."""

    key: str


class Typing(msgspec.Struct, tag_field="t", tag="typing", forbid_unknown_fields=True):
    """The visitor types, or has stopped."""

    on: bool


class Seen(msgspec.Struct, tag_field="t", tag="seen", forbid_unknown_fields=True):
    """Everything up to this number stood on the visitor's screen."""

    seq: int


class Ping(msgspec.Struct, tag_field="t", tag="ping", forbid_unknown_fields=True):
    """Answered by a pong."""


_decode = msgspec.json.Decoder(Auth | Typing | Seen | Ping).decode
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
            if _lobbies.get(self.room.clinic_id) is self:
                del _lobbies[self.room.clinic_id]

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
                        self.hub.spawn(_arrived(wrote[0], view.seq))
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
                made.append((visitor_id, _view(event.seq, one, *told)))
        while len(self._owners) > MOST_OWNERS:
            self._owners.popitem(last=False)
        return made


def _may_concern(event: Logged) -> bool:
    head = event.body[:80]
    return ('"type":"message.created"' in head or '"type":"message.status_changed"' in head) and "webchat" in event.body


def _view(seq: int, event: dict[str, Any], kind: str, data: dict[str, Any]) -> View:
    author = data["message"]["author"]
    fields = {"type": kind, "at": event["at"], "actor": {"type": author["type"], "name": author["name"]}, "data": data}
    thread_id = UUID(event["data"]["message"]["thread_id"])
    arrived = kind == "message.created" and data["message"]["direction"] == "out"
    return View(seq, b"," + _encode(fields)[1:], thread_id, arrived)


async def _arrived(page: Page, seq: int) -> None:
    """Report that what was written has reached the page's connection."""
    await page.wire.drained()
    await service.mark(await service.find_chat(str(page.visitor.channel_id)), page.visitor, seq, "delivered")


_lobbies: dict[UUID, Lobby] = {}


def _lobby(the_hub: Hub, room: Room) -> Lobby:
    """Return the clinic's lobby. No await between the look-up of the room and here, nor from here to ``admit``."""
    current = the_hub.rooms.get(room.clinic_id)
    if current is None:
        the_hub.rooms[room.clinic_id] = current = room
    lobby = _lobbies.get(room.clinic_id)
    if lobby is None or lobby.room is not current:
        lobby = _lobbies[room.clinic_id] = Lobby(the_hub, current)
        current.watch(lobby)
    return lobby


# -- the socket


@websocket("/ws/visitor")
async def visitor_socket(socket: WebSocket[Any, Any, Any]) -> None:
    """One page of a visitor."""
    offered = socket.scope.get("subprotocols") or []
    await socket.accept(subprotocols=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    if socket.headers.get("origin") and not is_own_origin(socket):
        await socket.close(code=4403, reason="not allowed")
        return
    try:
        after = int(socket.query_params["after"]) if socket.query_params.get("after") else None
    except ValueError:
        await socket.close(code=4400, reason="after cannot be read")
        return
    epoch = socket.query_params.get("epoch")
    try:
        channel = await service.find_chat(socket.query_params.get("channel", ""))
        visitor = await service.authenticate(channel, await _first_key(socket))
        room = await hub().room(channel.clinic_id)
    except (NotSignedIn, NotFound, TimeoutError, msgspec.MsgspecError):
        await socket.close(code=4401, reason="not known")
        return
    except OrasyncError:
        await socket.close(code=1012, reason="try again")
        return
    await _serve(socket, visitor, room, after if epoch in {None, "", str(room.epoch)} else None)


async def _first_key(socket: WebSocket[Any, Any, Any]) -> str:
    async with asyncio.timeout(AUTH_SECONDS):
        message: Any = await socket.receive()
    text = message.get("text") or ""
    frame = _decode(text) if len(text) <= LARGEST_FRAME else None
    if not isinstance(frame, Auth):
        raise NotSignedIn("Say who you are first.")
    return frame.key


async def _serve(socket: WebSocket[Any, Any, Any], visitor: service.Visitor, room: Room, after: int | None) -> None:
    the_hub = hub()
    lobby = _lobby(the_hub, room)
    crowded = (
        len(lobby.pages.get(visitor.id, ())) >= SOCKETS_A_VISITOR
        or lobby.count >= SOCKETS_A_CLINIC
        or sum(one.count for one in _lobbies.values()) >= SOCKETS_A_PROCESS
    )
    wire = make_wire(socket)
    page = Page(visitor, wire)
    lobby.admit(page)
    if crowded:
        page.left()
        await socket.close(code=4429, reason="too many open pages")
        return
    if isinstance(wire, TransportWire):
        wire.protocol.hand_over(page)
    page.show(visitor.thread_id)
    here = asyncio.create_task(_stay(page))
    try:
        the_hub.spawn(_catch_up(page, lobby, after))
        await _receive(socket, page)
    finally:
        here.cancel()
        page.left()
        if isinstance(wire, QueueWire):
            wire.stop()
        the_hub.spawn(service.note_presence(visitor))


async def _stay(page: Page) -> None:
    while True:
        await service.note_presence(page.visitor)
        await asyncio.sleep(HERE_SECONDS)


async def _catch_up(page: Page, lobby: Lobby, after: int | None) -> None:
    """Say hello, write what was missed, then what came meanwhile."""
    room = lobby.room
    try:
        await room.fill()
        head = room.head
        resumed = after is not None and max(room.oldest - 1, head - LONGEST_REPLAY) <= after <= head
        page.last = after if resumed and after is not None else head
        hello = {
            "t": "hello",
            "clinic": str(room.clinic_id),
            "epoch": str(room.epoch),
            "seq": head,
            "resumed": resumed,
        }
        missed = await _missed(lobby, page, head) if resumed else []
        if not page.wire.can_write() or page.lobby is None:
            return
        page.wire.write(json_frame(hello))
        page.joined = True
        pending, page.pending = page.pending, []
        wrote = [view for view in (*missed, *pending) if page.push(view)]
        if arrived := [view.seq for view in wrote if view.arrived]:
            await _arrived(page, arrived[-1])
    except OrasyncError:
        page.wire.drop(1012, "try again")
    except Exception:
        page.wire.drop(1012, "try again")
        raise


async def _missed(lobby: Lobby, page: Page, head: int) -> list[View]:
    found: list[View] = []
    at = page.last
    while at < head and (events := await read_log(page.visitor.clinic_id, at)):
        found += [view for visitor_id, view in await lobby.views(events) if visitor_id == page.visitor.id]
        at = events[-1].seq
    return found


async def _receive(socket: WebSocket[Any, Any, Any], page: Page) -> None:
    allowed, at = float(FRAME_BURST), time.monotonic()
    while True:
        message: Any = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        now = time.monotonic()
        allowed, at = min(FRAME_BURST, allowed + (now - at) * FRAMES_A_SECOND) - 1, now
        if allowed < 0 and settings().rate_limits:
            page.wire.drop(4429, "too many frames")
            return
        text = message.get("text")
        if text is not None and len(text.encode()) > LARGEST_FRAME:
            page.wire.drop(1009, "frame too large")
            return
        try:
            frame = _decode(text) if text is not None else None
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            frame = None
        await _act(page, frame)


async def _act(page: Page, frame: Auth | Typing | Seen | Ping | None) -> None:
    if isinstance(frame, Ping):
        _write(page, PONG)
    elif isinstance(frame, Typing):
        await _type(page, on=frame.on)
    elif isinstance(frame, Seen) and 0 <= frame.seq < 2**53:
        try:
            channel = await service.find_chat(str(page.visitor.channel_id))
            await service.mark(channel, page.visitor, frame.seq, "read")
        except OrasyncError:
            return  # it is said again with the next message
    else:
        _write(page, json_frame({"t": "error", "code": "bad_frame", "detail": "This cannot be read."}))


async def _type(page: Page, *, on: bool) -> None:
    """Tell the desk, in the form in which it is told of colleagues; ``visitor`` says that it is none."""
    visitor = page.visitor
    try:
        thread_id = page.thread_id or await service.find_thread(visitor)
    except OrasyncError:
        return
    if thread_id is None or page.lobby is None:
        return  # nobody has heard of them yet, or they are gone
    page.show(thread_id)
    data = {
        "thread": str(thread_id),
        "staff": {"id": f"visitor-{visitor.id}", "name": visitor.name},
        "on": on,
        "visitor": True,
    }
    presence().live(visitor.clinic_id, "thread.typing", data, key=(thread_id, visitor.id))


def _write(page: Page, frame: bytes) -> None:
    if page.wire.can_write():
        page.wire.write(frame)
