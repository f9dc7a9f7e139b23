"""The prepared texts WhatsApp has approved for a number, as its provider lists them.

Meta: ``GET /{WABA}/message_templates`` with cursors (``business-messaging-api_v23.0.yaml``). Gallabox:
``GET /devapi/accounts/{account}/whatsappTemplates``, all at once (``assets/openapi.json`` at 26363b7); the account's
id is asked from its list of webhooks, because a clinic is not given it to copy. Twilio: see ``twilio_content``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import msgspec

from app.channels.adapters import twilio_content
from app.channels.adapters.base import Connection
from app.config import settings

VERSION = "v23.0"
AGENT = "orasync/1.0.0"
PAGE_SIZE, MOST_PAGES = 100, 50
LONGEST_NAME, LONGEST_LANGUAGE, LONGEST_WORD = 512, 16, 16
LARGEST = 64 * 1024
"""Bytes of one text's components; Meta's own limits stay far below."""

FAILED = (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError)
"""What a listing raises when there is no answer, or none that can be read."""


class ListRefused(Exception):
    """The provider will not list them. The text says why, for people."""


class Listed(msgspec.Struct, frozen=True):
    """One text in one language. ``components`` as the provider gives them."""

    name: str
    language: str
    category: str
    status: str
    components: list[dict[str, Any]]


async def _of_meta(connection: Connection) -> list[Listed]:
    account = str(connection.credentials.get("waba_id") or "")
    if not account.isalnum():
        raise ListRefused("The business account ID is missing. A manager can add it under Settings, Channels.")
    url = f"{settings().whatsapp_api_url}/{VERSION}/{account}/message_templates"
    headers = {"Authorization": f"Bearer {connection.credentials['access_token']}"}
    query = {"fields": "id,name,language,status,category,components", "limit": str(PAGE_SIZE)}
    found: list[Listed] = []
    for _ in range(MOST_PAGES):
        page = await _get(url, query, headers, connection.timeout)
        rows, paging = page["data"], page.get("paging") or {}
        found += _read(rows)
        if not paging.get("next"):
            return found
        # The cursor alone: host and token stay ours, whatever the ready-made address says.
        after = paging["cursors"]["after"]
        if not isinstance(after, str) or after == query.get("after"):
            break
        query["after"] = after
    raise ValueError("the list does not end")


async def _of_gallabox(connection: Connection) -> list[Listed]:
    base, told = settings().gallabox_api_url, connection.credentials
    headers = {"apiKey": str(told["api_key"]), "apiSecret": str(told["api_secret"])}
    hooks = await _get(f"{base}/devapi/webhooks", {}, headers, connection.timeout)
    accounts = {hook["accountId"] for hook in hooks if isinstance(hook, dict) and hook.get("accountId")}
    account = next(iter(accounts), "")
    if not isinstance(account, str) or not account.isalnum():
        raise ListRefused("Enter the address above in Gallabox first, then fetch the messages again.")
    rows = await _get(f"{base}/devapi/accounts/{account}/whatsappTemplates", {}, headers, connection.timeout)
    return _read(rows, told["channel_id"])


async def _of_twilio(connection: Connection) -> list[Listed]:
    query, found = {"PageSize": str(twilio_content.PAGE_SIZE)}, list[Listed]()
    for _ in range(MOST_PAGES):
        page = await _get(twilio_content.content_url(), query, twilio_content.sign_in(connection), connection.timeout)
        found += _read([twilio_content.row_of(one) for one in page["contents"]])
        following = twilio_content.next_page(page)
        if not following:
            # Of two under one name the approved one counts: it comes last and is kept.
            return sorted(found, key=lambda one: one.status == "APPROVED")
        if following == query:
            break
        query = following
    raise ValueError("the list does not end")


LISTERS: dict[str, Callable[[Connection], Awaitable[list[Listed]]]] = {
    "whatsapp_cloud": _of_meta,
    "gallabox": _of_gallabox,
    "twilio": _of_twilio,
}


async def _get(url: str, query: dict[str, str], headers: dict[str, str], seconds: float) -> Any:
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(timeout=None, trust_env=False, follow_redirects=False) as client,  # noqa: S113
    ):
        answer = await client.get(url, params=query or None, headers={**headers, "User-Agent": AGENT})
    if answer.status_code in {400, 401, 403, 404}:
        raise ListRefused(
            "WhatsApp's provider refused the clinic's sign-in details. A manager can correct them here and try again."
        )
    answer.raise_for_status()
    if not answer.is_success:
        raise ValueError(f"answered {answer.status_code}")
    return answer.json()


def _read(rows: Any, channel: str | None = None) -> list[Listed]:
    """Return what can be used of a page: a row we cannot store is left out, not the page."""
    if not isinstance(rows, list):
        raise ValueError("no list")  # noqa: TRY004 - an answer like any other that cannot be read
    found = []
    for row in rows:
        if not isinstance(row, dict) or row.get("channelId", channel) != channel:
            continue
        name, language = row.get("name"), row.get("language")
        if isinstance(language, dict):  # Gallabox's older rows: {"code": "en"}
            language = language.get("code")
        if not (isinstance(name, str) and 0 < len(name) <= LONGEST_NAME):
            continue
        if not (isinstance(language, str) and 0 < len(language) <= LONGEST_LANGUAGE):
            continue
        components = [one for one in row.get("components") or [] if isinstance(one, dict)]
        if len(msgspec.json.encode(components)) > LARGEST:
            continue
        found.append(Listed(name, language, word(row.get("category")), word(row.get("status")), components))
    return found


def word(value: Any) -> str:
    """Return a provider's word for a state or a category as we keep it: capitals, short."""
    return value.upper()[:LONGEST_WORD] if isinstance(value, str) else ""
