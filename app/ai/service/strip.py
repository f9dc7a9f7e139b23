"""What the strip above a conversation says: what the assistant may do here, what it did last, and who has it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from app.ai import queries
from app.kit import database
from app.kit.format import CHANNEL_PLURALS, INTENT_WORDS

if TYPE_CHECKING:
    from app.ai.schemas import RuleView

_HOURS = {"always": "", "open": " while you are open", "closed": " after hours"}
MOST_NAMED = 3


class Strip(msgspec.Struct, frozen=True):
    """One line, whether people have the conversation, and the assistant's newest answer here."""

    text: str
    taken_over: bool
    answer_id: UUID | None = None
    answered_at: dt.datetime | None = None


async def strip_of(clinic_id: UUID, thread_id: UUID, channel: str) -> Strip | None:
    """Return the strip; none where the assistant has not answered and no rule lets it."""
    async with database.reading(clinic_id):
        known = await queries.list_rules(clinic_id)
        rules = [rule for rule in known if (rule.channel, rule.mode) == (channel, "answer")]
        here = await queries.find_happened(clinic_id, thread_id)
        if not rules and here["answer_id"] is None:
            return None
        taken = await queries.is_taken_over(clinic_id, thread_id)
    return Strip(_text(rules, here["taken_by"], channel, taken=taken), taken, here["answer_id"], here["answered_at"])


def _text(rules: list[RuleView], taken_by: str, channel: str, *, taken: bool) -> str:
    if taken:
        return f"{taken_by or 'Your team'} has this conversation. The assistant is silent here."
    if not rules:
        return f"Practice Assistant has answered here. No rule lets it answer {CHANNEL_PLURALS[channel]} now."
    return f"Practice Assistant answers {_named(rules)}{_when(rules)}."


def _named(rules: list[RuleView]) -> str:
    words = [f"“{INTENT_WORDS[rule.intent]}”" for rule in rules]
    told, rest = words[:MOST_NAMED], len(words) - MOST_NAMED
    if rest > 0:
        told.append(f"{rest} more")
    named = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
    return f"{named} in {CHANNEL_PLURALS[rules[0].channel]}"


def _when(rules: list[RuleView]) -> str:
    hours = {rule.hours for rule in rules}
    return _HOURS[hours.pop()] if len(hours) == 1 else " at the times you set"
