"""Logs: structured, one line a request, never a body, a query string, a cookie or a token."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from app.config import Settings

_SECRETS = re.compile(r"(ok_[A-Za-z0-9_-]{8,}|Bearer\s+\S+|SK[0-9a-f]{32}|(?<=:)[^:@/\s]+(?=@))")
# What PostgreSQL adds to its errors quotes the row: names, addresses, texts.
_DETAILS = re.compile(r"^(?:DETAIL|CONTEXT|HINT|QUERY|STATEMENT):.*\n?", re.MULTILINE)
_HIDDEN = frozenset({"password", "token", "cookie", "authorization", "body", "credentials", "secret", "phone", "email"})


def hide_secrets(_logger: Any, _method: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Take out what must not reach a log, whoever put it in."""
    for key, value in entry.items():
        if key in _HIDDEN:
            entry[key] = "***"
        elif isinstance(value, str):
            entry[key] = clean(value)
    return entry


def clean(text: str) -> str:
    """Return a text without keys, passwords in addresses, and the rows that database errors quote."""
    return _SECRETS.sub("***", _DETAILS.sub("", text))


class _Clean(logging.Formatter):
    """The standard library's lines (uvicorn, SAQ, asyncio) go through the same sieve."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


def configure_logs(told: Settings) -> None:
    """Set up structlog and the standard library's logging alike."""
    level = logging.getLevelName(told.log_level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    last = (
        structlog.processors.JSONRenderer()
        if told.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Clean("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
