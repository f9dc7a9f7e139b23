"""The uvicorn protocol that hands its transport to the hub once Litestar has let the socket in.

Litestar decides, the hub writes: after :meth:`HubProtocol.hand_over` event frames go straight to the transport. Ping,
pong and close stay uvicorn's. Every rule below was seen or read in uvicorn 0.54 (joint.md section 1).
"""

from __future__ import annotations

import socket
from typing import Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HIGH_WATER = 256 * 1024
"""Unsent bytes at which a socket counts as too slow (contract section 8.10)."""
LOW_WATER = 64 * 1024
SEND_BUFFER = 128 * 1024
"""Kernel buffer. Without it a deaf socket swallows 3.25 MB before the high-water mark sees anything."""
ABORT_SECONDS = 2.0


class Leaving(Protocol):
    """Who writes to a connection: a client of a room, or a visitor's page."""

    joined: bool

    def left(self) -> None:
        """Write nothing any more."""


class HubProtocol(WebSocketsSansIOProtocol):
    """One websocket connection whose event frames are written by the hub."""

    live: Leaving | None = None

    async def run_asgi(self) -> None:
        """Let the handler find this object."""
        cast("dict[str, object]", self.scope["extensions"])["orasync.protocol"] = self
        await super().run_asgi()

    def hand_over(self, client: Leaving) -> None:
        """From here on ``client`` may write frames to the transport. Refused with compression: frames would differ."""
        if self.conn.extensions:
            raise RuntimeError("this socket negotiated compression")
        self.live = client
        self.transport.set_write_buffer_limits(high=HIGH_WATER, low=LOW_WATER)
        peer = self.transport.get_extra_info("socket")
        if peer is not None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def can_write(self) -> bool:
        """Say whether a data frame may still be written. Ask after every await."""
        return not (self.close_sent or self.disconnected or self.transport.is_closing())

    def pause_writing(self) -> None:
        """Drop a client whose buffer is full: the transport tells us, so no write needs a check."""
        super().pause_writing()
        if self.live is not None and self.live.joined:
            self.loop.call_soon(self.drop, 1013, "too slow")  # never inside the hub's write loop

    def drop(self, code: int, reason: str) -> None:
        """Close without ever waiting for the peer: leave the room, send the close frame, abort 2 s later."""
        if not self.can_write():
            return
        if self.live is not None:
            self.live.left()
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:  # uvicorn stops reading after each message until the handler asks for the next
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(ABORT_SECONDS, self.transport.abort)

    def shutdown(self) -> None:
        """Close with 1012 at the end of the process; a deaf peer cannot keep it alive."""
        if self.live is not None:
            self.live.left()
        super().shutdown()
        self.loop.call_later(1, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Give up a mute peer."""
        if self.live is not None:
            self.live.left()
        super().keepalive_timeout()
        self.loop.call_later(1, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the room before anything else: nothing may be written to a lost transport."""
        if self.live is not None:
            self.live.left()
        super().connection_lost(exc)
