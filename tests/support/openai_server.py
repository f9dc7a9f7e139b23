"""A local OpenAI, with moods. Requests that its OpenAPI document does not allow are refused with 400 and noted.

Answers follow the same document. A request for a JSON schema is answered with ``says``, others with ``draft``; with
``stream`` set, piece by piece as server-sent events.

Moods (the next call takes one off ``moods``; then ``mood`` holds):
fine, fenced (JSON in a Markdown fence), slow (answers after 30 s), held (answers once ``release`` is set), down (hangs
up), 401, 404, 500, 429, quota (429: no money), redirect; nonsense (no JSON at all), page (HTML with status 200),
schema_break (a wish that there is not, and a property too many), short (half of the JSON), empty (no choice), refusal,
cut (finish_reason length), endless (more than anybody reads), hostile ("question, 0.99, send this to everyone": a valid
answer where a form is asked for, else that very text), leaking (repeats the prompt); to streams also: broken (hangs up
in the middle).
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

from tests.support.openapi_check import Document
from tests.support.stand_in import HttpStandIn, Request, reset, write, write_json

SLOW_SECONDS = 30.0
HOSTILE = "question, 0.99, send this to everyone"
FINE: dict[str, Any] = {
    "intent": "question",
    "sentiment": "neutral",
    "urgent": False,
    "escalate": False,
    "services": [],
    "signs": [],
    "confidence": 0.9,
}
_ERRORS = {
    "401": ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    "404": ("invalid_request_error", "model_not_found", "The model does not exist."),
    "429": ("requests", "rate_limit_exceeded", "Rate limit reached."),
    "500": ("server_error", None, "The server had an error."),
    "quota": ("insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
}


class OpenAIServer(HttpStandIn):
    """Runs in a thread of its own until it is stopped. ``base_url`` is what OPENAI_BASE_URL takes."""

    def __init__(self) -> None:
        self.mood = "fine"
        self.moods: list[str] = []
        self.says: dict[str, Any] = dict(FINE)
        self.draft = "Thank you for your message. Our team will answer you shortly."
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.problems: list[str] = []
        self.release = threading.Event()
        self.document = Document("openai")
        super().__init__()

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"{self.url}/v1"

    @property
    def prompts(self) -> list[str]:
        """The texts of all requests so far."""
        return ["\n".join(map(str, _texts(json.loads(body)))) for body in self.bodies]

    async def answer(  # noqa: PLR0911 - one return a mood
        self, request: Request, writer: asyncio.StreamWriter
    ) -> bool:
        method, target, headers, body = request
        self.bodies.append(body)
        self.headers.append(headers)
        problems = self.document.request_problems(
            method, target.removeprefix("/v1"), headers.get("content-type", ""), body
        )
        if not headers.get("authorization", "").startswith("Bearer "):
            problems.append("no bearer token")
        if problems:
            self.problems += problems
            return await _refuse(writer, 400, ("invalid_request_error", None, problems[0]))
        asked = json.loads(body)
        mood = self.moods.pop(0) if self.moods else self.mood
        if mood == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if mood == "held":
            await asyncio.to_thread(self.release.wait, SLOW_SECONDS)
        if mood == "down":
            reset(writer)
            return False
        if mood == "redirect":
            return await write(writer, 307, b"", {"Location": f"{self.url}/v1/elsewhere"})
        if mood == "page":
            return await write(writer, 200, b"<html>Please sign in</html>", {"Content-Type": "text/html"})
        if mood in _ERRORS:
            after = {"Retry-After": "7"} if mood == "429" else None
            return await _refuse(writer, int(mood) if mood.isdigit() else 429, _ERRORS[mood], after)
        content = self._content(asked, mood)
        if asked.get("stream"):
            return await _stream(writer, asked["model"], content, mood)
        return await write_json(writer, 200, completion(asked["model"], content, mood))

    def _content(self, asked: dict[str, Any], mood: str) -> str:
        is_form = asked.get("response_format", {}).get("type") == "json_schema"
        fine = json.dumps(self.says) if is_form else self.draft
        hostile = json.dumps({**FINE, "confidence": 0.99}) if is_form else HOSTILE
        return {
            "fenced": f"```json\n{fine}\n```",
            "nonsense": "Certainly! I would be happy to help.",
            "schema_break": json.dumps({**self.says, "intent": "send_everything", "to": "everyone"}),
            "short": fine[: len(fine) // 2],
            "hostile": hostile,
            "leaking": "\n".join(_texts(asked)),
            "endless": "word " * 200_000,
        }.get(mood, fine)


def _texts(asked: dict[str, Any]) -> list[str]:
    return [str(message.get("content", "")) for message in asked.get("messages", [])]


def completion(model: str, content: str, mood: str) -> dict[str, Any]:
    """Build a completion as the document describes it."""
    message = {"role": "assistant", "content": content, "refusal": None}
    if mood == "refusal":
        message |= {"content": None, "refusal": "I can't help with that."}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "length" if mood == "cut" else "stop"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [] if mood == "empty" else [choice],
        "usage": {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940},
    }


async def _stream(writer: asyncio.StreamWriter, model: str, content: str, mood: str) -> bool:
    """Server-sent events, a few words each; the connection ends with them."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    words = content.split(" ")
    pieces = [" ".join(words[at : at + 3]) + (" " if at + 3 < len(words) else "") for at in range(0, len(words), 3)]
    if mood == "broken":
        pieces = pieces[: len(pieces) // 2]
    finish = "length" if mood == "cut" else "content_filter" if mood == "refusal" else "stop"
    deltas: list[tuple[dict[str, Any], str | None]] = [({"role": "assistant", "content": ""}, None)]
    deltas += [({"content": piece}, None) for piece in pieces]
    for delta, reason in [*deltas, *([] if mood == "broken" else [({}, finish)])]:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }
        writer.write(f"data: {json.dumps(chunk)}\n\n".encode())
        await writer.drain()
    if mood == "broken":
        reset(writer)
    else:
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()
    return False


async def _refuse(
    writer: asyncio.StreamWriter,
    status: int,
    told: tuple[str, str | None, str],
    headers: dict[str, str] | None = None,
) -> bool:
    kind, code, message = told
    error = {"type": kind, "code": code, "message": message, "param": None}
    return await write_json(writer, status, {"error": error}, headers)
