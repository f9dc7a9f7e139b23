"""How frames reach a client: straight to uvicorn's transport, or through a bounded queue elsewhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from app.realtime.protocol import HIGH_WATER, HubProtocol

if TYPE_CHECKING:
    from litestar import WebSocket


def make_wire(socket: WebSocket[Any, Any, Any]) -> TransportWire | QueueWire:
    """Return the fastest way to this client."""
    extensions: Any = socket.scope["extensions"] or {}
    protocol = extensions.get("orasync.protocol")
    is_direct = isinstance(protocol, HubProtocol) and not protocol.conn.extensions
    return TransportWire(protocol) if is_direct else QueueWire(socket)


class TransportWire:
    """The fast way: frames go straight to uvicorn's transport."""

    __slots__ = ("can_write", "drop", "protocol", "write")

    def __init__(self, protocol: HubProtocol) -> None:
        self.protocol = protocol
        self.write = protocol.transport.write
        self.can_write = protocol.can_write
        self.drop = protocol.drop

    async def drained(self) -> None:
        """Wait until the buffer is below its mark."""
        await self.protocol.writable.wait()


class QueueWire:
    """The slow way, for servers that do not hand over a transport: whole frames through a bounded queue."""

    def __init__(self, socket: WebSocket[Any, Any, Any]) -> None:
        self._socket = socket
        self._frames: list[bytes] = []
        self._size = 0
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._open = True
        self._task = asyncio.create_task(self._send())

    def write(self, data: bytes) -> None:
        """Queue frames; above the high-water mark the client is dropped."""
        if not self._open:
            return
        self._frames.append(data)
        self._size += len(data)
        self._empty.clear()
        self._wake.set()
        if self._size > HIGH_WATER:
            self.drop(1013, "too slow")

    def can_write(self) -> bool:
        """Say whether the socket is open."""
        return self._open

    def drop(self, code: int, reason: str) -> None:
        """Close, without waiting for the peer."""
        if self._open:
            self._open = False
            self._task.cancel()
            self._task = asyncio.create_task(self._close(code, reason))

    async def drained(self) -> None:
        """Wait until everything is handed to the server."""
        await self._empty.wait()

    def stop(self) -> None:
        """End the sender when the socket is gone."""
        self._open = False
        self._task.cancel()

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            frames, self._frames, self._size = self._frames, [], 0
            for data in frames:
                for text in _texts(data):
                    await self._socket.send_text(text)
            if not self._frames:
                self._empty.set()

    async def _close(self, code: int, reason: str) -> None:
        await asyncio.wait_for(self._socket.close(code=code, reason=reason), 2)


def _texts(data: bytes) -> list[str]:
    """Take whole unmasked text frames apart again."""
    texts, at = [], 0
    while at < len(data):
        size, at = data[at + 1], at + 2
        if size == 126:
            size, at = int.from_bytes(data[at : at + 2]), at + 2
        elif size == 127:
            size, at = int.from_bytes(data[at : at + 8]), at + 8
        texts.append(data[at : at + size].decode())
        at += size
    return texts
