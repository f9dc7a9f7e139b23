"""Trying the assistant on a text: what it would read, do and write. Nothing is kept and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from app.ai import queries
from app.ai.adapters.templates import Blanks, language_of, write_reply
from app.ai.gate import WORDS, Case, judge
from app.ai.labels import Text, Triage
from app.ai.schemas import RuleView
from app.ai.service.triage import LONGEST, classifier
from app.clinics.service import get_clinic, is_open
from app.kit import clock, database

if TYPE_CHECKING:
    from uuid import UUID

    from app.ai.schemas import ChannelName


class Trial(msgspec.Struct, frozen=True):
    """What would happen. ``against``: in words, why nothing would be sent by itself."""

    reading: Triage
    rule: RuleView
    may_send: bool
    may_hold: bool
    against: list[str]
    reply: str


async def try_out(clinic_id: UUID, channel: ChannelName, text: str) -> Trial:
    """Read a text as if a patient had just written it on this channel."""
    clinic, now = await get_clinic(clinic_id), clock.now()
    local = now.astimezone(ZoneInfo(clinic.timezone)).replace(tzinfo=None)
    reading = (await classifier().classify([Text(channel=channel, text=text[:LONGEST], received_at=local)]))[0]
    async with database.reading(clinic_id):
        rule = await queries.find_rule(clinic_id, channel, reading.intent)
        settings = await queries.get_assistant(clinic_id)
    rule = rule or RuleView(channel=channel, intent=reading.intent)
    ruling = judge(
        Case(
            rule=rule.mode,
            intent=reading.intent,
            confidence=reading.confidence,
            urgent=reading.urgent,
            escalate=reading.escalate,
            is_in_hours=rule.hours == "always" or is_open(clinic, now) == (rule.hours == "open"),
        )
    )
    blanks = Blanks(name="Maria", clinic=clinic.name, phone=clinic.phone, emergency_line=settings.emergency_line)
    alone = ruling.may_send or ruling.may_hold
    reply = write_reply(reading.intent, blanks, language=language_of(text), tone=settings.tone, alone=alone)
    return Trial(reading, rule, ruling.may_send, ruling.may_hold, [WORDS[one] for one in ruling.against], reply)
