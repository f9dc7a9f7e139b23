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
_HIDDEN = frozenset({"password", "token", "cookie", "authorization", "body", "credentials", "secret", "phone", "email"})


def hide_secrets(_logger: Any, _method: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Take out what must not reach a log, whoever put it in."""
    for key, value in entry.items():
        if key in _HIDDEN:
            entry[key] = "***"
        elif isinstance(value, str):
            entry[key] = _SECRETS.sub("***", value)
    return entry


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
    last = structlog.processors.JSONRenderer() if told.log_format == "json" else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True)
