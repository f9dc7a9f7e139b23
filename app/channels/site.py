"""What a clinic chooses for a channel.

For the chat on its site: where it may stand, how it looks, what it asks. For a number: who answers STOP, START, HELP.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from app.kit.errors import Invalid

MOST_SITES = 20
BRAND = "#0b6a65"
_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL = {"localhost", "127.0.0.1"}


class WebchatSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Settings of a web chat. ``sites`` are origins (``https://www.example.com``); empty texts mean our own words."""

    sites: Annotated[list[Annotated[str, Meta(max_length=300)]], Meta(max_length=MOST_SITES)] = []
    title: Annotated[str, Meta(max_length=60)] = ""
    greeting: Annotated[str, Meta(max_length=300)] = ""
    color: Annotated[str, Meta(pattern="^(#[0-9a-fA-F]{6})?$")] = ""
    ask: Literal["either", "phone", "email"] = "either"
    reply_time: Annotated[str, Meta(max_length=60)] = ""


class NumberSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Settings of a number. Null: as its provider usually does (``answers_words``)."""

    answered_by_provider: bool | None = None


SETTINGS: dict[str, type[msgspec.Struct]] = {
    "webchat": WebchatSettings,
    "sms": NumberSettings,
    "whatsapp": NumberSettings,
}
"""What each kind of channel can be set to; a kind that is not here has nothing to choose."""


def shown_settings(kind: str, provider: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a channel's settings that people choose, with what holds where they have not."""
    shown = _chosen(kind, kept)
    if SETTINGS.get(kind) is NumberSettings:
        shown["answered_by_provider"] = answers_words(kind, provider, kept)
    return shown


def _chosen(kind: str, kept: dict[str, Any]) -> dict[str, Any]:
    known = SETTINGS.get(kind)
    names = {field.name for field in msgspec.structs.fields(known)} if known else set()
    return {name: value for name, value in kept.items() if name in names}


def answers_words(kind: str, provider: str, kept: dict[str, Any]) -> bool:
    """Say whether the provider itself answers STOP, START and HELP.

    Twilio does for texts unless that is switched off there; for WhatsApp nobody does (Twilio only with its Advanced
    Opt-Out, and then says so with each message).
    """
    chosen: bool | None = kept.get("answered_by_provider")
    return (kind, provider) == ("sms", "twilio") if chosen is None else chosen


def check_settings(kind: str, kept: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return what to store: what was given in its right form, what was left out as it stood. Raises ``Invalid``."""
    shape = SETTINGS.get(kind)
    if shape is None:
        if given:
            raise Invalid.field("settings", "This kind of channel has nothing to choose.")
        return {}
    try:
        wanted = msgspec.convert({**_chosen(kind, kept), **given}, shape)
    except msgspec.ValidationError as error:
        named = re.search(r"\$\.(\w+)|field `(\w+)`", str(error))
        key = next((part for part in named.groups() if part), "") if named else ""
        raise Invalid.field(f"settings.{key}" if key else "settings", "This does not look right.") from error
    if isinstance(wanted, WebchatSettings):
        wanted.sites = list(dict.fromkeys(parse_site(site) for site in wanted.sites if site.strip()))
        wanted.title, wanted.greeting, wanted.reply_time = (
            " ".join(text.split()) for text in (wanted.title, wanted.greeting, wanted.reply_time)
        )
    checked: dict[str, Any] = msgspec.to_builtins(wanted)
    return checked


def parse_site(text: str) -> str:
    """Return the origin of a site as people write it; ``https`` unless they say otherwise. Raises ``Invalid``."""
    given = text.strip().lower()
    wrong = Invalid.field("settings.sites", f"“{text.strip()[:60]}” is not a site. Write it as www.your-clinic.com.")
    try:
        parts = urlsplit(given if "://" in given else f"https://{given}")
        host, port = parts.hostname or "", parts.port
        host = host if host.startswith("*.") else host.encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise wrong from error
    local = host in _LOCAL
    # Plain http can be changed on its way, and with it the page the chat stands on.
    if parts.scheme not in ({"https", "http"} if local else {"https"}) or parts.username is not None:
        raise wrong
    if not _HOST.fullmatch(host) or len(host) > 253 or not (local or "." in host.removeprefix("*.")):
        raise wrong
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def sites_of(address: str, kept: dict[str, Any]) -> list[str]:
    """Return the origins a chat may stand on: those chosen, else the site it is named after, with and without www."""
    chosen: list[str] = kept.get("sites") or []
    if chosen:
        return chosen
    try:
        site = parse_site(address)
    except Invalid:
        return []
    scheme, _, host = site.partition("://")
    return [site] if host.split(":")[0] in _LOCAL else [site, f"{scheme}://{_other_name(host)}"]


def _other_name(host: str) -> str:
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
