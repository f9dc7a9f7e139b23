"""The outer edge of every HTTP request: ids, limits, headers and one access line, in pure ASGI.

Provider webhooks pass by untouched: they have their own limits and are counted, not logged one by one. How long a
request may take to arrive, and how large its head may be, is looked after below, in ``http_protocol.py``.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import structlog
from litestar.enums import ScopeType

from app.kit.body import MULTIPART, look_at_body, look_at_query
from app.kit.errors import TooLarge
from app.kit.ids import new_id
from app.kit.problem import MEDIA_TYPE, problem_bytes

if TYPE_CHECKING:
    from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

    from app.config import Settings

log = structlog.get_logger("access")

LARGEST_BODY = 256 * 1024
LARGEST_FILE = 10 * 1024 * 1024
LARGEST_UPLOAD = LARGEST_FILE + 128 * 1024
"""A file with the text that goes with it."""
PASSED_OVER = 64 * 1024 * 1024
_UPLOADS = re.compile(r"/api/v1/clinics/[^/]+/attachments|/inbox/threads/[^/]+/(?:reply|note)|/api/widget/[^/]+/files")
"""Where files are taken."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - names of this machine, nothing listens


class Refusal(NamedTuple):
    """Why a request goes no further."""

    status: int
    code: str
    detail: str


TOO_LARGE = Refusal(413, "too_large", "A request can have 256 KiB.")
FILE_TOO_LARGE = Refusal(413, "too_large", "A file can have 10 MB.")
TOO_SLOW = Refusal(503, "too_slow", "This took too long and was given up. Please try again.")


class Edge:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, told: Settings) -> None:
        self.app = app
        self.seconds = told.request_timeout
        self.headers = [
            (b"content-security-policy", CSP.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]
        if told.is_secure:
            self.headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        host = urlsplit(told.public_url).hostname or ""
        # On a machine of one's own the product answers to any name; elsewhere to its own and the health checks'.
        self.hosts = frozenset() if host in {"", *_LOCAL} else frozenset({host, *_LOCAL})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != ScopeType.HTTP or scope["raw_path"].startswith(b"/webhooks/"):
            await self.app(scope, receive, send)
            return
        await self._handle(scope, receive, send)

    async def _handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        request_id = new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 499

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                if not limit.expired():
                    limit.reschedule(None)  # from here on it is the caller who may be slow
                status = message["status"]
                headers = list(message.get("headers", []))
                names = {name for name, _ in headers}
                headers += [header for header in self.headers if header[0] not in names]
                if b"cache-control" not in names:
                    headers.append((b"cache-control", b"no-store"))
                headers.append((b"x-request-id", request_id.encode()))
                message["headers"] = headers
            await send(message)

        limit = asyncio.timeout(self.seconds)
        try:
            async with limit:
                found: bytes | Refusal | None = self._look(scope)
                if found is None and _brings_files(scope):
                    await self.app(scope, _counted(receive), send_on)
                    return
                if found is FILE_TOO_LARGE:
                    await _pass_over(receive)
                found = found or (b"" if scope["method"] in SAFE else await _read_body(scope, receive))
                if isinstance(found, Refusal):
                    await _send_problem(send_on, found, request_id)
                elif found is not None:  # None: the caller hung up
                    await self.app(scope, _replay(found, receive), send_on)
        except TimeoutError:
            if not limit.expired():
                raise
            await _send_problem(send_on, TOO_SLOW, request_id)
        finally:
            _log(scope, status, started, request_id)

    def _look(self, scope: HTTPScope) -> Refusal | None:
        """Refuse what is wrong before a byte of the body is read."""
        hosts, length, chunked = [], None, False
        for name, value in scope["headers"]:
            if name == b"host":
                hosts.append(value)
            elif name == b"content-length":
                length = value
            elif name == b"transfer-encoding":
                chunked = True
            elif name == b"content-encoding" and value.lower() != b"identity":
                return Refusal(415, "unsupported_media_type", "Send the body as it is, without Content-Encoding.")
        if len(hosts) != 1 or (self.hosts and _hostname(hosts[0]) not in self.hosts):
            return Refusal(400, "unknown_host", "This address is not served here.")
        if length is not None and (chunked or not length.isdigit()):
            return Refusal(400, "bad_request", "The request's length cannot be trusted.")
        brings_files = _brings_files(scope)
        if length is not None and int(length) > (LARGEST_UPLOAD if brings_files else LARGEST_BODY):
            return FILE_TOO_LARGE if brings_files else TOO_LARGE
        if "\x00" in scope["path"]:
            return Refusal(404, "not_found", "There is nothing here by that name.")
        return _refusal(look_at_query(scope["query_string"]))


def _counted(receive: Receive) -> Receive:
    """Pass a large body on as it comes: who may not send it is refused before it is taken, and it is never all here."""
    size = 0

    async def receive_some() -> Any:
        nonlocal size
        message: Any = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_UPLOAD:
            raise TooLarge(FILE_TOO_LARGE.detail)
        return message

    return receive_some


async def _pass_over(receive: Receive) -> None:
    """Take what nobody wants, up to a point: a browser that is still sending when it is refused does not hear why."""
    size, more = 0, True
    while more and size < PASSED_OVER:
        message: Any = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)


def _brings_files(scope: HTTPScope) -> bool:
    if scope["method"] != "POST" or not _UPLOADS.fullmatch(scope["path"]):
        return False
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return kind.lower().startswith(MULTIPART)


async def _read_body(scope: HTTPScope, receive: Receive) -> bytes | Refusal | None:
    """Take the whole body, at most 256 KiB of it, and look at it once; None when the caller hung up."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message: Any = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            return TOO_LARGE
        parts.append(part)
        more = message.get("more_body", False)
    body = b"".join(parts)
    media_type = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return _refusal(look_at_body(media_type, body)) or body


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def receive_again() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _refusal(found: tuple[int, str] | None) -> Refusal | None:
    if found is None:
        return None
    return Refusal(found[0], "invalid" if found[0] == 422 else "bad_request", found[1])


def _hostname(host: bytes) -> str:
    try:
        return urlsplit(f"//{host.decode('latin-1')}").hostname or ""
    except ValueError:
        return ""


def _log(scope: HTTPScope, status: int, started: float, request_id: str) -> None:
    if scope["path"].startswith(("/static/", "/health/")) and status < 500:
        return
    caller = scope["state"].get("principal")
    log.info(
        "request",
        method=scope["method"],
        route=scope.get("path_template") or "unknown",
        status=status,
        ms=round(1000 * (time.perf_counter() - started), 1),
        request_id=request_id,
        clinic=str(caller.clinic_id) if caller is not None else None,
    )


async def _send_problem(send: Any, refusal: Refusal, request_id: str) -> None:
    body = problem_bytes(refusal.status, refusal.code, refusal.detail, request_id=request_id)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    if refusal.status == 413:
        headers.append((b"connection", b"close"))  # what is left of the body is not worth reading
    if refusal.status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
