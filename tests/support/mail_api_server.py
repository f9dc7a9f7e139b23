"""A local SendGrid and a local Postmark, with moods: what they accept they remember before they answer anything.

Requests to SendGrid that its own OpenAPI document does not allow are refused with 400 and noted in ``problems``; of
Postmark, which publishes none, what its page says of the fields is checked.

Moods (the next call takes one off the queue): ok, 400, 401, 403, 413, 429, 500, 503, hang (accepts, never answers),
reset (accepts, then resets the connection), anonymous (accepts, tells no id), and Postmark's NNN with a 422.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

from tests.support.openapi_check import Document
from tests.support.stand_in import HttpStandIn, Request, reset, write, write_json

KEY, TOKEN = "SG.test-key-0123456789", "postmark-token-0123456789"
_FIXTURES = Path(__file__).parents[1] / "channels" / "fixtures" / "sendgrid" / "outbound.json"
_PUBLISHED = {case["name"]: case["response"] for case in json.loads(_FIXTURES.read_text())}
_POSTMARK = {
    *("From", "To", "Cc", "Bcc", "Subject", "Tag", "HtmlBody", "TextBody", "ReplyTo", "Headers", "TrackOpens"),
    *("TrackLinks", "Attachments", "Metadata", "MessageStream"),
}
HANG_SECONDS = 30.0


class MailApiServer(HttpStandIn):
    """Runs in a thread of its own until it is stopped."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.accepted: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self._sendgrid = Document("sendgrid_v3")
        super().__init__()

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        method, target, headers, body = request
        is_sendgrid = target != "/email"
        if is_sendgrid:
            problems = self._sendgrid.request_problems(method, target, headers.get("content-type", ""), body)
        else:
            problems = _postmark_problems(json.loads(body))
        if problems:
            self.problems += problems
            return await write_json(writer, 400, {"errors": [{"message": problems[0]}]})
        if (headers.get("authorization"), headers.get("x-postmark-server-token")) not in {
            (f"Bearer {KEY}", None),
            (None, TOKEN),
        }:
            return await write_json(writer, 401, {"ErrorCode": 10, "Message": "Bad or missing Server API token."})
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
            reset(writer)
            return False
        found = "" if mood == "anonymous" else os.urandom(11).hex()
        if is_sendgrid:
            return await write(writer, 202, b"", {"X-Message-Id": found} if found else {})
        return await write_json(
            writer, 200, {"To": told["To"], "MessageID": found, "ErrorCode": 0, "Message": "OK", "SubmittedAt": "now"}
        )

    async def _refuse(self, writer: asyncio.StreamWriter, is_sendgrid: bool, mood: str) -> bool:
        if mood in {"500", "503"}:
            return await write(writer, int(mood), b"<html>unavailable</html>", {"Content-Type": "text/html"})
        if is_sendgrid and mood == "429":
            published = _PUBLISHED["send-429"]
            again = str(int(time.time()) + 30)
            return await write_json(
                writer, 429, published["json"], {**published["headers"], "X-RateLimit-Reset": again}
            )
        if is_sendgrid:
            return await write_json(writer, int(mood), _PUBLISHED["send-400"]["json"])
        status = int(mood) if mood in {"401", "403", "413", "429"} else 422
        return await write_json(writer, status, {"ErrorCode": int(mood), "Message": "Refused."})


def _postmark_problems(told: dict[str, Any]) -> list[str]:
    problems = [f"unknown field {name}" for name in told.keys() - _POSTMARK]
    problems += [f"{name} is missing" for name in ("From", "To", "Subject") if not told.get(name)]
    marks = told.get("Metadata", {})
    problems += [f"mark {name} is too long" for name, value in marks.items() if len(name) > 20 or len(value) > 80]
    headers = told.get("Headers", [])
    problems += [f"header {one}" for one in headers if one.keys() != {"Name", "Value"} or "\n" in one["Value"]]
    return problems
