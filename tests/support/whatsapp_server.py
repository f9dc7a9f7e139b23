"""A local Meta and a local Gallabox, with moods: what they accept they remember before they answer anything.

Requests that the provider's own OpenAPI document does not allow are refused with 400 and noted in ``problems``.

Moods (the next call takes one off the queue): ok, NNNN (Meta's error code, its answer as published where there is one),
503-page, 429 (Gallabox's, with the second it goes on), 401, hang (accepts, never answers), reset (accepts, resets).
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from tests.support.openapi_check import Document
from tests.support.stand_in import HttpStandIn, Request, reset, write, write_json

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


class WhatsAppServer(HttpStandIn):
    """Runs in a thread of its own until it is stopped."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.accepted: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.media_url = ""
        self.files: dict[str, bytes] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self._meta, self._gallabox = Document("meta_whatsapp_v23"), Document("gallabox")
        super().__init__()

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        method, target, headers, body = request
        self.seen.append((method, target, headers))
        if method == "GET" and target in self.files and self._may(True, headers):
            return await write(writer, 200, self.files[target], {"Content-Type": "image/jpeg"})
        is_meta = not target.startswith("/devapi/")
        problems = (self._meta if is_meta else self._gallabox).request_problems(
            method, target, headers.get("content-type", ""), body
        )
        if is_meta and not headers.get("user-agent", "").startswith("orasync/"):
            problems.append("no User-Agent of ours")
        if problems:
            self.problems += problems
            return await write_json(writer, 400, {"error": {"message": problems[0], "type": "Bad", "code": 100}})
        if not self._may(is_meta, headers):
            refusal = _ERRORS["190"]["json"] if is_meta else {"status": "UNAUTHORIZED", "message": "no"}
            return await write_json(writer, 401, refusal)
        if method == "GET":
            return await write_json(writer, 200, {"messaging_product": "whatsapp", "url": self.media_url, "id": "1"})
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
            return await write(writer, 503, b"<html>unavailable</html>", {"Content-Type": "text/html"})
        if mood == "429" and not is_meta:
            return await write_json(writer, 429, _LIMITED["json"], _LIMITED["headers"])
        if mood.isdigit():
            known = _ERRORS.get(mood) or {
                "status": 400,
                "json": {"error": {"message": f"(#{mood})", "type": "OAuthException", "code": int(mood)}},
            }
            return await write_json(writer, known["status"], known["json"])
        found = f"wamid.{os.urandom(12).hex()}" if is_meta else os.urandom(12).hex()
        self.accepted.append({"id": found, **told})
        if mood == "hang":
            await asyncio.sleep(HANG_SECONDS)
            return False
        if mood == "reset":
            reset(writer)
            return False
        if is_meta:
            to = told["to"]
            people = [{"input": to, "wa_id": to}]
            answer = {"messaging_product": "whatsapp", "contacts": people, "messages": [{"id": found}]}
            return await write_json(writer, 200, answer)
        return await write_json(writer, 202, {"id": found, "status": "ACCEPTED"})
