"""A local SendGrid and a local Postmark, with moods: what they accept they remember before they answer anything.

Requests to SendGrid that its own OpenAPI document does not allow are refused with 400 and noted in ``problems``; of
Postmark, which publishes none, what its page says of the fields is checked.

Moods (the next call takes one off the queue): ok, 400, 401, 403, 413, 429, 500, 503, hang (accepts, never answers),
reset (accepts, then resets the connection), anonymous (accepts, tells no id), and Postmark's NNN with a 422.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any

from tests.support.openapi_check import Document

KEY, TOKEN = "SG.test-key-0123456789", "postmark-token-0123456789"
_FIXTURES = Path(__file__).parents[1] / "channels" / "fixtures" / "sendgrid" / "outbound.json"
_PUBLISHED = {case["name"]: case["response"] for case in json.loads(_FIXTURES.read_text())}
_POSTMARK = {
    *("From", "To", "Cc", "Bcc", "Subject", "Tag", "HtmlBody", "TextBody", "ReplyTo", "Headers", "TrackOpens"),
    *("TrackLinks", "Attachments", "Metadata", "MessageStream"),
}
HANG_SECONDS = 30.0


class MailApiServer:
    """Runs in a thread of its own until it is stopped."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.accepted: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self._sendgrid = Document("sendgrid_v3")
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        is_sendgrid = target != "/email"
        if is_sendgrid:
            problems = self._sendgrid.request_problems(method, target, headers.get("content-type", ""), body)
        else:
            problems = _postmark_problems(json.loads(body))
        if problems:
            self.problems += problems
            return await _answer(writer, 400, {"errors": [{"message": problems[0]}]})
        if (headers.get("authorization"), headers.get("x-postmark-server-token")) not in {
            (f"Bearer {KEY}", None),
            (None, TOKEN),
        }:
            return await _answer(writer, 401, {"ErrorCode": 10, "Message": "Bad or missing Server API token."})
        return await self._send(writer, is_sendgrid, json.loads(body))

    async def _send(self, writer: asyncio.StreamWriter, is_sendgrid: bool, told: dict[str, Any]) -> bool:
        mood = self.moods.pop(0) if self.moods else "ok"
        if mood.isdigit():
            return await self._refuse(writer, is_sendgrid, mood)
        self.accepted.append(told)
        if mood == "hang":
            await asyncio.sleep(HANG_SECONDS)
            return False
        if mood == "reset":
            # Linger of zero seconds: the peer sees a reset, not an end.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        found = "" if mood == "anonymous" else os.urandom(11).hex()
        if is_sendgrid:
            return await _raw(writer, 202, b"", {"X-Message-Id": found} if found else {})
        return await _answer(
            writer, 200, {"To": told["To"], "MessageID": found, "ErrorCode": 0, "Message": "OK", "SubmittedAt": "now"}
        )

    async def _refuse(self, writer: asyncio.StreamWriter, is_sendgrid: bool, mood: str) -> bool:
        if mood in {"500", "503"}:
            return await _raw(writer, int(mood), b"<html>unavailable</html>", {"Content-Type": "text/html"})
        if is_sendgrid and mood == "429":
            published = _PUBLISHED["send-429"]
            reset = str(int(time.time()) + 30)
            return await _answer(writer, 429, published["json"], {**published["headers"], "X-RateLimit-Reset": reset})
        if is_sendgrid:
            return await _answer(writer, int(mood), _PUBLISHED["send-400"]["json"])
        status = int(mood) if mood in {"401", "403", "413", "429"} else 422
        return await _answer(writer, status, {"ErrorCode": int(mood), "Message": "Refused."})


def _postmark_problems(told: dict[str, Any]) -> list[str]:
    problems = [f"unknown field {name}" for name in told.keys() - _POSTMARK]
    problems += [f"{name} is missing" for name in ("From", "To", "Subject") if not told.get(name)]
    marks = told.get("Metadata", {})
    problems += [f"mark {name} is too long" for name, value in marks.items() if len(name) > 20 or len(value) > 80]
    headers = told.get("Headers", [])
    problems += [f"header {one}" for one in headers if one.keys() != {"Name", "Value"} or "\n" in one["Value"]]
    return problems


async def _answer(
    writer: asyncio.StreamWriter, status: int, document: Any, headers: dict[str, str] | None = None
) -> bool:
    return await _raw(
        writer, status, json.dumps(document).encode(), {**(headers or {}), "Content-Type": "application/json"}
    )


async def _raw(writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str]) -> bool:
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status} Status\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body)
    await writer.drain()
    return True
