"""Mail through the clinic's own server.

Three outcomes (reliability section 2): what the server refuses before it has the mail was certainly not taken; its 250
after the mail is acceptance; a connection that ends in between proves nothing. A 4yz may pass, a 5yz will not. The
Message-ID comes from the message's row, so that a mail that a person sends again is recognised as the same one.
Port 465 is encrypted from the start, every other by STARTTLS; certificates are checked.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from typing import TYPE_CHECKING, Any

import aiosmtplib
import structlog

from app.channels.adapters.base import (
    Accepted,
    Connection,
    Delivery,
    Headers,
    InboundMessage,
    Outbound,
    Refused,
    Result,
    SentMessage,
    Unknown,
)
from app.channels.adapters.mail_compose import Letter, Unsendable, contents_of, letter_of, mime_bytes
from app.channels.adapters.mail_failures import (
    AWAY,
    BUSY,
    LATE,
    NO_TLS,
    NOT_TRUSTED,
    SIGN_IN,
    blames_channel,
    enhanced,
    failure_text,
)
from app.channels.adapters.mail_headers import provider_id
from app.channels.adapters.smtp_pool import pool_of
from app.kit import clock
from app.kit.errors import NotFound

if TYPE_CHECKING:
    import datetime as dt

log = structlog.get_logger()

IMPLICIT_TLS = 465


@cache
def checked_tls() -> ssl.SSLContext:
    """Return what connections to strangers' servers are made with: certificates and names are checked."""
    return ssl.create_default_context()


class SmtpAdapter:
    """One mailbox of a clinic on its own server. ``ssl_context`` is for tests, whose servers nobody vouches for."""

    def __init__(self, connection: Connection, ssl_context: ssl.SSLContext | None = None) -> None:
        told = connection.credentials
        self._host, self._port = str(told["host"]), int(told["port"])
        self._user, self._password = str(told.get("user") or ""), str(told.get("password") or "")
        self._must_encrypt = bool(told.get("tls", True))
        self._timeout = connection.timeout
        self._domain = connection.address.partition("@")[2]
        self._ssl = ssl_context
        self._channel_id = connection.channel_id

    def failure_text(self, code: str | None) -> str:
        """Return what an error code means, in words staff can act on."""
        return failure_text(code)

    # -- out

    async def send(self, outbound: Outbound) -> Result:
        """Try once."""
        try:
            letter = letter_of(outbound)
            mail = mime_bytes(letter, await contents_of(outbound), clock.now())
        except Unsendable as error:
            return Refused("unsendable", str(error), final=True)
        attempt = _Attempt()
        left = min(self._timeout, (outbound.expires_at - clock.now()).total_seconds())
        try:
            async with asyncio.timeout(left):
                return await self._hand_over(letter, mail, outbound.expires_at, attempt)
        except aiosmtplib.SMTPResponseException as error:
            return _refusal(error)
        except ssl.SSLCertVerificationError:
            return Refused("certificate", NOT_TRUSTED, final=True, blames_channel=True)
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError, TimeoutError) as error:
            return self._no_answer(error, attempt)

    async def _hand_over(self, letter: Letter, mail: bytes, expires_at: dt.datetime, attempt: _Attempt) -> Result:
        key = (self._host, self._port, self._user, self._password, self._must_encrypt)
        async with pool_of(self._channel_id, key, self._open).connection() as client:
            options = []
            if not (letter.to + letter.sender).isascii():
                if not client.supports_extension("smtputf8"):
                    return Refused(
                        "smtputf8",
                        "The clinic's mail server cannot write to addresses with letters beyond a to z.",
                        final=True,
                    )
                options = ["SMTPUTF8", "BODY=8BITMIME"]
            encoding = "utf-8" if options else "ascii"
            await client.mail(letter.sender, options=options, encoding=encoding)
            await client.rcpt(letter.to, encoding=encoding)
            # The last moment: a process that was frozen must not send what nobody waits for.
            if clock.now() >= expires_at:
                await client.rset()
                return Refused("late", LATE, final=False)
            attempt.written = True
            await client.data(mail)
        return Accepted(provider_id(letter.mail_id))

    def _no_answer(self, error: Exception, attempt: _Attempt) -> Result:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ssl.SSLCertVerificationError) and not attempt.written:
            return Refused("certificate", NOT_TRUSTED, final=True, blames_channel=True)
        name = type(error).__name__
        log.warning("smtp.no_answer", host=self._host, error=name, written=attempt.written)
        if attempt.written:
            return Unknown(f"no answer ({name})")
        if isinstance(error, aiosmtplib.SMTPNotSupported):
            return Refused("no_tls", NO_TLS, final=True, blames_channel=True)
        return Refused("unreachable", AWAY, final=False)

    async def _open(self) -> aiosmtplib.SMTP:
        """Connect and sign in. What it raises is sorted by ``send``."""
        implicit = self._must_encrypt and self._port == IMPLICIT_TLS
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=implicit,
            start_tls=False,
            tls_context=self._ssl or checked_tls(),
            local_hostname=self._domain if self._domain.isascii() and self._domain else "localhost",
            timeout=self._timeout,
        )
        await client.connect()
        try:
            if not implicit:
                await self._encrypt(client)
            if self._user:
                await client.login(self._user, self._password)
        except BaseException:
            client.close()
            raise
        return client

    async def _encrypt(self, client: aiosmtplib.SMTP) -> None:
        """Use STARTTLS; where the clinic does not insist on encryption, only if the server offers it."""
        await client.ehlo()
        if client.supports_extension("starttls"):
            await client.starttls()
        elif self._must_encrypt:
            raise aiosmtplib.SMTPNotSupported("no STARTTLS")

    # -- evidence

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:  # noqa: ARG002
        """Return nothing: a server that only takes mail keeps no list. A person decides."""
        return []

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:  # noqa: ARG002
        """Return nothing: the mailbox itself is read all the time (``mailbox``)."""
        return []

    def receive(self, suffix: str, query: bytes, headers: Headers, body: bytes) -> Delivery:  # noqa: ARG002
        """Refuse: nothing is delivered to a mailbox by a call."""
        raise NotFound("No channel has this address.")


class _Attempt:
    """Whether the server may have the mail."""

    written = False


def _refusal(error: aiosmtplib.SMTPResponseException) -> Refused:
    """Sort a server's refusal: it has not taken the mail, whatever it says, also after DATA."""
    code = enhanced(error.code, error.message)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) and error.code >= 500:
        return Refused(code, SIGN_IN, final=True, blames_channel=True)
    if error.code < 500:
        return Refused(code, BUSY, final=False)
    text = failure_text(code)
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return Refused(code, text, final=True, blames_channel=True)
    return Refused(code, text, final=True, blames_channel=blames_channel(code))


def imap_of(credentials: dict[str, Any]) -> dict[str, Any] | None:
    """Return the mailbox to read, where the clinic gave one."""
    found = credentials.get("imap")
    return found if isinstance(found, dict) and found.get("host") else None
