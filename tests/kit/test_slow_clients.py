"""Slow and hostile clients over raw sockets: each is answered 408 and cut off, and nobody else notices (reliability 4).

The times are the product's, scaled down by settings: 10, 20 and 30 s are 1, 1.5 and 2 s here.
"""

import asyncio
import json
import socket
import time
from contextlib import suppress

import psycopg
import pytest

from tests.support.callers import PASSWORD, Caller
from tests.support.lines import ME, line_to
from tests.support.product import Product

HEADER, BODY, WHOLE = 1.0, 1.5, 2.0
LATE = 1.0  # what a busy machine may add
SIGN_IN = b"POST /api/auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HEADERS_LIMIT, URL_LIMIT = 16 * 1024, 8 * 1024


@pytest.fixture(scope="module")
def impatient(databases):
    """A web process that waits a tenth as long."""
    running = Product(
        databases.make(),
        worker=False,
        HEADER_TIMEOUT=str(HEADER),
        BODY_TIMEOUT=str(BODY),
        REQUEST_TIMEOUT=str(WHOLE),
        LOCK_TIMEOUT="20",
        STATEMENT_TIMEOUT="20",
    )
    running.start()
    yield running
    running.stop()


async def too_slow(line, after):
    """Expect the problem 408 after so many seconds, and the end of the connection."""
    status, headers, body = await line.answer()
    took = time.monotonic() - line.began
    assert status == 408
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    told = json.loads(body)
    assert (told["status"], told["code"], told["request_id"]) == (408, "too_slow", headers["x-request-id"])
    assert after - 0.05 <= took < after + LATE
    await line.closed()


async def test_headers_that_come_slowly(impatient):
    async with line_to(impatient) as line:
        dripping = asyncio.create_task(line.drip(ME + b"X-Slow: " + b"x" * 1000, 0.02))
        await too_slow(line, HEADER)
        dripping.cancel()


async def test_a_connection_that_says_nothing(impatient):
    async with line_to(impatient) as line:
        await too_slow(line, HEADER)


async def test_empty_lines_are_no_sign_of_life(impatient):
    async with line_to(impatient) as line:
        dripping = asyncio.create_task(line.drip(b"\r\n" * 500, 0.02))
        await too_slow(line, HEADER)
        dripping.cancel()


async def test_the_second_request_has_its_own_time_and_no_more(impatient):
    async with line_to(impatient) as line:
        for _ in range(3):  # together longer than the time of one
            line.send(ME + b"\r\n")
            assert (await line.answer())[0] == 401
            await asyncio.sleep(HEADER * 0.6)
        line.began = time.monotonic()
        line.send(ME)
        await too_slow(line, HEADER)


async def test_a_body_that_comes_slowly(impatient):
    async with line_to(impatient) as line:
        line.send(SIGN_IN + b"Content-Length: 5000\r\n\r\n")
        dripping = asyncio.create_task(line.drip(b"{" * 5000, 0.02))
        await too_slow(line, BODY)
        dripping.cancel()


