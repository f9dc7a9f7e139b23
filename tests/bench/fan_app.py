"""`orasync web` with one door more, for the fan-out rows: whoever sends "b" there has one 600-byte event pushed.

The product has no frame that asks for a broadcast, so this program wraps its application from outside. What it pushes
enters where a committed event enters (``on_commit`` of the hub) and leaves through the real rooms and sockets; only the
database is left out, as in the floor and the peers. GET /bench/hub tells how many sockets are in and when each left.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.asgi import create_app
from app.cli import run_web
from app.config import settings
from app.events.service import Logged
from app.realtime import lifecycle

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

PAYLOAD = 600
SUM = bytes(32)
_TEXT = "Hi, could I move my cleaning on Tuesday to Friday morning? Anna. " * 10


class FanApp:
    """The product's application, and the two doors of the bench."""

    def __init__(self) -> None:
        self._product = create_app()
        self._clinic = UUID(os.environ["BENCH_CLINIC"])
        self._offered = 0
        self._left: list[int] = []
        self._watching = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand everything to the product but the bench's own paths."""
        path = scope.get("path")
        if path == "/bench/ask":
            await self._ask(receive, send)
        elif path == "/bench/hub":
            await self._tell(send)
        else:
            await self._product(scope, receive, send)

    async def _ask(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        if not self._watching:
            self._watching = True
            lifecycle.hub().when_left(lambda _client, _room: self._left.append(self._offered))
        while (await receive())["type"] != "websocket.disconnect":
            self._push()

    def _push(self) -> None:
        room = lifecycle.hub().rooms.get(self._clinic)
        if room is not None:
            event = Logged(room.head + 1, body(room.head + 1), SUM)
            self._offered += len(event.body) + 26  # the sum
            lifecycle.hub().on_commit(self._clinic, [event])

    async def _tell(self, send: Send) -> None:
        room = lifecycle.hub().rooms.get(self._clinic)
        answer: dict[str, Any] = {
            "sockets": len(room.clients) if room else 0,
            "offered": self._offered,
            "left_at": self._left,
        }
        data = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(data))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data, "more_body": False})


def body(seq: int) -> str:
    """An event's stored body whose frame is 600 bytes: with the time on this machine's monotonic clock."""
    head = (
        f'{{"t":"event","seq":{seq},"type":"message.created","ts":{time.monotonic_ns()},"at":"2026-01-01T00:00:00+00:00",'
        '"actor":{"type":"patient","id":null,"name":"Anna"},"data":{"body":"'
    )
    return head + _TEXT[: PAYLOAD - 26 - len(head) - 2] + '"}'


def main() -> None:
    """Serve exactly as `orasync web` does."""
    import socket  # noqa: PLC0415 - beside what uses it

    import app.asgi  # noqa: PLC0415

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    app.asgi.create_app = lambda *_a, _make=FanApp: _make()  # type: ignore[assignment,return-value,misc]
    with socket.create_server(("127.0.0.1", port), backlog=2048) as listener:
        run_web(settings(), listener, None)


if __name__ == "__main__":
    main()
