"""A local mail server with moods: what it accepted it remembers before it answers.

Moods, one a mail (the next one takes it off the queue):
    ok          250
    450 / 550   refuses the recipient with this code        452-data / 554-data  refuses the mail after it was sent
    drop        accepts, then hangs up without an answer     slow     accepts, and answers too late
    gone        hangs up when the recipient is named
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.stand_in import StandIn

USER, PASSWORD = "clinic", "mail-password-0123"
SLOW_SECONDS = 20.0


class SmtpServer(StandIn):
    """Runs in a thread of its own. With ``tls`` it wants encryption first: STARTTLS, or ``implicit``."""

    def __init__(
        self, tls: ssl.SSLContext | None = None, *, implicit: bool = False, utf8: bool = True, sign_in: bool = True
    ) -> None:
        self.moods: list[str] = []
        self.accepted: list[Envelope] = []
        self.signed_in = 0
        self._utf8, self._tls, self._implicit, self._sign_in = utf8, tls, implicit, sign_in
        super().__init__()

    async def listen(self) -> asyncio.Server:
        return await self.loop.create_server(self.make, "127.0.0.1", 0, ssl=self._tls if self._implicit else None)

    def make(self) -> SMTP:
        return SMTP(
            self,
            enable_SMTPUTF8=self._utf8,
            hostname="localhost",
            tls_context=None if self._implicit else self._tls,
            require_starttls=self._tls is not None and not self._implicit,
            authenticator=self._authenticate if self._sign_in else None,
            auth_required=self._sign_in,
            auth_require_tls=self._tls is not None and not self._implicit,
            ident="Test",
            loop=self.loop,
        )

    def _authenticate(self, _server: Any, _session: Session, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
        fits = isinstance(told, LoginPassword) and (told.login, told.password) == (USER.encode(), PASSWORD.encode())
        self.signed_in += fits
        return AuthResult(success=fits, handled=False)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        mood = self.moods[0] if self.moods else "ok"
        if mood in {"450", "550"}:
            self.moods.pop(0)
            return {"450": "450 4.2.2 The mailbox is full", "550": "550 5.1.1 No such user here"}[mood]
        if mood == "gone":
            self.moods.pop(0)
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        mood = self.moods.pop(0) if self.moods else "ok"
        if mood.endswith("-data"):
            return {"452-data": "452 4.3.1 Try later", "554-data": "554 5.7.1 Looks like spam"}[mood]
        self.accepted.append(envelope)
        if mood == "drop":
            server.transport.abort()
        if mood == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        return "250 2.0.0 Taken"