async def test_a_body_in_chunks_that_never_ends(impatient):
    async with line_to(impatient) as line:
        line.send(SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n")
        dripping = asyncio.create_task(line.drip(b"1\r\n{\r\n" * 500, 0.01))
        await too_slow(line, BODY)
        dripping.cancel()


async def test_a_webhook_whose_body_comes_slowly(impatient):
    async with line_to(impatient) as line:
        line.send(
            b"POST /webhooks/twilio/0190f6a0-0000-7000-8000-000000000000 HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n"
        )
        dripping = asyncio.create_task(line.drip(b"a" * 5000, 0.02))
        await too_slow(line, BODY)
        dripping.cancel()
    assert "Exception in ASGI" not in impatient.log()


async def test_a_body_nobody_wants_is_not_waited_for(impatient):
    async with line_to(impatient) as line:
        line.send(b"POST /webhooks/twilio/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n")
        assert (await line.answer())[0] == 413
        dripping = asyncio.create_task(line.drip(b"a" * 5000, 0.02))
        assert await line.closed() < BODY + LATE
        dripping.cancel()


async def test_a_request_that_takes_too_long_inside(impatient, new_clinic):
    clinic = await new_clinic(impatient)
    with psycopg.connect(impatient.database.owner_dsn) as held:
        held.execute("lock table staff_member in access exclusive mode")
        began = time.monotonic()
        answer = await clinic.outside.post(
            "/api/auth/sign-in", json={"email": clinic.owner.email, "password": PASSWORD}
        )
        took = time.monotonic() - began
        held.rollback()
    assert answer.status_code == 503
    assert answer.json()["code"] == "too_slow"
    assert int(answer.headers["retry-after"]) >= 1
    assert WHOLE - 0.05 <= took < WHOLE + LATE
    again = await clinic.outside.post("/api/auth/sign-in", json={"email": clinic.owner.email, "password": PASSWORD})
    assert again.status_code == 200


async def test_a_webhook_that_takes_too_long_inside(impatient, new_clinic):
    """Its provider is told to come again in time, and what is stored in the end is stored once."""
    clinic = await new_clinic(impatient)
    channel = await clinic.channel()
    with psycopg.connect(impatient.database.owner_dsn) as held:
        held.execute("select 1 from clinic_log where clinic_id = %s for update", [clinic.id])
        began = time.monotonic()
        refused = await channel.text("+12025550111", "Hello?", sid="SM-held")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert WHOLE - 0.05 <= time.monotonic() - began < WHOLE + LATE
        held.rollback()
    assert (await channel.text("+12025550111", "Hello?", sid="SM-held")).status_code == 200
    stored = impatient.sql("select count(*) from message where clinic_id = %s", str(clinic.id))
    assert stored == [(1,)]


async def test_two_hundred_slow_ones_keep_nobody_waiting(impatient):
    async with asyncio.timeout(60):
        lines = [await asyncio.open_connection("127.0.0.1", impatient.web[0].port) for _ in range(200)]
    caller = Caller(impatient.url)
    stop = asyncio.Event()

    async def drip():
        while not stop.is_set():
            for _, writer in lines:
                if not writer.is_closing():
                    writer.write(b"x")
            await asyncio.sleep(0.1)

    for _, writer in lines:
        writer.write(ME + b"X-Slow: ")
    dripping = asyncio.create_task(drip())
    took = []
    try:
        end = time.monotonic() + HEADER * 0.8
        while time.monotonic() < end:
            began = time.monotonic()
            assert (await caller.get("/health/live")).status_code == 200
            took.append(time.monotonic() - began)
        codes = [(await asyncio.wait_for(reader.readline(), 5)).split()[1] for reader, _ in lines]
    finally:
        stop.set()
        await dripping
        await caller.close()
        for _, writer in lines:
            writer.close()
    assert codes == [b"408"] * 200
    took.sort()
    assert took[len(took) * 95 // 100] < HEADER / 2, f"{len(took)} answers, slowest {took[-1]:.3f} s"


async def test_a_deaf_client_is_cut_off(impatient):
    """It asks for pages and reads nothing: what waits for it in our buffers is let go."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", impatient.web[0].port))
    deaf.setblocking(False)
    loop = asyncio.get_running_loop()
    began = time.monotonic()
    ask = b"GET /schema/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with suppress(OSError), deaf:
        while time.monotonic() - began < WHOLE * 10:
            await loop.sock_sendall(deaf, ask)
            await asyncio.sleep(0.2)
    assert time.monotonic() - began < WHOLE * 5


def head_of(size):
    """Headers that take so many bytes as they stand on the wire."""
    bare = b"Host: localhost\r\nX-Long: \r\n"
    return b"Host: localhost\r\nX-Long: " + b"x" * (size - len(bare)) + b"\r\n"


TARGETS = [
    (b"GET", b"/api/auth/me", 401),
    (b"POST", b"/webhooks/twilio/0190f6a0-0000-7000-8000-000000000000", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), TARGETS)
async def test_headers_of_16_kib_and_one_byte_more(impatient, method, path, status):
    for size, wanted in ((HEADERS_LIMIT, status), (HEADERS_LIMIT + 1, 431)):
        async with line_to(impatient) as line:
            line.send(method + b" " + path + b" HTTP/1.1\r\n" + head_of(size) + b"\r\n")
            found, headers, body = await line.answer()
            assert found == wanted
            if wanted == 431:
                assert json.loads(body)["code"] == "headers_too_large"
                assert headers["connection"] == "close"
                await line.closed()


@pytest.mark.parametrize(("method", "path", "status"), TARGETS)
async def test_an_address_of_8_kib_and_one_byte_more(impatient, method, path, status):
    for size, wanted in ((URL_LIMIT, status), (URL_LIMIT + 1, 414)):
        async with line_to(impatient) as line:
            query = b"?" + b"x" * (size - len(path) - 1)
            line.send(method + b" " + path + query + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            found, _, body = await line.answer()
            assert found == wanted
            if wanted == 414:
                assert json.loads(body)["code"] == "url_too_long"
                await line.closed()


async def test_a_socket_obeys_the_same_limits(impatient):
    upgrade = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    async with line_to(impatient) as line:
        line.send(b"GET /ws HTTP/1.1\r\n" + upgrade + head_of(HEADERS_LIMIT) + b"\r\n")
        assert (await line.answer())[0] == 431


@pytest.mark.parametrize(
    ("start", "more", "status"),
    [(ME + b"X-Long: ", b"x", 431), (b"GET /", b"x", 414), (ME, b"X: y\r\n", 431)],
    ids=["one header", "the address", "many headers"],
)
async def test_a_head_without_end_is_not_collected(impatient, start, more, status):
    async with line_to(impatient) as line:
        line.send(start)
        answer = asyncio.create_task(line.answer())
        with suppress(ConnectionError):
            while not answer.done():
                line.send(more * (16 * 1024 // len(more)))
                await line.writer.drain()
                await asyncio.sleep(0)
        assert (await answer)[0] == status
        assert await line.closed() < HEADER, "refused for its size, not for its time"


@pytest.mark.parametrize("cut", [0, 20, 90])
async def test_a_body_in_one_piece_with_its_head_is_no_large_head(impatient, cut):
    body = b'{"email":"%s"}' % (b"x" * 200_000)
    request = SIGN_IN + b"Content-Length: %d\r\n\r\n" % len(body) + body
    async with line_to(impatient) as line:
        line.send(request[:cut])
        await asyncio.sleep(0.1)
        line.send(request[cut:])
        assert (await line.answer())[0] == 422


async def test_what_follows_a_body_in_chunks_is_not_collected(impatient):
    async with line_to(impatient) as line:
        line.send(SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
        answer = asyncio.create_task(line.answer())
        with suppress(ConnectionError):
            while not answer.done():
                line.send(b"X: y\r\n" * 2000)
                await line.writer.drain()
                await asyncio.sleep(0)
        assert (await answer)[0] == 413
        assert await line.closed() < HEADER


async def test_a_body_in_chunks_may_have_something_after_it(impatient):
    async with line_to(impatient) as line:
        line.send(SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n")
        assert (await line.answer())[0] == 422
        line.send(ME + b"\r\n")
        assert (await line.answer())[0] == 401


async def test_requests_sent_together_are_answered_in_order(impatient):
    async with line_to(impatient) as line:
        line.send((ME + b"\r\n") * 3 + b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n" + ME)
        assert [(await line.answer())[0] for _ in range(4)] == [401, 401, 401, 200]
        await too_slow(line, HEADER)
