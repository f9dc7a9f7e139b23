"""Raw connections: what no well-behaved client would send, and when none would."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress

ME = b"GET /api/auth/me HTTP/1.1\r\nHost: localhost\r\n"
"""The head of a request without its last line."""


class Line:
    """A connection whose every byte is ours."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.began = time.monotonic()

    def send(self, data):
        self.writer.write(data)

    async def drip(self, data, every):
        """Send byte after byte for as long as the other side listens."""
        try:
            for n in range(len(data)):
                self.writer.write(data[n : n + 1])
                await self.writer.drain()
                await asyncio.sleep(every)
        except ConnectionError:
            pass

    async def answer(self):
        """Read one answer: status, headers, body."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await asyncio.wait_for(self.reader.readexactly(int(headers["content-length"])), 10)
        return int(head[0].split()[1]), headers, body

    async def closed(self):
        """Wait for the end; returns the seconds since the beginning."""
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(self.reader.read(), 10) == b""
        return time.monotonic() - self.began


@asynccontextmanager
async def line_to(product):
    reader, writer = await asyncio.open_connection("127.0.0.1", product.web[0].port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
