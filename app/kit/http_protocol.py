"""The uvicorn protocol that waits for nobody: how long a request may take to arrive, and how large its head may be.

uvicorn itself only ends connections that are idle between two requests. One that sends a byte of a header now and then,
or nothing at all, would be kept for ever, and a header without end would be collected. What stands here holds for
pages, API, webhooks and the opening request of a socket; how long the answer may take is the business of ``http.py``.
"""

from __future__ import annotations

import socket
from collections import OrderedDict
from typing import TYPE_CHECKING, ClassVar, Final

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.kit.ids import new_id
from app.kit.problem import MEDIA_TYPE, problem_bytes

if TYPE_CHECKING:
    import asyncio

log = structlog.get_logger("access")

LARGEST_HEADERS = 16 * 1024
"""The header lines as they stand on the wire."""
LONGEST_URL = 8 * 1024
MOST_HEAD = LONGEST_URL + LARGEST_HEADERS + 1024
"""Bytes of an unfinished head, after which nobody reads on."""
MOST_REQUEST = 32 * 1024 * 1024
"""Bytes of a whole request, whatever they are; the application's own limits are lower."""
MOST_TRAILERS = 100
ABORT_SECONDS = 1.0
"""For a peer that does not take our last answer."""
LINGER_SECONDS = 1.0
"""For a request that was on its way when we were told to stop."""

NOTHING, HEAD, BODY = range(3)
"""What the peer owes us."""

TOO_SLOW = (408, "too_slow", "The request did not arrive in time. Please send it again.")
URL_TOO_LONG = (414, "url_too_long", "The address is too long.")
HEADERS_TOO_LARGE = (431, "headers_too_large", "The headers are too large.")
TOO_LARGE = (413, "too_large", "The request is too large.")
UNREADABLE = (400, "bad_request", "The request cannot be read.")


