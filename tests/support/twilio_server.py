"""A local Twilio: its Messages resource and its callbacks, in a process of its own, with moods.

    python -m tests.support.twilio_server --port 4010 --journal /tmp/journal.jsonl --mood ok

Every accepted message is on the disk (fsync) before anything is answered: the journal is the judge of "never sent
twice" and "never lost" (R6, R7). Requests that Twilio's own OpenAPI document does not allow are refused with 400.

Moods, set at the start or by ``POST /_mood {"mood": ..., "count": n}`` (the next n sends; without count: from now on;
with ``"body"``: only sends of that text, so that a retry of another one cannot take the mood away):
    ok        201, then callbacks queued, sent, delivered
    silent    201, no callbacks
    late      the callbacks come after three seconds, delivered before sent
    double    every callback twice
    fast      the callbacks come before the answer to the send
    slow      201 after one second
    hang      accepts, then never answers
    mute      accepts, then never answers, and no callbacks
    reset     accepts, then resets the connection
    lost      accepts, then resets the connection, and no callbacks
    500       accepts, then answers 500 with a page
    503       refuses with Twilio's own error document        503-page   refuses with a gateway's page
    429       refuses: too many requests
    NNNNN     refuses with this Twilio error code, e.g. 21610; 20003 answers 401
    undelivered  201, and reports failure 30003 later
    chaos     a mix of all, by --seed
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

import httpx
from twilio.request_validator import RequestValidator

from tests.support.trust import TLS
from tests.support.twilio_spec import request_problems

SID, TOKEN = "AC0000000000000000000000000000feed", "test-auth-token-0123456789abcdef"
AFTER_ACCEPTING = {
    "ok",
    "silent",
    "late",
    "double",
    "fast",
    "slow",
    "hang",
    "mute",
    "reset",
    "lost",
    "500",
    "undelivered",
}
CHAOS = ("ok", "ok", "ok", "late", "double", "fast", "hang", "reset", "500", "429", "503", "undelivered")
HANG_SECONDS = 120.0
ERRORS = {
    "20003": (401, "Authenticate"),
    "20429": (429, "Too Many Requests"),
    "20503": (503, "Service is unavailable. Please try again later."),
    "20404": (404, "The requested resource was not found"),
    "21610": (400, "Attempt to send to unsubscribed recipient"),
    "21211": (400, "Invalid 'To' Phone Number"),
}


class TwilioServer:
    """The server's state: what was accepted, and the mood."""

    def __init__(self, journal: Path, *, sid: str, token: str, mood: str, seed: int) -> None:
        self.sid, self.token, self.mood = sid, token, mood
        self.next: list[str] = []
        self.by_body: dict[str, list[str]] = {}
        self.draw = random.Random(seed)
        self.accepted: list[dict[str, Any]] = []
        self.received: list[dict[str, Any]] = []
        self.media: dict[str, str] = {}
        self.validator = RequestValidator(token)
        self.client = httpx.AsyncClient(timeout=10, trust_env=False, verify=TLS)
        self.tasks: set[asyncio.Task[None]] = set()
        self.journal = journal.open("ab", buffering=0)

    def write(self, **line: Any) -> None:
        self.journal.write(json.dumps({"at": time.time(), **line}).encode() + b"\n")
        os.fsync(self.journal.fileno())

    def take_mood(self, body: str) -> str:
        waiting = self.by_body.get(body) or self.next
        mood = waiting.pop(0) if waiting else self.mood
        return self.draw.choice(CHAOS) if mood == "chaos" else mood

    # -- HTTP

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(  # noqa: PLR0911 - one return a kind of call
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if target == "/_mood":
            told = json.loads(body)
            if "body" in told:
                self.by_body.setdefault(told["body"], []).extend([told["mood"]] * told["count"])
            elif "count" in told:
                self.next += [told["mood"]] * told["count"]
            else:
                self.mood, self.next = told["mood"], []
            return await self._answer(writer, 200, {"mood": self.mood, "next": self.next})
        if target == "/_media":
            told = json.loads(body)
            self.media[told["path"]] = told["location"]
            return await self._answer(writer, 200, {})
        if target == "/_received":
            return await self._answer(writer, 200, self._receive(json.loads(body)))
        credentials = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        if headers.get("authorization") != f"Basic {credentials}":
            return await self._error(writer, "20003")
        if target in self.media:
            return await self._redirect(writer, self.media[target])
        if urlsplit(target).path == "/v1/ContentAndApprovals":  # nothing approved; ``template_server`` has some
            return await self._answer(writer, 200, {"contents": [], "meta": {"next_page_url": None}})
        problems = request_problems(method, target, headers.get("content-type", ""), body)
        if problems:
            self.write(act="bad_request", method=method, target=target, problems=problems)
            return await self._answer(writer, 400, {"code": 20001, "message": "; ".join(problems), "status": 400})
        if f"/Accounts/{self.sid}/" not in target:
            return await self._error(writer, "20404")
        if method == "GET":
            return await self._answer(writer, 200, self._list(parse_qs(urlsplit(target).query)))
        return await self._send(writer, parse_qsl(body.decode(), keep_blank_values=True))

    async def _send(self, writer: asyncio.StreamWriter, pairs: list[tuple[str, str]]) -> bool:
        form = dict(pairs)
        mood = self.take_mood(form.get("Body", ""))
        if mood not in AFTER_ACCEPTING:
            self.write(act="refused", mood=mood, to=form["To"], body=form.get("Body", ""))
            if mood == "503-page":
                return await self._raw(writer, 503, b"<html>unavailable</html>", "text/html")
            return await self._error(writer, {"429": "20429", "503": "20503"}.get(mood, mood))
        message = self._message(form, len([1 for name, _ in pairs if name == "MediaUrl"]))
        self.accepted.append(message)
        self.write(
            act="accepted",
            sid=message["sid"],
            mood=mood,
            to=form["To"],
            from_=form["From"],
            body=form.get("Body", ""),
            callback=form.get("StatusCallback"),
            media=[value for name, value in pairs if name == "MediaUrl"],
            content={name: form[name] for name in ("ContentSid", "ContentVariables") if name in form},
        )
        if form.get("StatusCallback") and mood not in {"silent", "lost", "mute"}:
            if mood == "fast":
                await self._call_back(message, form["StatusCallback"], mood)
            else:
                task = asyncio.create_task(self._call_back(message, form["StatusCallback"], mood))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        if mood in {"hang", "mute"}:
            await asyncio.sleep(HANG_SECONDS)
            return False
        if mood in {"reset", "lost"}:
            # Linger of zero seconds: the peer sees a reset, not an end.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        if mood == "500":
            return await self._raw(writer, 500, b"<html>internal error</html>", "text/html")
        if mood == "slow":
            await asyncio.sleep(1)
        return await self._answer(writer, 201, message)

    async def _redirect(self, writer: asyncio.StreamWriter, location: str) -> bool:
        writer.write(f"HTTP/1.1 307 Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        return True

    async def _error(self, writer: asyncio.StreamWriter, code: str) -> bool:
        status, text = ERRORS.get(code, (400, f"Error {code}"))
        return await self._answer(
            writer,
            status,
            {
                "code": int(code),
                "message": text,
                "more_info": f"https://www.twilio.com/docs/errors/{code}",
                "status": status,
            },
        )

    async def _answer(self, writer: asyncio.StreamWriter, status: int, document: dict[str, Any]) -> bool:
        return await self._raw(writer, status, json.dumps(document).encode(), "application/json")

    async def _raw(self, writer: asyncio.StreamWriter, status: int, body: bytes, media_type: str) -> bool:
        writer.write(
            f"HTTP/1.1 {status} Status\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        return True

    # -- what Twilio keeps and tells

    def _receive(self, form: dict[str, str]) -> dict[str, Any]:
        message = self._message(form, 0) | {"direction": "inbound", "status": "received"}
        message["date_sent"] = message["date_created"]
        self.received.append(message)
        return message

    def _message(self, form: dict[str, str], media: int) -> dict[str, Any]:
        sid = f"{'MM' if media else 'SM'}{os.urandom(16).hex()}"
        now = format_datetime(datetime.now(UTC))
        return {
            "sid": sid,
            "account_sid": self.sid,
            "status": "queued",
            "to": form["To"],
            "from": form.get("From"),
            "body": form.get("Body", ""),
            "num_segments": "1",
            "num_media": str(media),
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "date_created": now,
            "date_sent": None,
            "date_updated": now,
            "messaging_service_sid": None,
            "uri": f"/2010-04-01/Accounts/{self.sid}/Messages/{sid}.json",
            "subresource_uris": {},
        }

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        rows = [*self.accepted, *self.received][::-1]
        for name, key in (("To", "to"), ("From", "from")):
            if name in query:
                rows = [row for row in rows if row[key] == query[name][0]]
        if "DateSent>" in query or "DateSent" in query:
            rows = [row for row in rows if row["date_sent"]]  # what still waits has no date
        size, page = int(query.get("PageSize", ["50"])[0]), int(query.get("Page", ["0"])[0])
        more = {**{name: values[0] for name, values in query.items()}, "Page": str(page + 1), "PageToken": "PAxx"}
        has_more = len(rows) > (page + 1) * size
        return {
            "messages": rows[page * size : (page + 1) * size],
            "page": page,
            "page_size": size,
            "next_page_uri": f"/2010-04-01/Accounts/{self.sid}/Messages.json?{urlencode(more)}" if has_more else None,
            "first_page_uri": "",
            "previous_page_uri": None,
            "uri": "",
        }

    async def _call_back(self, message: dict[str, Any], url: str, mood: str) -> None:
        words = ["queued", "sent", "undelivered" if mood == "undelivered" else "delivered"]
        if mood == "late":
            await asyncio.sleep(3)
            words = ["delivered", "sent", "queued"]
        for word in words:
            if mood != "fast":
                await asyncio.sleep(0.05)
            message["status"] = word
            if word == "sent":
                message["date_sent"] = format_datetime(datetime.now(UTC))
            for _ in range(2 if mood == "double" else 1):
                await self._call(message, url, word)

    async def _call(self, message: dict[str, Any], url: str, word: str) -> None:
        form = {
            "MessageSid": message["sid"],
            "SmsSid": message["sid"],
            "MessageStatus": word,
            "SmsStatus": word,
            "To": message["to"],
            "From": message["from"],
            "AccountSid": self.sid,
            "ApiVersion": "2010-04-01",
        }
        if word == "undelivered":
            form["ErrorCode"] = "30003"
        signature = self.validator.compute_signature(url, form)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        for _ in range(60):  # kinder than Twilio, so that a restart of the web does not end a test's story
            with contextlib.suppress(httpx.HTTPError):
                answer = await self.client.post(url, content=urlencode(form), headers=headers)
                if answer.status_code < 500:
                    self.write(act="called", sid=message["sid"], status=word, answer=answer.status_code)
                    return
            await asyncio.sleep(0.5)
        self.write(act="call_failed", sid=message["sid"], status=word)


async def run(arguments: argparse.Namespace) -> None:
    state = TwilioServer(
        Path(arguments.journal), sid=arguments.sid, token=arguments.token, mood=arguments.mood, seed=arguments.seed
    )
    server = await asyncio.start_server(state.serve, "127.0.0.1", arguments.port, reuse_address=True)
    print(server.sockets[0].getsockname()[1], flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    server.close()


class RunningTwilio:
    """The server in a process of its own, for tests."""

    def __init__(self, journal: Path, *, mood: str = "ok", port: int = 0, seed: int = 1) -> None:
        self.journal = journal
        self.sid, self.token = SID, TOKEN
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.support.twilio_server",
                "--port",
                str(port),
                "--journal",
                str(journal),
                "--mood",
                mood,
                "--seed",
                str(seed),
            ],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def set_mood(self, mood: str, count: int | None = None, *, body: str | None = None) -> None:
        told: dict[str, Any] = {"mood": mood}
        if count is not None:
            told["count"] = count
        if body is not None:
            told["body"] = body
        with urlopen(Request(f"{self.url}/_mood", json.dumps(told).encode(), method="POST"), timeout=5):
            pass

    def receive(self, sender: str, to: str, body: str) -> str:
        """Have a patient write without telling the webhook; returns the message's id."""
        told = json.dumps({"From": sender, "To": to, "Body": body}).encode()
        with urlopen(Request(f"{self.url}/_received", told, method="POST"), timeout=5) as answer:
            return str(json.load(answer)["sid"])

    def keep_media(self, name: str, location: str) -> str:
        """Have a file lie at ``location``, where this server leads who asks for it; returns its address here."""
        path = f"/2010-04-01/Accounts/{self.sid}/Messages/MM{os.urandom(16).hex()}/Media/{name}"
        told = json.dumps({"path": path, "location": location}).encode()
        with urlopen(Request(f"{self.url}/_media", told, method="POST"), timeout=5):
            pass
        return self.url + path

    def lines(self, act: str | None = None) -> list[dict[str, Any]]:
        """The journal, all of it or one kind of line."""
        found = [json.loads(line) for line in self.journal.read_bytes().splitlines()]
        return [line for line in found if act is None or line["act"] == act]

    def accepted(self) -> list[dict[str, Any]]:
        return self.lines("accepted")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="A local Twilio with moods.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", required=True)
    parser.add_argument("--mood", default="ok")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sid", default=SID)
    parser.add_argument("--token", default=TOKEN)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
