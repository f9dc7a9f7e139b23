"""A tiny IMAP server over TLS for one mailbox: mails can be added while somebody waits, and it can misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from datetime import UTC, datetime

from tests.support.stand_in import StreamStandIn

USER, PASSWORD = "clinic", "mail-password-0123"


class ImapServer(StreamStandIn):
    """Runs in a thread of its own. ``lie``: tells a size that is not the mail's and sends that many bytes."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.validity, self.mails = 1, dict[int, bytes]()
        self.fetched: list[int] = []
        self.sign_ins = 0
        self.lie = 0
        self.can_idle = True
        self._tls = tls
        self._waiting: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.StreamWriter] = set()
        super().__init__()

    def add(self, mail: bytes, uid: int | None = None) -> None:
        """Put a mail into the mailbox and tell who waits."""
        self.loop.call_soon_threadsafe(self._add, mail, uid)

    def _add(self, mail: bytes, uid: int | None) -> None:
        self.mails[uid or max(self.mails, default=0) + 1] = mail
        for writer in self._waiting:
            writer.write(b"* %d EXISTS\r\n" % len(self.mails))

    def hang_up(self) -> None:
        """Cut every connection."""
        self.loop.call_soon_threadsafe(lambda: [writer.close() for writer in set(self._open)])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, OSError, ssl.SSLError):
            writer.write(b"* OK ready\r\n")
            while True:
                line = (await reader.readuntil(b"\r\n")).decode().rstrip()
                tag, _, command = line.partition(" ")
                if command == "STARTTLS":
                    writer.write(f"{tag} OK begin\r\n".encode())
                    await writer.drain()
                    await writer.start_tls(self._tls)
                    continue
                if command == "IDLE" and self.can_idle:
                    writer.write(b"+ idling\r\n")
                    self._waiting.add(writer)
                    await reader.readuntil(b"DONE\r\n")
                    self._waiting.discard(writer)
                    writer.write(f"{tag} OK\r\n".encode())
                    continue
                self._answer(writer, tag, command)
                await writer.drain()
        self._waiting.discard(writer)
        self._open.discard(writer)
        writer.close()

    def _answer(self, writer: asyncio.StreamWriter, tag: str, command: str) -> None:
        word = "OK"
        if command.startswith("LOGIN"):
            fits = command == f'LOGIN "{USER}" "{PASSWORD}"'
            self.sign_ins += fits
            word = "OK" if fits else "NO"
        elif command.startswith("EXAMINE"):
            writer.write(b"* OK [UIDVALIDITY %d] valid\r\n" % self.validity)
        elif found := re.fullmatch(r"UID SEARCH UID (\d+):\*", command):
            # As the standard wants it: the last mail is always in the range.
            uids = {uid for uid in self.mails if uid >= int(found[1])} | {max(self.mails, default=0)} - {0}
            writer.write(b"* SEARCH " + " ".join(map(str, sorted(uids))).encode() + b"\r\n")
        elif command.startswith("UID SEARCH"):
            writer.write(b"* SEARCH " + " ".join(map(str, self.mails)).encode() + b"\r\n")
        elif found := re.fullmatch(r"UID FETCH (\d+) \((.*)\)", command):
            self._fetch(writer, int(found[1]), found[2])
        else:
            word = "BAD"
        writer.write(f"{tag} {word} done\r\n".encode())

    def _fetch(self, writer: asyncio.StreamWriter, uid: int, what: str) -> None:
        mail = self.mails[uid]
        if what.startswith("RFC822.SIZE"):
            at = datetime.now(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
            writer.write(f'* 1 FETCH (UID {uid} RFC822.SIZE {len(mail)} INTERNALDATE "{at}")\r\n'.encode())
            return
        assert "BODY.PEEK[]" in what
        self.fetched.append(uid)
        size = self.lie or len(mail)
        writer.write(f"* 1 FETCH (UID {uid} BODY[] {{{size}}}\r\n".encode() + mail + b")\r\n")
