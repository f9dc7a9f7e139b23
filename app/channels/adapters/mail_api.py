"""Mail through a provider's own API: put together, posted once, and sorted into three outcomes."""

from __future__ import annotations

import abc
import datetime as dt
from typing import Any, ClassVar

import httpx

from app.channels.adapters.base import Connection, Outbound, Refused, Result, SentMessage
from app.channels.adapters.calling import post_once
from app.channels.adapters.mail_compose import Content, Letter, Unsendable, contents_of, letter_of
from app.channels.adapters.mail_failures import failure_text
from app.channels.adapters.sendgrid_events import ATTEMPT, MESSAGE, attempt_mark


class MailApi(abc.ABC):
    """The sending half of a channel whose provider takes mail by HTTP."""

    provider: ClassVar[str]
    """As people know it."""
    largest_files: ClassVar[int | None] = None
    """Bytes of all files of one mail, where the provider says so."""

    def __init__(self, connection: Connection, url: str, headers: dict[str, str]) -> None:
        self._url, self._post_headers = url, headers
        self._program_secret = connection.secret
        self._timeout = connection.timeout

    def failure_text(self, code: str | None) -> str:
        """Return what an error code means, in words staff can act on."""
        return failure_text(code)

    async def send(self, outbound: Outbound) -> Result:
        """Try once."""
        try:
            letter, files = letter_of(outbound), await contents_of(outbound)
        except Unsendable as error:
            return Refused("unsendable", str(error), final=True)
        if self.largest_files is not None and sum(len(file.content) for file in files) > self.largest_files:
            text = f"The files are too large for {self.provider}. Send smaller ones."
            return Refused("too_large", text, final=True)
        marks = {MESSAGE: str(outbound.message_id)}
        if outbound.token:
            marks[ATTEMPT] = attempt_mark(self._program_secret, outbound.token)
        told = self.document(letter, files, marks)
        answer = await post_once(self._url, outbound, self._timeout, json=told, headers=self._post_headers)
        return self.outcome(answer) if isinstance(answer, httpx.Response) else answer

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:  # noqa: ARG002
        """Return nothing: events tell what became of a mail, or a person decides."""
        return []

    @abc.abstractmethod
    def document(self, letter: Letter, files: list[Content], marks: dict[str, str]) -> dict[str, Any]:
        """Return the mail in the provider's words; ``marks`` come back with its events."""

    @abc.abstractmethod
    def outcome(self, answer: httpx.Response) -> Result:
        """Sort the provider's answer. A 5xx proves nothing: neither that it was taken nor that it was not."""
