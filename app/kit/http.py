"""The outer edge of every HTTP request: ids, limits, headers and one access line. Pure ASGI, nothing else is cheap enough.

Provider webhooks pass by almost untouched: they have their own limits and are counted, not logged one by one.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from app.kit.ids import new_id
from app.kit.problem import MEDIA_TYPE, problem_bytes

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

    from app.config import Settings

log = structlog.get_logger("access")

LARGEST_BODY = 256 * 1024
LARGEST_HEADERS = 16 * 1024
LONGEST_URL = 8 * 1024
DEEPEST_JSON = 32

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


class _TooLarge(Exception):
    pass


class Edge:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, told: Settings) -> None:
        self.app = app
        self.headers = [
            (b"content-security-policy", CSP.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]
        if told.is_secure:
            self.headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        host = urlsplit(told.public_url).hostname or ""
        self.hosts = frozenset() if host in {"", "localhost", "127.0.0.1", "::1", "0.0.0.0"} else frozenset({host})  # noqa: S104

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"].startswith("/webhooks/"):
            await self.app(scope, receive, send)
            return
        request_id = new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id  # type: ignore[typeddict-item]
        started, status = time.perf_counter(), 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", []))
                names = {name for name, _ in headers}
                headers += [header for header in self.headers if header[0] not in names]
                if b"cache-control" not in names:
                    headers.append((b"cache-control", b"no-store"))
                headers.append((b"x-request-id", request_id.encode()))
                message = {**message, "headers": headers}  # type: ignore[misc,assignment]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await _send_problem(send_on, *refusal, request_id=request_id)
        else:
            size = 0

            async def receive_on() -> Any:
                nonlocal size
                message = await receive()
                if message["type"] == "http.request":
                    size += len(message.get("body", b""))
                    if size > LARGEST_BODY:
                        raise _TooLarge
                return message

            begun = False

            async def note_start(message: Message) -> None:
                nonlocal begun
                begun = begun or message["type"] == "http.response.start"
                await send_on(message)

            try:
                await self.app(scope, receive_on, note_start)
            except _TooLarge:
                if not begun:
                    await _send_problem(send_on, 413, "too_large", "A request can have 256 KiB.", request_id=request_id)
        if not scope["path"].startswith(("/static/", "/health/")):
            log.info(
                "request", method=scope["method"], route=_template(scope), status=status,
                ms=round(1000 * (time.perf_counter() - started), 1), request_id=request_id,
            )

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_URL:
            return 414, "url_too_long", "The address is too long."
        total, hosts, length, chunked = 0, [], None, False
        for name, value in scope["headers"]:
            total += len(name) + len(value)
            if name == b"host":
                hosts.append(value)
            elif name == b"content-length":
                length = value
            elif name == b"transfer-encoding":
                chunked = True
        if total > LARGEST_HEADERS:
            return 431, "headers_too_large", "The headers are too large."
        if len(hosts) != 1 or (self.hosts and hosts[0].decode("latin-1").rsplit(":", 1)[0] not in self.hosts | _LOCAL):
            return 400, "unknown_host", "This address is not served here."
        if length is not None and (chunked or not length.isdigit()):
            return 400, "bad_request", "The request's length cannot be trusted."
        if length is not None and int(length) > LARGEST_BODY:
            return 413, "too_large", "A request can have 256 KiB."
        return None


_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


def _template(scope: Scope) -> str:
    return str(scope.get("path_template") or "unknown")


async def _send_problem(send: Any, status: int, code: str, detail: str, *, request_id: str) -> None:
    body = problem_bytes(status, code, detail, request_id=request_id)
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def too_deep(body: bytes) -> bool:
    """Say whether JSON is nested deeper than 32, without decoding it. Brackets inside strings do not count."""
    depth = 0
    if body.count(b"[") + body.count(b"{") <= DEEPEST_JSON:
        return False
    in_string = escaped = False
    for byte in body:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:  # noqa: PLR2004 - backslash
                escaped = True
            elif byte == 0x22:  # noqa: PLR2004 - quote
                in_string = False
        elif byte == 0x22:  # noqa: PLR2004
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > DEEPEST_JSON:
                return True
        elif byte in b"]}":
            depth -= 1
    return False
