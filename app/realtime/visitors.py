"""``/ws/visitor``: a visitor of a clinic's site gets what concerns them, and nothing else."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import WebSocket, websocket

from app.auth.service import is_own_origin
from app.config import settings
from app.events.service import read_log
from app.kit.errors import NotFound, NotSignedIn, OrasyncError
from app.realtime.frames import json_frame
from app.realtime.lifecycle import hub, presence
from app.realtime.lobby import LOBBIES, Lobby, Page, View, lobby_of, note_arrival
from app.realtime.wires import QueueWire, TransportWire, make_wire
from app.widget import service

if TYPE_CHECKING:
    from app.realtime.rooms import Room

SUBPROTOCOL = "orasync.v1"
LARGEST_FRAME = 4 * 1024
FRAMES_A_SECOND, FRAME_BURST = 5, 20
SOCKETS_A_VISITOR, SOCKETS_A_CLINIC, SOCKETS_A_PROCESS = 3, 500, 5_000
AUTH_SECONDS = 10.0
LONGEST_REPLAY = 1_000
"""Events of the clinic; who was away for longer loads the conversation instead."""
HERE_SECONDS = 60.0
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
    lobby = lobby_of(the_hub, room)
    crowded = (
        len(lobby.pages.get(visitor.id, ())) >= SOCKETS_A_VISITOR
        or lobby.count >= SOCKETS_A_CLINIC
        or sum(one.count for one in LOBBIES.values()) >= SOCKETS_A_PROCESS
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
            await note_arrival(page, arrived[-1])
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
