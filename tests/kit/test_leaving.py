"""A web process that is told to stop answers what was on its way to it (R22): a rolling restart refuses nobody."""

import asyncio
import signal

import pytest

from tests.support.lines import ME, line_to
from tests.support.product import Product


@pytest.fixture
def leaving(databases):
    """A web process of our own: the test ends it."""
    running = Product(databases.make(), worker=False)
    running.start()
    yield running
    running.stop()


async def refused(port):
    """Wait until nobody listens any more."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return
            writer.close()
            await asyncio.sleep(0.01)


async def test_who_came_just_before_the_end_is_answered(leaving):
    [web] = leaving.web
    async with line_to(leaving) as new, line_to(leaving) as kept, line_to(leaving) as idle:
        for line in (kept, idle):
            line.send(ME + b"\r\n")
            status, headers, _ = await line.answer()
            assert status == 401
            assert "connection" not in headers
        web.signal(signal.SIGTERM)
        await refused(web.port)
        for line in (new, kept):
            line.send(ME + b"\r\n")
        for line in (new, kept):
            status, headers, _ = await line.answer()
            assert status == 401
            assert headers["connection"] == "close"
            await line.closed()
        await idle.closed()
