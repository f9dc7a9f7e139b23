"""What the assistant would write back: from the clinic's facts and fixed sentences, never from thin air."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from app.ai import queries
from app.ai.adapters.templates import Blanks, Language, write_reply
from app.clinics.service import get_clinic, next_opening
from app.inbox.service import get_thread, list_thread_messages
from app.kit import clock, database
from app.kit.errors import NotFound
from app.kit.format import date_time, first_name

if TYPE_CHECKING:
    from uuid import UUID

_SPANISH = re.compile(
    r"(?:¿|¡|\b(?:hola|gracias|quiero|quisiera|necesito|cita|buenos|buenas|tengo|dolor|muela|mañana|por favor)\b)",
    re.IGNORECASE,
)
_HINDI = re.compile(
    r"\b(?:hai|hoon|mujhe|mera|meri|kya|kal|nahi|chahiye|aap|aapka|karna|karwana|dant|daant|ji|kitna|kab)\b",
    re.IGNORECASE,
)
_LANGUAGES: dict[Language, str] = {"en": "en_US", "es": "es", "hi": "en_IN"}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that nobody has sent. ``seen_seq``: the conversation as it was read, for the fence."""

    text: str
    reason: str
    facts: list[dict[str, Any]]
    tier: str  # template, llm
    model: str
    seen_seq: int
    message_id: UUID
    """The patient's newest message, which it answers."""


def language_of(text: str) -> Language:
    """Return the language of a text, as far as the fixed sentences know it."""
    if len(_HINDI.findall(text)) >= 2:
        return "hi"
    return "es" if _SPANISH.search(text) else "en"


async def draft_reply(clinic_id: UUID, thread_id: UUID, *, alone: bool = False) -> Draft:
    """Write a reply to the newest message of the patient. ``alone``: it is sent unread and says what it is.

    Raises ``NotFound`` where no patient has written.
    """
    clinic = await get_clinic(clinic_id)
    async with database.reading(clinic_id):
        settings = await queries.get_assistant(clinic_id)
        thread = await get_thread(clinic_id, thread_id)
    page = await list_thread_messages(clinic_id, thread_id, None)
    newest = next((one for one in page.items if one.direction == "in" and one.kind == "text"), None)
    if newest is None:
        raise NotFound("There is no message of a patient to answer.")
    language = language_of(newest.body)
    opens = next_opening(clinic, clock.now())
    blanks = Blanks(
        name=first_name(thread.contact.name) if thread.contact.name[:1].isalpha() else "",
        clinic=clinic.name,
        phone=clinic.phone,
        emergency_line=settings.emergency_line,
        opens=date_time(opens, {"timezone": clinic.timezone, "locale": _LANGUAGES[language]}) if opens else "",
    )
    intent: Any = newest.triage.intent if newest.triage else "other"
    return Draft(
        text=write_reply(intent, blanks, language=language, tone=settings.tone, alone=alone),
        reason=newest.triage.reason if newest.triage else "",
        facts=[],
        tier="template",
        model="",
        seen_seq=thread.last_seq,
        message_id=newest.id,
    )
