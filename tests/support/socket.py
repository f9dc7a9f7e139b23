"""A client of the socket that believes nothing: order, gaps and the chain are checked with every event."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from typing import Any, Self
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SUBPROTOCOL = "orasync.v1"


class Socket:
    """One connection to ``/ws``. Events must come with the next number; their sums must chain once one is known."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.hello: dict[str, Any] = {}
        self.seq = 0
        self.events: list[dict[str, Any]] = []
        self.live: list[dict[str, Any]] = []
        self.others: list[dict[str, Any]] = []
        self.frames: list[str] = []

    @classmethod
    async def open(
        cls,
        url: str,
        headers: dict[str, str],
        *,
        after: int | None = None,
        epoch: str | None = None,
        html: bool = False,
        clinic: str | None = None,
        wait: bool = True,
    ) -> Self:
        """Connect and wait for the hello, unless ``wait`` is false."""
        place = {"after": after, "epoch": epoch, "html": 1 if html else None, "clinic": clinic}
        query = urlencode({name: value for name, value in place.items() if value is not None})
        wanted = {
            name: value
            for name, value in headers.items()
            if name in {"cookie", "authorization", "origin", "x-api-key", "x-client-code"}
        }
        connection = await connect(
            f"{url.replace('http', 'ws', 1)}/ws?{query}",
            additional_headers=wanted,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            proxy=None,
            max_size=None,
            ping_interval=None,
            compression=None,
        )
        made = cls(connection)
        if wait:
            made.hello = json.loads(await asyncio.wait_for(connection.recv(), 10))
            assert made.hello["t"] == "hello", made.hello
            made.seq = after if made.hello["resumed"] and after is not None else made.hello["seq"]
        return made

    async def next_event(self, kind: str | None = None, *, timeout: float = 10) -> dict[str, Any]:  # noqa: ASYNC109
        """The next event, or the next of a type; what comes before it is checked and kept in ``events``."""
        async with asyncio.timeout(timeout):
            while True:
                frame = await self._receive()
                if frame["t"] == "event" and kind in {None, frame["type"]}:
                    return frame

    async def next_live(self, kind: str, *, timeout: float = 10) -> dict[str, Any]:  # noqa: ASYNC109
        """The next live frame of a type."""
        async with asyncio.timeout(timeout):
            while True:
                frame = await self._receive()
                if frame["t"] == "live" and frame["type"] == kind:
                    return frame

    async def next_answer(self, *, timeout: float = 10) -> dict[str, Any]:  # noqa: ASYNC109
        """The next pong or error."""
        async with asyncio.timeout(timeout):
            while True:
                frame = await self._receive()
                if frame["t"] in {"pong", "error"}:
                    return frame

    async def until(self, seq: int, *, timeout: float = 15) -> None:  # noqa: ASYNC109
        """Receive until the event of that number has come."""
        while self.seq < seq:
            await self.next_event(timeout=timeout)

    async def _receive(self) -> dict[str, Any]:
        text = await self._connection.recv(decode=True)
        assert isinstance(text, str)
        frame: dict[str, Any] = json.loads(text)
        self.frames.append(text)
        if frame["t"] == "event":
            assert frame["seq"] == self.seq + 1, f"{frame['seq']} came after {self.seq}"
            self.seq = frame["seq"]
            self.events.append(frame)
        elif frame["t"] == "live":
            self.live.append(frame)
        else:
            self.others.append(frame)
        return frame

    async def send(self, frame: Any) -> None:
        """Send a frame; text and bytes go as they are."""
        await self._connection.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def closed(self, *, timeout: float = 10) -> int | None:  # noqa: ASYNC109
        """Receive until the other side closes; returns its code."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    await self._receive()
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else None

    async def close(self) -> None:
        """Leave."""
        await self._connection.close()


def chain_sums(start: bytes, bodies: list[bytes]) -> list[str]:
    """The first 8 bytes of ``chain(n)`` for each stored body, in hex, beginning from the chain before the first."""
    sums, chain = [], start
    for body in bodies:
        chain = sha256(chain + sha256(body).digest()).digest()
        sums.append(chain[:8].hex())
    return sums
