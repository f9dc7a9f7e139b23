"""A local Meta and a local Gallabox, with moods: what they accept they remember before they answer anything.

Requests that the provider's own OpenAPI document does not allow are refused with 400 and noted in ``problems``.

Moods (the next call takes one off the queue): ok, NNNN (Meta's error code, its answer as published where there is one),
503-page, 429 (Gallabox's, with the second it goes on), 401, hang (accepts, never answers), reset (accepts, resets).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import threading
from pathlib import Path
from typing import Any

from tests.support.openapi_check import Document

TOKEN, API_KEY, API_SECRET = "test-access-token-0123456789", "gallabox-key-0123", "gallabox-secret-0123456789"
_FIXTURES = Path(__file__).parents[1] / "channels" / "fixtures"
_ERRORS = {
    str(case["response"]["json"]["error"]["code"]): case["response"]
    for case in json.loads((_FIXTURES / "meta" / "outbound.json").read_text())
    if case["name"].startswith("send-error-")
}
_LIMITED = next(
    case["response"]
    for case in json.loads((_FIXTURES / "gallabox" / "outbound.json").read_text())
    if case["name"] == "rate-limited"
)
HANG_SECONDS = 30.0


class WhatsAppServer:
    """Runs in a thread of its own until it is stopped."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.accepted: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.media_url = ""
        self.files: dict[str, bytes] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self._meta, self._gallabox = Document("meta_whatsapp_v23"), Document("gallabox")
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
        self.seen.append((method, target, headers))
        if method == "GET" and target in self.files and self._may(True, headers):
            return await _raw(writer, 200, self.files[target], "image/jpeg")
        is_meta = not target.startswith("/devapi/")
        problems = (self._meta if is_meta else self._gallabox).request_problems(
            method, target, headers.get("content-type", ""), body
        )
        if is_meta and not headers.get("user-agent", "").startswith("orasync/"):
            problems.append("no User-Agent of ours")
        if problems:
            self.problems += problems
            return await _answer(writer, 400, {"error": {"message": problems[0], "type": "Bad", "code": 100}})
        if not self._may(is_meta, headers):
            refusal = _ERRORS["190"]["json"] if is_meta else {"status": "UNAUTHORIZED", "message": "no"}
            return await _answer(writer, 401, refusal)
        if method == "GET":
            return await _answer(writer, 200, {"messaging_product": "whatsapp", "url": self.media_url, "id": "1"})
        return await self._send(writer, is_meta, json.loads(body))

    def _may(self, is_meta: bool, headers: dict[str, str]) -> bool:
        if is_meta:
            return headers.get("authorization") == f"Bearer {TOKEN}"
        return (headers.get("apikey"), headers.get("apisecret")) == (API_KEY, API_SECRET)

    async def _send(  # noqa: PLR0911 - one return a mood
        self, writer: asyncio.StreamWriter, is_meta: bool, told: dict[str, Any]
    ) -> bool:
        mood = self.moods.pop(0) if self.moods else "ok"
        if mood == "503-page":
            return await _raw(writer, 503, b"<html>unavailable</html>", "text/html")
        if mood == "429" and not is_meta:
            return await _answer(writer, 429, _LIMITED["json"], _LIMITED["headers"])
        if mood.isdigit():
            known = _ERRORS.get(mood) or {
                "status": 400,
                "json": {"error": {"message": f"(#{mood})", "type": "OAuthException", "code": int(mood)}},
            }
            return await _answer(writer, known["status"], known["json"])
        found = f"wamid.{os.urandom(12).hex()}" if is_meta else os.urandom(12).hex()
        self.accepted.append({"id": found, **told})
        if mood == "hang":
            await asyncio.sleep(HANG_SECONDS)
            return False
        if mood == "reset":
            # Linger of zero seconds: the peer sees a reset, not an end.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if is_meta:
            to = told["to"]
            people = [{"input": to, "wa_id": to}]
            answer = {"messaging_product": "whatsapp", "contacts": people, "messages": [{"id": found}]}
            return await _answer(writer, 200, answer)
        return await _answer(writer, 202, {"id": found, "status": "ACCEPTED"})


async def _answer(
    writer: asyncio.StreamWriter, status: int, document: Any, headers: dict[str, str] | None = None
) -> bool:
    return await _raw(writer, status, json.dumps(document).encode(), "application/json", headers)


async def _raw(
    writer: asyncio.StreamWriter, status: int, body: bytes, media_type: str, headers: dict[str, str] | None = None
) -> bool:
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items() if name != "Content-Type")
    head = f"HTTP/1.1 {status} Status\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    return True
