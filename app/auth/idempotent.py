"""The middleware behind ``Idempotency-Key``: same key and body, the first answer again, status and body."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType

from app.auth.service import authenticate_request
from app.idempotency import service
from app.kit.errors import OrasyncError
from app.kit.http import SAFE
from app.kit.problem import MEDIA_TYPE, problem_bytes

if TYPE_CHECKING:
    from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

LONGEST_KEY = 255
NOT_KEPT = frozenset({401, 403, 429})
"""Refused before anything was looked at, for a reason that may be gone with the next try."""


class Idempotent:
    """Wraps the routes of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; without the header this costs one look at the headers."""
        if scope["type"] == ScopeType.HTTP and scope["path"].startswith("/api/v1/") and scope["method"] not in SAFE:
            key = next((value for name, value in scope["headers"] if name == b"idempotency-key"), None)
            if key is not None:
                await self._with_key(key, scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _with_key(self, key: bytes, scope: HTTPScope, receive: Receive, send: Send) -> None:
        name = key.decode("ascii", "replace")
        if not 1 <= len(name) <= LONGEST_KEY or not name.isascii() or not name.isprintable():
            await _problem(send, scope, 422, "invalid", "An Idempotency-Key has 1 to 255 visible characters.")
            return
        try:
            principal = await authenticate_request(ASGIConnection(scope))
        except OrasyncError:
            await self.app(scope, receive, send)  # the guard answers as it always does
            return
        body = await _read(receive)
        whole: Any = {"type": "http.request", "body": body, "more_body": False}

        async def again() -> Any:
            nonlocal whole
            message, whole = whole, None
            return message or await receive()

        endpoint = f"{principal.id} {scope['method']} {scope['path']}"[:500]
        kept = await service.begin(principal.clinic_id, endpoint, name, sha256(body).digest())
        if kept is not None:
            await _answer_kept(send, scope, kept)
            return
        status, parts = 500, []

        async def listen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    # Kept before it is sent: a caller that repeats at once finds the answer.
                    if status < 500 and status not in NOT_KEPT:
                        await service.finish(principal.clinic_id, endpoint, name, status, b"".join(parts))
                    else:
                        await service.forget(principal.clinic_id, endpoint, name)
            await send(message)

        await self.app(scope, again, listen)


async def _read(receive: Receive) -> bytes:
    """Take the whole body: the edge gives it in one piece, but for files."""
    parts: list[bytes] = []
    while True:
        message: Any = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer_kept(send: Send, scope: Scope, kept: service.Kept) -> None:
    if not kept.same_body:
        await _problem(
            send, scope, 422, "idempotency_key_reused", "This Idempotency-Key was used with another request."
        )
    elif kept.status is None:
        await _problem(
            send,
            scope,
            409,
            "still_running",
            "The first request with this key is still running.",
            (b"retry-after", b"1"),
        )
    else:
        media = b"application/json" if kept.status < 400 else MEDIA_TYPE.encode()
        await _send(send, kept.status, kept.body or b"", media, (b"idempotent-replayed", b"true"))


async def _problem(
    send: Send, scope: Scope, status: int, code: str, detail: str, *headers: tuple[bytes, bytes]
) -> None:
    request_id = scope.get("state", {}).get("request_id")
    await _send(send, status, problem_bytes(status, code, detail, request_id=request_id), MEDIA_TYPE.encode(), *headers)


async def _send(send: Send, status: int, body: bytes, media: bytes, *headers: tuple[bytes, bytes]) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", media), (b"content-length", b"%d" % len(body)), *headers],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
