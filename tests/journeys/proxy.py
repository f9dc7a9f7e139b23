"""A wire between two parts that can be broken: reset, half-open, slow, or a black hole for new connections.

It runs in a thread of its own, because tests start processes (which wait for their database) from their event loop.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Address = tuple[str, int] | Path
"""Where a link leads: host and port, or a unix socket."""

PIECE = 16 * 1024
LINGER_NOT = struct.pack("ii", 1, 0)
"""With it a closed socket says "reset" instead of "the end"."""


@dataclass(frozen=True)
class Weather:
    """How bytes travel: later by so much in each direction, and so many a second."""

    delay: float = 0.0
    rate: float = float("inf")


class Wire:
    """One connection through the link."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near, self.far = near, far
        self.dead = False
        """Half-open: both ends are still connected, and nothing passes any more."""

    def reset(self) -> None:
        """Both ends get a reset."""
        for end in (self.near, self.far):
            taken = end.get_extra_info("socket")
            if taken is not None and taken.family != socket.AF_UNIX:
                with suppress(OSError):
                    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
            end.transport.abort()


class Link:
    """Listens on a port of its own and passes everything on. All methods may be called from any thread."""

    def __init__(self, to: Address) -> None:
        self.to = to
        self.weather = Weather()
        self.refusing = False
        self.opened = 0
        """Connections ever made through it."""
        self.most = 0
        """Most connections at a time."""
        self._wires: set[Wire] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._fillers: list[socket.socket] = []
        self._accepting: asyncio.Task[None] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._open)

    # -- what can be done to it

    @property
    def open(self) -> int:
        """Connections at the moment."""
        return len(self._wires)

    def reset(self) -> None:
        """Reset every connection; new ones pass."""
        self._do(lambda: [wire.reset() for wire in list(self._wires)])

    def half_open(self) -> None:
        """Nothing passes any more on the connections of now, and nobody is told; new ones pass. They stay dead."""

        def kill() -> None:
            for wire in self._wires:
                wire.dead = True

        self._do(kill)

    def slow(self, latency: float = 0.5, rate: float = 50_000) -> None:
        """Add ``latency`` seconds to each round trip, and let so many bytes a second pass in each direction."""
        self.weather = Weather(latency / 2, rate)

    def refuse(self) -> None:
        """Reset every connection, and from now on each new one as soon as it is made."""
        self.refusing = True
        self.reset()

    def black_hole(self) -> None:
        """From now on nobody answers who wants to connect, not even with a refusal; connections of now go on."""
        self._do(self._swallow)

    def mend(self) -> None:
        """Let everything pass again, except on connections that are dead."""
        self.weather, self.refusing = Weather(), False
        self._do(self._open)

    def close(self) -> None:
        """Take the wire away."""
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    # -- in the thread

    def _do(self, work: Callable[[], Any]) -> None:
        done = threading.Event()

        def run() -> None:
            try:
                work()
            finally:
                done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(10), "the link does not answer"

    def _open(self) -> None:
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()
        self._listener.listen(512)
        if self._accepting is None:
            self._accepting = self._loop.create_task(self._accept())

    def _swallow(self) -> None:
        """Fill the queue of a listener that nobody accepts from: the kernel then drops what else wants in."""
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
        self._listener.listen(0)
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.1", self.port))
            self._fillers.append(filler)

    async def _shut(self) -> None:
        tasks = [task for task in (self._accepting, *self._tasks) if task is not None]
        for wire in list(self._wires):
            wire.reset()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for filler in self._fillers:
            filler.close()
        self._listener.close()

    async def _accept(self) -> None:
        while True:
            near, _ = await self._loop.sock_accept(self._listener)
            if self.refusing:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
                near.close()
                continue
            task = self._loop.create_task(self._carry(near))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, near: socket.socket) -> None:
        self.opened += 1
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        from_near, to_near = await asyncio.open_connection(sock=near)
        try:
            if isinstance(self.to, Path):
                from_far, to_far = await asyncio.open_unix_connection(self.to)
            else:
                from_far, to_far = await asyncio.open_connection(*self.to)
        except OSError:
            to_near.transport.abort()
            return
        wire = Wire(to_near, to_far)
        self._wires.add(wire)
        self.most = max(self.most, len(self._wires))
        try:
            await asyncio.gather(self._pass(wire, from_near, to_far), self._pass(wire, from_far, to_near))
        except OSError:
            wire.reset()
        finally:
            self._wires.discard(wire)
            to_near.close()
            to_far.close()

    async def _pass(self, wire: Wire, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Carry one direction; what is under way longer than the next piece takes to come waits in a queue."""
        way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)
        sending = self._loop.create_task(self._deliver(wire, way, target))
        try:
            while piece := await source.read(PIECE):
                if sending.done():
                    break
                await way.put((self._loop.time() + self.weather.delay, piece))
            await way.put((0.0, b""))
            await sending
        finally:
            sending.cancel()

    async def _deliver(self, wire: Wire, way: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter) -> None:
        while True:
            due, piece = await way.get()
            if wire.dead:
                await asyncio.Event().wait()
            if due > self._loop.time():
                await asyncio.sleep(due - self._loop.time())
            if not piece:
                if not target.is_closing() and target.can_write_eof():
                    target.write_eof()
                return
            if self.weather.rate < float("inf"):
                await asyncio.sleep(len(piece) / self.weather.rate)
            if wire.dead:
                await asyncio.Event().wait()
            target.write(piece)
            await target.drain()
