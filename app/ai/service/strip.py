"""What the strip above a conversation says: whether the assistant may answer here, and who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.ai import queries
from app.kit import database
from app.kit.format import CHANNEL_PLURALS, INTENT_WORDS

if TYPE_CHECKING:
    from uuid import UUID

    from app.ai.schemas import RuleView

_HOURS = {"always": "", "open": " while you are open", "closed": " after hours"}
MOST_NAMED = 3


class Strip(msgspec.Struct, frozen=True):
    """One line, and whether people have the conversation."""

    text: str
    taken_over: bool


async def strip_of(clinic_id: UUID, thread_id: UUID, channel: str) -> Strip | None:
    """Return the strip; none where no rule lets the assistant answer on this channel."""
    async with database.reading(clinic_id):
        known = await queries.list_rules(clinic_id)
        rules = [rule for rule in known if (rule.channel, rule.mode) == (channel, "answer")]
        if not rules:
            return None
        taken = await queries.is_taken_over(clinic_id, thread_id)
    if taken:
        return Strip("Your team has this conversation. The assistant is silent here.", taken_over=True)
    return Strip(f"Practice Assistant answers {_named(rules)} by itself{_when(rules)}.", taken_over=False)


def _named(rules: list[RuleView]) -> str:
    words = [f"“{INTENT_WORDS[rule.intent]}”" for rule in rules]
    told = ", ".join(words[:MOST_NAMED]) + (f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else "")
    return f"{told} in {CHANNEL_PLURALS[rules[0].channel]}"


def _when(rules: list[RuleView]) -> str:
    hours = {rule.hours for rule in rules}
    return _HOURS[hours.pop()] if len(hours) == 1 else " at the times you set"
