"""The websocket's edge: let it in, say hello, catch up, then do nothing but receive."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar import WebSocket, websocket

from app.auth.service import authenticate_socket
from app.config import settings
from app.inbox.service import thread_exists
from app.kit.errors import Forbidden, NotSignedIn, OrasyncError, Unavailable
from app.kit.ids import as_uuid
from app.kit.principal import Principal
from app.realtime.frames import json_frame
from app.realtime.hub import Hub
from app.realtime.lifecycle import hub, presence
from app.realtime.rooms import Client, Room
from app.realtime.schemas import Focus, Ping, Typing, decode_frame
from app.realtime.visitors import visitor_socket
from app.realtime.wires import QueueWire, TransportWire, make_wire

log = structlog.get_logger()

SUBPROTOCOL = "orasync.v1"
LARGEST_FRAME = 16 * 1024
FRAMES_A_SECOND, FRAME_BURST = 20, 40
SOCKETS_A_PERSON, SOCKETS_A_CLINIC, SOCKETS_A_PROCESS = 10, 200, 5_000

NOT_SIGNED_IN, NOT_ALLOWED, BAD_FRAME, TOO_MANY, RESTARTING, TOO_SLOW = 4401, 4403, 4400, 4429, 1012, 1013
PONG = json_frame({"t": "pong"})


@websocket("/ws")
async def desk_socket(socket: WebSocket[Any, Any, Any]) -> None:
    """One browser tab, or one program, of a clinic."""
    refusal, principal = None, None
    try:
        principal = await authenticate_socket(socket)
        principal.require("inbox.read")
    except NotSignedIn:
        refusal = (NOT_SIGNED_IN, "not signed in")
    except Forbidden:
        refusal = (NOT_ALLOWED, "not allowed")
    except Unavailable:
        refusal = (RESTARTING, "try again")
    offered = socket.scope.get("subprotocols") or []
    # Accepted first, so that page script can read why it is closed.
    await socket.accept(subprotocols=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    if principal is None or refusal is not None:
        code, reason = refusal or (NOT_SIGNED_IN, "not signed in")
        await socket.close(code=code, reason=reason)
        return
    place = _parse_place(socket, principal)
    if place is None:
        await socket.close(code=BAD_FRAME, reason="after, epoch or clinic cannot be read")
        return
    the_hub = hub()
    if settings().rate_limits and _crowded(the_hub, principal):
        await socket.close(code=TOO_MANY, reason="too many open tabs")
        return
    try:
        room = await the_hub.room(principal.clinic_id)
    except OrasyncError:
        await socket.close(code=RESTARTING, reason="try again")
        return
    await _serve(socket, principal, the_hub, room, place)


class _Place(msgspec.Struct, frozen=True):
    after: int | None
    epoch: UUID | None
    html: bool


def _parse_place(socket: WebSocket[Any, Any, Any], principal: Principal) -> _Place | None:
    query = socket.query_params
    try:
        after = int(query["after"]) if query.get("after") else None
    except ValueError:
        return None
    if after is not None and not -(2**63) <= after < 2**63:
        return None
    epoch = as_uuid(query["epoch"]) if query.get("epoch") else None
    if query.get("epoch") and epoch is None:
        return None
    clinic = query.get("clinic")
    if clinic and as_uuid(clinic) is not None and as_uuid(clinic) != principal.clinic_id:
        return None
    return _Place(after, epoch, query.get("html") == "1")


def _crowded(the_hub: Hub, principal: Principal) -> bool:
    room = the_hub.rooms.get(principal.clinic_id)
    if room is None:
        return sum(len(one.clients) for one in the_hub.rooms.values()) >= SOCKETS_A_PROCESS
    own = sum(1 for client in room.clients if client.principal.id == principal.id)
    return (
        own >= SOCKETS_A_PERSON
        or len(room.clients) >= SOCKETS_A_CLINIC
        or sum(len(one.clients) for one in the_hub.rooms.values()) >= SOCKETS_A_PROCESS
    )


async def _serve(
    socket: WebSocket[Any, Any, Any], principal: Principal, the_hub: Hub, room: Room, place: _Place
) -> None:
    wire = make_wire(socket)
    client = Client(principal, wire, html=place.html)
    if isinstance(wire, TransportWire):
        wire.protocol.hand_over(client)
    # The room may have closed while we awaited; admit() must not be parted from this look-up by an await.
    current = the_hub.rooms.get(principal.clinic_id)
    if current is not room:
        the_hub.rooms[principal.clinic_id] = current = current or room
    current.admit(client)
    try:
        the_hub.spawn(_catch_up(client, current, place))
        await _receive(socket, client, current)
    finally:
        client.left()
        if isinstance(wire, QueueWire):
            wire.stop()


async def _catch_up(client: Client, room: Room, place: _Place) -> None:
    """Say hello and replay, in a task of its own: the handler must go on receiving, else pongs and closes go unread."""
    try:
        await room.fill()
        oldest = room.oldest
        after, resumed = place.after, False
        if after is not None:
            resumed = place.epoch in {None, room.epoch} and oldest - 1 <= after <= room.head
        if not resumed:
            after = room.head
        assert after is not None  # noqa: S101 - set just above when it was None
        hello = {
            "t": "hello",
            "clinic": str(room.clinic_id),
            "epoch": str(room.epoch),
            "seq": room.head,
            "resumed": resumed,
        }
        if not client.wire.can_write():
            return
        client.wire.write(json_frame(hello))
        await room.attach(client, after)
        if client.joined:
            presence().greet(client, room)
    except TimeoutError:
        client.wire.drop(TOO_SLOW, "too slow")
    except OrasyncError:
        client.wire.drop(RESTARTING, "try again")
    except Exception:
        client.wire.drop(RESTARTING, "try again")
        raise


async def _receive(socket: WebSocket[Any, Any, Any], client: Client, room: Room) -> None:
    allowed, at = float(FRAME_BURST), time.monotonic()
    while True:
        message: Any = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        now = time.monotonic()
        allowed, at = min(FRAME_BURST, allowed + (now - at) * FRAMES_A_SECOND), now
        allowed -= 1
        if allowed < 0 and settings().rate_limits:
            client.wire.drop(TOO_MANY, "too many frames")
            return
        text = message.get("text")
        if text is None:
            _refuse(client, "bad_frame", "Send JSON text, not bytes.")
            continue
        if len(text.encode()) > LARGEST_FRAME:
            client.wire.drop(1009, "frame too large")
            return
        try:
            frame = decode_frame(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            _refuse(client, "bad_frame", str(error)[:200])
            continue
        await _act(client, room, frame)


async def _act(client: Client, room: Room, frame: Focus | Typing | Ping) -> None:
    if isinstance(frame, Ping):
        if client.wire.can_write():
            client.wire.write(PONG)
        return
    thread_id = frame.thread
    try:
        if thread_id is not None and not await thread_exists(client.principal.clinic_id, thread_id):
            _refuse(client, "not_found", "This conversation is not in your inbox.")
            return
    except Unavailable:
        return  # presence is a kindness; it can wait for the database
    if isinstance(frame, Focus):
        if client.focus != thread_id:
            client.focus = thread_id
            presence().changed(room)
    elif client.principal.may("inbox.write"):
        presence().typing(client, frame.thread, on=frame.on)
    else:
        _refuse(client, "forbidden", "Your role does not allow this.")


def _refuse(client: Client, code: str, detail: str) -> None:
    if client.wire.can_write():
        client.wire.write(json_frame({"t": "error", "code": code, "detail": detail}))


ROUTES = [desk_socket, visitor_socket]
