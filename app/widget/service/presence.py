"""Whether a visitor is on the site, and who of them is forgotten."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import structlog

from app.inbox.service import VISIT_ENDS
from app.kit import clock, database

if TYPE_CHECKING:
    from app.widget.service.visiting import Visitor

log = structlog.get_logger()

HERE_SECONDS = 90
SILENT_DAYS, AWAY_DAYS = 30, 365
"""A key that never wrote is forgotten after so many days, any other when its owner has stayed away for so many.

Their browser then begins a new chat. What was written stays with the conversation.
"""
AT_ONCE, MOST_ROUNDS = 1_000, 100


async def note_presence(visitor: Visitor) -> None:
    """Write down that a visitor is on the site now."""
    async with database.transaction(visitor.clinic_id) as connection:
        await connection.execute(
            "update visitor set seen_at = $3 where clinic_id = $1 and id = $2",
            visitor.clinic_id,
            visitor.id,
            clock.now(),
        )


def left_since(seen: dt.datetime | None) -> dt.datetime | None:
    """Return when somebody left who was last seen then, if that is more than five minutes ago."""
    return seen if seen is not None and clock.now() - seen > VISIT_ENDS else None


def seen_words(seen: dt.datetime) -> str:
    """Return whether somebody is there, as far as was written down: a page says it is there every minute."""
    seconds = int((clock.now() - seen).total_seconds())
    if seconds < HERE_SECONDS:
        return "Here now"
    for unit, words in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if (count := seconds // unit) >= 1:
            return f"Left {count} {'days' if words == 'day' and count > 1 else words} ago"
    return "Left just now"


async def prune() -> int:
    """Forget visitors nobody will hear of again (see ``SILENT_DAYS``); returns how many."""
    silent, away = dt.timedelta(days=SILENT_DAYS), dt.timedelta(days=AWAY_DAYS)
    count = 0
    for _ in range(MOST_ROUNDS):
        gone: int = await database.fetchval("select prune_visitors($1, $2, $3)", silent, away, AT_ONCE)
        count += gone
        if gone < AT_ONCE:
            break
    if count:
        log.info("visitors.pruned", visitors=count)
    return count
