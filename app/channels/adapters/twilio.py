"""Twilio: texts and WhatsApp over its Messages resource.

Sending is one POST without an idempotency key, so a send is tried once and sorted into three outcomes: certainly taken,
certainly not taken, unknown (reliability section 2). Certain "not taken" needs proof: the connection was never made, or
nothing was written to it, or Twilio said so in its own error document. A 5xx page of some gateway proves nothing.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from base64 import b64encode
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog

from app.channels.adapters.base import (
    Accepted,
    Attachment,
    InboundMessage,
    Kind,
    Outbound,
    Refused,
    Result,
    SentMessage,
    Unknown,
)
from app.channels.adapters.calling import Attempt, Late, document, post_parts, retry_after
from app.channels.adapters.calling import client as _client
from app.channels.adapters.failures import blames_channel, failure_text
from app.channels.adapters.twilio_wire import STATUSES, TwilioWire
from app.channels.opt_out import opt_out_word
from app.kit import clock

log = structlog.get_logger()

PAGE_SIZE = 100
MOST_PAGES = 50
_SLOW_DOWN = {"20429", "21611"}
_LOCAL = {"localhost", "127.0.0.1", "::1"}


class TwilioAdapter(TwilioWire):
    """One Twilio number."""

    def __init__(
        self,
        *,
        webhook_url: str,
        auth_token: str,
        account_sid: str,
        kind: Kind,
        address: str,
        secret: str,
        api_url: str,
        timeout: float,
    ) -> None:
        super().__init__(
            webhook_url=webhook_url,
            auth_token=auth_token,
            account_sid=account_sid,
            kind=kind,
            address=address,
            secret=secret,
        )
        self._api_url = api_url
        self._messages_url = f"{api_url}/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._auth = httpx.BasicAuth(account_sid, auth_token)
        self._basic = "Basic " + b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._timeout = timeout
        # Twilio refuses a callback address that it cannot reach; without one, the message is still sent.
        self._wants_callbacks = urlsplit(webhook_url).hostname not in _LOCAL or urlsplit(api_url).hostname in _LOCAL

    async def media_url(self, reference: str) -> tuple[str, dict[str, str]]:
        """Return a file's address and our sign-in for it; see ``MediaSource``. Strangers' hosts get no sign-in."""
        parts = urlsplit(reference)
        own = urlsplit(self._api_url)
        if (parts.scheme, parts.hostname, parts.port) != (own.scheme, own.hostname, own.port):
            return reference, {}
        return reference, {"Authorization": self._basic}

    def failure_text(self, code: str | None) -> str:
        """Return what an error code means, in words staff can act on."""
        return failure_text(code)

    # -- out

    async def send(self, outbound: Outbound) -> Result:
        """Try once. A text takes all its files along; by WhatsApp each file is a message of its own."""
        told: dict[str, Any] = {"To": self._prefix + outbound.to, "From": self._prefix + outbound.from_}
        if self._wants_callbacks and outbound.token:
            told["StatusCallback"] = self.callback_url(outbound.token)

        async def post(part: dict[str, Any]) -> Result:
            return await self._post({**told, **part}, outbound)

        return await post_parts(self._parts(outbound), outbound, post)

    def _parts(self, outbound: Outbound) -> list[dict[str, Any]]:
        urls, template = outbound.media_urls, outbound.details.template or {}
        if sid := template.get("content_sid"):
            values = template.get("values") or {}
            variables = {"ContentVariables": msgspec.json.encode(values).decode()} if values else {}
            return [{"ContentSid": sid, **variables}]
        if self._kind != "whatsapp" or len(urls) < 2:
            return [{"Body": outbound.body, **({"MediaUrl": urls} if urls else {})}]
        return [{"Body": outbound.body, "MediaUrl": urls[0]}, *({"MediaUrl": url} for url in urls[1:])]

    async def _post(self, form: dict[str, Any], outbound: Outbound) -> Result:
        attempt = Attempt(outbound.expires_at)
        left = min(self._timeout, (outbound.expires_at - clock.now()).total_seconds())

        try:
            async with asyncio.timeout(left):
                answer = await _client().post(
                    self._messages_url, data=form, auth=self._auth, extensions={"trace": attempt.watch}
                )
        except Late:
            return Refused("late", "It took too long to get to the provider. It will be tried again.", final=False)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            return self._no_answer(error, written=attempt.written)
        return _outcome(answer)

    def _no_answer(self, error: Exception, *, written: bool) -> Result:
        name = type(error).__name__
        log.warning("twilio.no_answer", error=name, written=written)
        if written:
            return Unknown(f"no answer ({name})")
        return Refused("unreachable", "The text provider cannot be reached. It will be tried again.", final=False)

    # -- evidence

    async def find_sent(self, to: str, since: dt.datetime, body: str) -> list[SentMessage]:
        """Return this text's messages in the account's list; see ``Adapter.find_sent``."""
        query = {"To": self._prefix + to, "From": self._prefix + self._address, "PageSize": str(PAGE_SIZE)}
        rows = await self._list({**query, "DateSent>": f"{since:%Y-%m-%d}"})
        found = self._matching(rows, since, body)
        if not found:
            # What waits at Twilio has no date of sending yet: look at the newest whatever their date.
            found = self._matching(await self._list(query), since, body)
        return found

    def _matching(self, rows: list[dict[str, Any]], since: dt.datetime, body: str) -> list[SentMessage]:
        earliest = since.replace(microsecond=0) - dt.timedelta(seconds=1)  # Twilio tells whole seconds
        found = []
        for row in rows:
            created = parsedate_to_datetime(row["date_created"])
            if not str(row.get("direction", "")).startswith("outbound") or created < earliest:
                continue
            if row.get("from") != self._prefix + self._address or (row.get("body") or "").strip() != body.strip():
                continue
            code = row.get("error_code")
            found.append(
                SentMessage(
                    provider_id=row["sid"],
                    at=created,
                    status=STATUSES.get(row["status"], "queued"),
                    error_code=str(code) if code else None,
                )
            )
        return sorted(found, key=lambda sent: sent.at)

    async def find_received(self, since: dt.datetime) -> list[InboundMessage]:
        """Return what patients sent to this number since then; see ``Adapter.find_received``."""
        query = {"To": self._prefix + self._address, "DateSent>": f"{since:%Y-%m-%d}", "PageSize": str(PAGE_SIZE)}
        rows = await self._list(query, most=MOST_PAGES)
        found = [
            InboundMessage(
                provider_id=row["sid"],
                from_address=row["from"].removeprefix(self._prefix),
                to_address=self._address,
                body=row.get("body") or "",
                raw=msgspec.json.encode(row).decode(),
                attachments=await self._files(row),
                opt_out=opt_out_word(row.get("body") or "", None),
            )
            for row in rows
            if row.get("direction") == "inbound" and parsedate_to_datetime(row["date_created"]) >= since
        ]
        return found[::-1]  # the list is newest first

    async def _files(self, row: dict[str, Any]) -> list[Attachment]:
        if str(row.get("num_media", "0")) == "0":
            return []
        base = self._messages_url.removesuffix(".json")
        found = await self._get(f"{base}/{row['sid']}/Media.json", {})
        return [
            Attachment(f"{base}/{row['sid']}/Media/{one['sid']}", one["content_type"]) for one in found["media_list"]
        ]

    async def _list(self, query: dict[str, str], most: int = 1) -> list[dict[str, Any]]:
        """Return the rows of at most ``most`` pages, newest first."""
        page = await self._get(self._messages_url, query)
        rows: list[dict[str, Any]] = page["messages"]
        for _ in range(most - 1):
            if not page.get("next_page_uri"):
                break
            # Only the path: the host is ours to choose, whatever an answer says.
            page = await self._get(
                self._api_url + urlsplit(page["next_page_uri"])._replace(scheme="", netloc="").geturl(), {}
            )
            rows += page["messages"]
        return rows

    async def _get(self, url: str, query: dict[str, str]) -> dict[str, Any]:
        async with asyncio.timeout(self._timeout):
            answer = await _client().get(url, params=query or None, auth=self._auth)
        answer.raise_for_status()
        return answer.json()


def _outcome(answer: httpx.Response) -> Result:  # noqa: PLR0911 - one return an outcome reads best
    """Sort Twilio's answer."""
    told = document(answer)
    if answer.is_success:
        sid = told.get("sid")
        return Accepted(sid) if isinstance(sid, str) and sid else Unknown("accepted without an id")
    status = answer.status_code
    code = str(told["code"]) if told.get("code") else str(status)
    if status == 429 or code in _SLOW_DOWN:
        return Refused(code, failure_text("20429"), final=False, retry_after=retry_after(answer))
    if status >= 500:
        # Only Twilio's own error document says that nothing was taken; a gateway's page does not.
        if status == 503 and told.get("code"):
            text = "The text provider is not available at the moment. It will be tried again."
            return Refused(code, text, final=False, retry_after=retry_after(answer))
        return Unknown(f"answered {status}")
    if status in {408, 409} or status < 400:
        return Unknown(f"answered {status}")
    if status == 401 or (status == 403 and not told.get("code")):
        return Refused(code, failure_text("20003"), final=True, blames_channel=True)
    if status == 404 and not told.get("code"):
        return Refused("20404", failure_text("20404"), final=True, blames_channel=True)
    return Refused(code, failure_text(code), final=True, blames_channel=blames_channel(code))
