"""Trying the assistant on a text: what it would read, do and write. Nothing is kept and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from app.ai import queries
from app.ai.adapters.templates import language_of
from app.ai.gate import WORDS, Case, judge
from app.ai.knowledge_schemas import FactUsed
from app.ai.labels import Text, Triage
from app.ai.schemas import RuleView
from app.ai.service.drafting import Talk, write_draft
from app.ai.service.triage import LONGEST, classifier
from app.ai.service.writing import names_of
from app.clinics.service import get_clinic, is_open
from app.inbox.schemas import Author, MessageView, ThreadContact, ThreadView
from app.kit import clock, database
from app.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from app.ai.schemas import AssistantView, ChannelName
    from app.clinics.schemas import ClinicView

_PATIENT = "Maria"
"""Who writes, in a trial."""


class Trial(msgspec.Struct, frozen=True):
    """What would happen. ``against``: in words, why nothing would be sent by itself."""

    reading: Triage
    rule: RuleView
    may_send: bool
    may_hold: bool
    against: list[str]
    reply: str
    facts: list[FactUsed]
    """What the reply rests on."""


async def try_out(clinic_id: UUID, channel: ChannelName, text: str) -> Trial:
    """Read a text as if a patient had just written it on this channel."""
    clinic, now = await get_clinic(clinic_id), clock.now()
    local = now.astimezone(ZoneInfo(clinic.timezone)).replace(tzinfo=None)
    asked = Text(channel=channel, text=text[:LONGEST], received_at=local, names=tuple(await names_of(clinic_id)))
    reading = (await classifier().classify([asked]))[0]
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
    talk = _imagined(clinic, settings, channel, text[:LONGEST], reading)
    draft = await write_draft(talk, alone=ruling.may_send or ruling.may_hold)
    against, facts = [WORDS[one] for one in ruling.against], msgspec.convert(draft.facts, list[FactUsed])
    return Trial(reading, rule, ruling.may_send, ruling.may_hold, against, draft.text, facts)


def _imagined(clinic: ClinicView, settings: AssistantView, channel: str, text: str, reading: Triage) -> Talk:
    """Return a conversation that nobody has had, so that it is answered as any other."""
    now, message_id, thread_id = clock.now(), new_id(), new_id()
    who = ThreadContact(id=new_id(), name=_PATIENT, phone=None, email=None)
    message = MessageView(
        id=message_id,
        thread_id=thread_id,
        seq=1,
        direction="in",
        channel=channel,
        kind="text",
        body=text,
        author=Author(type="patient", id=who.id, name=who.name),
        status="received",
        provider_id=None,
        attachments=[],
        sent_at=None,
        delivered_at=None,
        read_at=None,
        failure=None,
        mode="simulated",
        created_at=now,
    )
    thread = ThreadView(
        id=thread_id,
        contact=who,
        state="open",
        assignee=None,
        waiting_since=now,
        last_message=None,
        last_seq=1,
        tags=[],
        intent=reading.intent,
        sentiment=reading.sentiment,
        urgent=reading.urgent,
        escalated=reading.escalate,
        alert=None,
        channel=channel,
        opted_out=[],
        snoozed_until=None,
        created_at=now,
    )
    return Talk(
        clinic=clinic,
        assistant=settings,
        thread=thread,
        messages=[message],
        newest=message,
        question=text,
        intent=reading.intent,
        language=language_of(text),
        reason=reading.reason,
    )
