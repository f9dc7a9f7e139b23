"""Local providers: each runs in a thread with an event loop of its own, so that it answers whatever the test awaits."""

from __future__ import annotations

import abc
import asyncio
import contextlib
import json
import socket
import struct
import threading
from typing import Any, NamedTuple


class StandIn(abc.ABC):
    """A server on a free port of this machine, until it is stopped. A subclass sets its own state first, then this."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    @abc.abstractmethod
    async def listen(self) -> asyncio.Server:
        """Begin to listen."""

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(self.listen())
        self.port: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        self.loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def stop(self) -> None:
        """Hang up."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


class StreamStandIn(StandIn):
    """Speaks over plain connections."""

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self.serve, "127.0.0.1", 0)

    @abc.abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""


class Request(NamedTuple):
    """One HTTP request; names of headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class HttpStandIn(StreamStandIn):
    """Speaks HTTP with kept connections; ``answer`` says whether the connection goes on."""

    @property
    def url(self) -> str:
        """The provider's base address."""
        return f"http://127.0.0.1:{self.port}"

    @abc.abstractmethod
    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self.answer(await _read(reader), writer):
                pass
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def write(writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str]) -> bool:
    """Send an answer; the connection goes on."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status} Status\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body)
    await writer.drain()
    return True


async def write_json(
    writer: asyncio.StreamWriter, status: int, document: Any, headers: dict[str, str] | None = None
) -> bool:
    """Send a JSON answer."""
    return await write(
        writer, status, json.dumps(document).encode(), {**(headers or {}), "Content-Type": "application/json"}
    )


def reset(writer: asyncio.StreamWriter) -> None:
    """Reset the connection: linger of zero seconds, so that the peer sees a reset and not an end."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
