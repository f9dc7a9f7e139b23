"""A host on which somebody keeps files: it says what it was asked, and can lie about sizes and hang."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class FileServer:
    """Serves ``files`` by path, sends on what was ``moved``, and lets wait who wants what ``hangs``."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.hangs: set[str] = set()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, without saying how much will come."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip("\r\n").split("\r\n")
            path = first.split(" ")[1]
            self.asked.append(
                (path, {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)})
            )
            if path in self.hangs:
                await asyncio.sleep(60)
            content = self.files.get(path)
            status, more = ("200 OK" if content is not None else "404 Not Found"), ""
            if path in self.moved:
                status, more = "302 Found", f"Location: {self.moved[path]}\r\n"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Type: image/jpeg\r\n{more}Connection: close\r\n\r\n".encode())
            writer.write(content or b"")
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def file_server() -> AsyncIterator[FileServer]:
    """Run one on this machine."""
    made = FileServer()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
