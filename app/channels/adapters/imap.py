"""A mailbox, read by IMAP (RFC 3501, IDLE of RFC 2177): only what reading new mail needs, and nothing without a limit.

Mails are fetched with ``BODY.PEEK``, so that the clinic's own mail program still shows them as unread, and only up to
the largest size we take. A server that answers nonsense, or too much, ends the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
import ssl
from email.utils import parsedate_to_datetime
from typing import Any

from app.channels.adapters.smtp import checked_tls
from app.kit import clock

IMPLICIT_TLS = 993
LARGEST = 25 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
MOST_LINES = 100_000
_LITERAL = re.compile(rb"\{(\d{1,10})\}$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_FOLDER = re.compile(rb'\* LIST \(([^()]{0,300})\) (?:"[^"]{0,4}"|NIL) (.{1,300})', re.IGNORECASE)
_SENT_NAMES = {"sent", "sent items", "sent messages", "sent mail", "inbox.sent", "inbox/sent", "[gmail]/sent mail"}


class ImapError(Exception):
    """The server refused, or does not speak IMAP. ``is_sign_in``: it does not know us."""

    def __init__(self, text: str, *, is_sign_in: bool = False) -> None:
        super().__init__(text)
        self.is_sign_in = is_sign_in


class Imap:
    """One connection. Every call ends within ``timeout`` seconds, or raises ``ImapError`` or ``OSError``."""

    def __init__(self, told: dict[str, Any], timeout: float, ssl_context: ssl.SSLContext | None = None) -> None:
        self._told, self._timeout, self._ssl = told, timeout, ssl_context
        self._number = 0

    async def open(self) -> None:
        """Connect, encrypt, sign in."""
        host, port = str(self._told["host"]), int(self._told["port"])
        must = bool(self._told.get("tls", True))
        context = self._ssl or checked_tls()
        async with asyncio.timeout(self._timeout):
            self._reader, self._writer = await asyncio.open_connection(
                host, port, limit=LONGEST_LINE, ssl=context if must and port == IMPLICIT_TLS else None
            )
            greeting = await self._line()
            if not greeting.startswith(b"* OK"):
                raise ImapError("no greeting")
            if must and port != IMPLICIT_TLS:
                await self._call("STARTTLS")
                await self._writer.start_tls(context, server_hostname=host)
        try:
            await self.call(f"LOGIN {_quoted(self._told.get('user'))} {_quoted(self._told.get('password'))}")
        except ImapError as error:
            raise ImapError("not signed in", is_sign_in=True) from error

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(AttributeError, OSError):
            self._writer.close()

    async def select(self, folder: str) -> int:
        """Open a folder for reading; return its UIDVALIDITY."""
        for line, _ in await self.call(f"EXAMINE {_quoted(folder)}"):
            found = re.search(rb"\[UIDVALIDITY (\d{1,10})\]", line, re.IGNORECASE)
            if found:
                return int(found[1])
        raise ImapError("the folder has no UIDVALIDITY")

    async def new_uids(self, after: int) -> list[int]:
        """Return the numbers of the mails above ``after``, in order."""
        return [uid for uid in await self._search(f"UID {after + 1}:*") if uid > after]

    async def uids_since(self, day: dt.date) -> list[int]:
        """Return the numbers of the mails that came on that day or later."""
        return await self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    async def highest(self) -> int:
        """Return the number of the newest mail; 0 in an empty folder."""
        return max(await self._search("UID *"), default=0)

    async def sent_folder(self) -> str | None:
        """Return the name of the folder that holds what the account sent (RFC 6154); None where nothing says so."""
        names: list[str] = []
        for line, literals in await self.call('LIST "" "*"'):
            found = _FOLDER.match(line)
            if not found:
                continue
            name = _unquoted(found[2]) if not literals else literals[-1].decode("utf-8", "replace")
            if rb"\sent" in found[1].lower().split():
                return name
            names.append(name)
        return next((name for name in names if name.lower() in _SENT_NAMES), None)

    async def uids_of(self, mail_id: str) -> list[int]:
        """Return the numbers of the mails with this Message-ID in the open folder."""
        return await self._search(f"HEADER Message-ID {_quoted(mail_id)}")

    async def _search(self, what: str) -> list[int]:
        found: list[int] = []
        for line, _ in await self.call(f"UID SEARCH {what}"):
            if line.upper().startswith(b"* SEARCH"):
                found += [int(word) for word in line.split()[2:] if word.isdigit() and len(word) <= 10]
        return sorted(found)

    async def size_and_time(self, uid: int) -> tuple[int, str]:
        """Return a mail's size in bytes and when it came, as the server tells it."""
        for line, _ in await self.call(f"UID FETCH {uid} (RFC822.SIZE INTERNALDATE)"):
            size = re.search(rb"RFC822\.SIZE (\d{1,12})", line, re.IGNORECASE)
            at = re.search(rb'INTERNALDATE "([^"]{1,40})"', line, re.IGNORECASE)
            if size:
                return int(size[1]), at[1].decode("latin-1") if at else ""
        return 0, ""

    async def fetch(self, uid: int) -> bytes | None:
        """Return a mail's bytes; None for one that is gone meanwhile."""
        for line, literals in await self.call(f"UID FETCH {uid} (UID BODY.PEEK[])", seconds=self._timeout * 6):
            if literals and b"FETCH" in line.upper():
                return literals[0]
        return None

    async def idle(self, seconds: float) -> None:
        """Wait until the server says that something changed, at most so long. RFC 2177: less than 29 minutes."""
        tag = self._tag()
        async with asyncio.timeout(self._timeout):
            await self._send(f"{tag} IDLE")
            line = await self._line()
        if not line.startswith(b"+"):
            # It cannot: then the time itself is the poll.
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while b" EXISTS" not in (await self._line()).upper():
                    pass
        async with asyncio.timeout(self._timeout):
            await self._send("DONE")
            while not (await self._line()).startswith(tag.encode() + b" "):
                pass

    async def call(self, command: str, seconds: float | None = None) -> list[tuple[bytes, list[bytes]]]:
        """Send a command; return the untagged answers, each with its literals."""
        async with asyncio.timeout(seconds or self._timeout):
            return await self._call(command)

    async def _call(self, command: str) -> list[tuple[bytes, list[bytes]]]:
        tag = self._tag()
        await self._send(f"{tag} {command}")
        answers: list[tuple[bytes, list[bytes]]] = []
        left = LARGEST + LONGEST_LINE
        while len(answers) < MOST_LINES:
            line = whole = await self._line()
            literals: list[bytes] = []
            while found := _LITERAL.search(line):
                left -= int(found[1])
                if left < 0:
                    raise ImapError("the server sends more than a mail may have")
                literals.append(await self._reader.readexactly(int(found[1])))
                line = await self._line()
                whole += b" " + line
            if whole.startswith(tag.encode() + b" "):
                if whole.split()[1:2] != [b"OK"]:
                    raise ImapError("the server refused")
                return answers
            answers.append((whole, literals))
        raise ImapError("the server does not stop")

    def _tag(self) -> str:
        self._number += 1
        return f"A{self._number}"

    async def _send(self, text: str) -> None:
        self._writer.write(text.encode() + b"\r\n")
        await self._writer.drain()

    async def _line(self) -> bytes:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError("the server hung up") from error
        except asyncio.LimitOverrunError as error:
            raise ImapError("a line without an end") from error
        return line.rstrip(b"\r\n")


def came_at(internal_date: str) -> dt.datetime:
    """Return the instant an INTERNALDATE tells; now where it is none."""
    try:
        found = parsedate_to_datetime(internal_date.strip().replace("-", " ", 2))
    except (ValueError, TypeError):
        return clock.now()
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _unquoted(name: bytes) -> str:
    text = name.decode("utf-8", "replace")
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') and text.endswith('"') else text


def _quoted(value: object) -> str:
    text = str(value or "")
    if any(c in "\r\n\x00" for c in text):
        raise ImapError("a sign-in over several lines", is_sign_in=True)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
