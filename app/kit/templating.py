"""Jinja for pages and pushed fragments: one environment, compiled once, escaped by default.

``asset("css/app.css")`` gives the address of a file under ``static/`` (see ``static_files``), ``icon("check")`` one
glyph of the sprite.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup, escape

from app.kit import clock
from app.kit import format as words
from app.kit.static_files import STATIC, asset

TEMPLATES = STATIC.parent / "templates"
FILTERS = (
    *("clock_time", "date_time", "day_divider", "day_key", "full_time", "iso", "list_time", "short_date"),
    *("waiting_level", "waiting_minutes", "waiting_text", "week_time"),
    *("amount", "file_size", "first_name", "initials", "length_line", "person", "phone", "quoted", "words"),
)


@lru_cache(maxsize=256)
def icon(name: str, more: str = "") -> Markup:
    """Return one glyph; it says nothing to screen readers, so a word or a label stands beside it."""
    classes = escape(f"ic {more}".strip())
    return Markup(  # noqa: S704
        f'<svg class="{classes}" aria-hidden="true"><use href="{asset("vendor/icons.svg")}#{escape(name)}"></use></svg>'
    )


class _Environment(Environment):
    """Reads ``thread.contact.name`` from the dicts of event data as fast as from structs.

    Jinja tries the attribute first, which costs an exception per look-up on a dict and finds ``dict.items`` where a key
    is meant.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                # `errors.items()` and its like stay possible where no such key exists
                return getattr(obj, attribute, None) or self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def _exact(value: words.Instant) -> str:
    """Return an instant as events carry it, to the microsecond: browsers order rows by it as the database does."""
    at = words.instant(value)
    return clock.iso(at) if at else ""


def _environment() -> Environment:
    made = _Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.globals.update(
        asset=asset,
        icon=icon,
        snooze_options=words.snooze_options,
        channel_word=lambda kind: words.CHANNEL_WORDS.get(kind, "Message"),
        channel_by=lambda kind: words.CHANNEL_BY.get(kind, "message"),
        channel_plural=lambda kind: words.CHANNEL_PLURALS.get(kind, "messages"),
        intent_words=words.INTENT_WORDS,
        intent_look=words.intent_look,
        mood_words=words.MOOD_WORDS,
        stopped_by=words.stopped_by,
        sends_later=words.sends_later,
        channel_icon=lambda kind: words.CHANNEL_ICONS.get(kind, "message-square"),
    )
    made.filters["to_json"] = lambda value: msgspec.json.encode(value).decode()
    made.filters["exact"] = _exact
    for name in FILTERS:
        made.filters[name] = getattr(words, name)
    return made


ENVIRONMENT = _environment()


@lru_cache(maxsize=256)
def _template(name: str) -> Template:
    return ENVIRONMENT.get_template(name)


def render(name: str, **context: Any) -> str:
    """Render a page or a fragment."""
    return _template(name).render(context)