class Waiting:
    """Connections that owe us something, the longest waiting first.

    All have the same time, so who came first is due first: one timer for all of them, and a dictionary's cost for each.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._due: OrderedDict[HttpProtocol, float] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, one: HttpProtocol) -> None:
        """Give it the whole time from now on."""
        due = one.loop.time() + self.seconds
        self._due.pop(one, None)
        self._due[one] = due
        if self._timer is None:
            self._timer = one.loop.call_at(due, self._look, one.loop)

    def discard(self, one: HttpProtocol) -> None:
        """It came."""
        self._due.pop(one, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, now = None, loop.time()
        while self._due:
            one, due = next(iter(self._due.items()))
            if due > now:
                self._timer = loop.call_at(due, self._look, loop)
                return
            del self._due[one]
            one.too_slow()


class HttpProtocol(HttpToolsProtocol):
    """One connection. Made by :func:`protocol_class`, which knows the times."""

    waiting: ClassVar[dict[int, Waiting]]
    unread_milliseconds: ClassVar[int]

    _owed = HEAD
    _timed = NOTHING
    _arrived = 0
    _all_counted = True
    _over = False
    _leaving = False
    _refusal: tuple[int, str, str] = UNREADABLE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._let_go_after(self.unread_milliseconds)
        self._watch(HEAD)

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        if self._owed == NOTHING:
            self._owed, self._arrived, self._all_counted = HEAD, len(data), True
        elif self._owed == HEAD:
            if self._arrived > MOST_HEAD:  # before this piece, which may be a body already
                self._hang_up(*(HEADERS_TOO_LARGE if self.headers else URL_TOO_LONG))
                return
            self._arrived += len(data)
        else:
            self._arrived += len(data)
            if self._arrived > MOST_REQUEST or len(self.headers) > MOST_TRAILERS:
                self._hang_up(*TOO_LARGE)
                return
        super().data_received(data)
        # A request that came in one piece, as nearly all do, is never put on a list.
        if self._owed != self._timed and not self._over:
            self._watch(self._owed)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._owed = HEAD

    def on_headers_complete(self) -> None:
        if len(self.url) > LONGEST_URL:
            self._refusal = URL_TOO_LONG
            raise ValueError(URL_TOO_LONG)  # ends the parser, and with it the connection
        # The headers are no longer than what arrived: usually there is nothing to add up.
        if (self._arrived > LARGEST_HEADERS or not self._all_counted) and (
            sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers) > LARGEST_HEADERS
        ):
            self._refusal = HEADERS_TOO_LARGE
            raise ValueError(HEADERS_TOO_LARGE)
        self._owed = BODY
        super().on_headers_complete()
        if self._leaving:
            self.cycle.keep_alive = False
        if not self.parser.should_upgrade():
            self.headers = []  # what follows a body in chunks is parsed as headers, too: the application never sees it

    def on_message_complete(self) -> None:
        # Should another request follow in the same piece, it has a time of its own, and its first bytes go uncounted.
        self._owed, self._arrived, self._all_counted = NOTHING, 0, False
        if self._timed != NOTHING:
            self._watch(NOTHING)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """From here on another protocol has the connection, with times of its own."""
        if self._leaving:  # the next process takes it: programs that hold a socket come back by themselves
            self.transport.close()
            return
        self._owed = NOTHING
        self._watch(NOTHING)
        self._let_go_after(0)
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """Stop without refusing anybody: what is under way, or arrives within the next second, is still answered.

        uvicorn closes a connection without a request at once, also one whose request the kernel holds already: its
        peer would see a reset.
        """
        self._leaving = True
        if self._answering():
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(LINGER_SECONDS, self._leave)

    def _leave(self) -> None:
        if not self._answering():
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch(NOTHING)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are for its log
        """Say as a problem what is wrong with the head."""
        self._hang_up(*self._refusal)

    def too_slow(self) -> None:
        """End the connection that did not send in time what it owed."""
        owed, self._timed = self._timed, NOTHING
        if self.transport.is_closing():  # everything is said, and the peer does not take it
            self.transport.abort()
        elif self.pipeline or (self._answering() and (owed == HEAD or self.cycle.response_started)):
            self._watch(owed)  # an earlier answer is still under way, and meanwhile it may be us who do not read
        else:
            self._hang_up(*TOO_SLOW)

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _watch(self, owed: int) -> None:
        if self._timed != NOTHING:
            self.waiting[self._timed].discard(self)
        self._timed = owed
        if owed != NOTHING:
            self.waiting[owed].add(self)

    def _hang_up(self, status: int, code: str, detail: str) -> None:
        """Answer if this request has no answer yet, and end the connection within a second."""
        answering = self._answering()
        # A head is that of the next request: its refusal must not be taken for the answer to the one before.
        can_say = not answering if self._owed == HEAD else answering and not self.cycle.response_started
        self._over = True
        self._watch(NOTHING)
        if answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if can_say:
            request_id = new_id().hex
            if self._arrived:  # browsers open lines ahead of need, and not all are used
                log.info("request.refused", status=status, code=code, request_id=request_id)
            self.transport.write(_problem(status, code, detail, request_id))
        if can_say and self.transport.can_write_eof():
            # To close with bytes unread resets the connection, and with it the answer: read on, and forget.
            self.transport.write_eof()
        else:
            self.transport.close()
        self.loop.call_later(ABORT_SECONDS, self.transport.abort)

    def _let_go_after(self, milliseconds: int) -> None:
        """Have the kernel end a connection whose peer takes nothing of what we sent for so long; 0 is never."""
        peer = self.transport.get_extra_info("socket")
        if peer is not None and peer.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


_HEADERS: Final = b"cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n"


def _problem(status: int, code: str, detail: str, request_id: str) -> bytes:
    body = problem_bytes(status, code, detail, request_id=request_id)
    return (
        STATUS_LINE[status]
        + _HEADERS
        + f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nx-request-id: {request_id}\r\n\r\n".encode()
        + body
    )


def protocol_class(*, header_timeout: float, body_timeout: float, unread_timeout: float) -> type[HttpProtocol]:
    """Return the protocol for one process and its times in seconds."""
    return type(
        "HttpProtocol",
        (HttpProtocol,),
        {
            "waiting": {HEAD: Waiting(header_timeout), BODY: Waiting(body_timeout)},
            "unread_milliseconds": int(1000 * unread_timeout),
        },
    )
