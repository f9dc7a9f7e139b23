"""What the strip above a conversation says: what the assistant may do here, what it did last, and who has it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from app.ai import queries
from app.ai.gate import HOLDING
from app.kit import database
from app.kit.format import CHANNEL_PLURALS

if TYPE_CHECKING:
    from app.ai.schemas import RuleView

_KINDS = {
    "booking": "booking",
    "new_patient": "new-patient",
    "reschedule": "rescheduling",
    "cancel": "cancellation",
    "confirm": "confirmation",
    "question": "question",
    "billing": "billing",
    "thanks": "thank-you",
    "clinical": "clinical",
    "emergency": "emergency",
}
_THINGS = {**CHANNEL_PLURALS, "webchat": "web chat messages"}
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
        return f"Practice Assistant has answered here. No rule lets it answer {_THINGS[channel]} now."
    said = [
        told
        for verb, held in (("answers", False), ("sends the holding text for", True))
        if (told := _said(verb, [rule for rule in rules if (rule.intent in HOLDING) == held]))
    ]
    return f"Practice Assistant {' and '.join(said)}."


def _said(verb: str, rules: list[RuleView]) -> str:
    if not rules:
        return ""
    told, rest = [_KINDS[rule.intent] for rule in rules][:MOST_NAMED], len(rules) - MOST_NAMED
    if rest > 0:
        told.append("other" if rest > 1 else _KINDS[rules[-1].intent])
    named = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
    hours = {rule.hours for rule in rules}
    when = _HOURS[hours.pop()] if len(hours) == 1 else " at the times you set"
    return f"{verb} {named} {_THINGS[rules[0].channel]}{when}"
