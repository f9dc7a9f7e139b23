"""A conversation as a draft sees it, the facts that fit it, and the reply that the fixed sentences give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from app.ai import queries
from app.ai.adapters.templates import Blanks, language_of, write_reply
from app.ai.fitting import ENOUGH, SURE
from app.ai.labels import INTENTS
from app.ai.service.finding import find_facts, to_name
from app.ai.service.knowledge import own_words
from app.clinics.service import get_clinic, next_opening
from app.inbox.service import get_thread, list_thread_messages
from app.kit import clock, database
from app.kit.errors import NotFound
from app.kit.format import first_name, long_time, phone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.ai.adapters.reply_texts import Language
    from app.ai.knowledge_schemas import Known
    from app.ai.labels import Intent
    from app.ai.schemas import AssistantView, Tone
    from app.clinics.schemas import ClinicView
    from app.inbox.schemas import MessageView, ThreadView

HELD: frozenset[Intent] = frozenset({"clinical", "emergency"})
"""Wishes that get the holding text and nothing else, from templates and models alike."""
LOOKED_AT = 12
"""Messages of a conversation that a draft may rest on."""
_LOCALES: dict[Language, str] = {"en": "en_US", "es": "es", "hi": "en_IN"}
_WITHOUT_FACTS: frozenset[Intent] = frozenset({*HELD, "opt_out", "complaint", "confirm", "thanks", "spam"})
_HEALTH = re.compile(
    r"\b(?:pain\w*|ache|aches|aching|hurts?|swoll?en|swelling|bleed\w*|infect\w*|fever|pus|abscess|numb\w*|allerg\w*|"
    r"pregnan\w*|medic\w*|antibiotic\w*|ibuprofen|dolor|duele|hinchad\w*|sangr\w*|fiebre|infecci\w*|dard|sujan|khoon|"
    r"bukhar|dawai)\b",
    re.IGNORECASE,
)


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


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as a draft sees it. ``question``: what the patient wrote since the clinic's last answer."""

    clinic: ClinicView
    assistant: AssistantView
    thread: ThreadView
    messages: Sequence[MessageView]
    """The newest, oldest first."""
    newest: MessageView
    question: str
    intent: Intent
    language: Language
    reason: str

    @property
    def is_held(self) -> bool:
        """Say whether only the holding text may answer."""
        return self.intent in HELD


def about_health(*texts: str) -> bool:
    """Say whether a text touches health: then the assistant reminds that it gives no medical advice."""
    return any(_HEALTH.search(text) for text in texts)


async def read_talk(clinic_id: UUID, thread_id: UUID) -> Talk:
    """Read what a reply would answer. Raises ``NotFound`` where no patient has written."""
    clinic = await get_clinic(clinic_id)
    async with database.reading(clinic_id):
        assistant = await queries.get_assistant(clinic_id)
        thread = await get_thread(clinic_id, thread_id)
    page = await list_thread_messages(clinic_id, thread_id, None, LOOKED_AT)
    texts = [one for one in page.items if one.kind == "text" and one.status != "cancelled"]
    newest = next((one for one in texts if one.direction == "in"), None)
    if newest is None:
        raise NotFound("There is no message of a patient to answer.")
    waiting = []
    for one in texts:
        if one.direction == "out":
            break
        waiting.append(one)
    asked = waiting[::-1] or [newest]
    question = "\n".join(own_words(one) for one in asked)
    readings = [one.triage for one in asked if one.triage]
    decides = min(readings, key=lambda one: INTENTS.index(one.intent)) if readings else None
    return Talk(
        clinic=clinic,
        assistant=assistant,
        thread=thread,
        messages=texts[::-1],
        newest=newest,
        question=question,
        intent=decides.intent if decides else "other",  # type: ignore[arg-type]  # of the labels: we wrote it
        language=language_of(question),
        reason=decides.reason if decides else "Not sorted yet.",
    )


async def facts_for(talk: Talk, *, alone: bool = False) -> list[Known]:
    """Return the clinic's facts that a reply may name."""
    # Nobody reads an automatic answer first: near health it names nothing.
    if talk.intent in _WITHOUT_FACTS or (alone and about_health(talk.question)):
        return []
    enough = SURE if alone else ENOUGH
    is_question = talk.intent == "question"
    found = await find_facts(talk.clinic, talk.question, talk.language, asked_only=not is_question, enough=enough)
    if alone:
        return [one for one in found if one.id is None or language_of(one.body) == talk.language]
    return found


def template_draft(
    talk: Talk, facts: Sequence[Known], *, tone: Tone | None = None, variant: int = 0, alone: bool = False
) -> Draft:
    """Fill the sentences for a conversation. Pure but for the clock."""
    used = to_name(facts)
    return Draft(
        text=write_reply(
            talk.intent,
            blanks_of(talk, " ".join(one.sentence for one in used)),
            language=talk.language,
            tone=tone or talk.assistant.tone,
            alone=alone,
            variant=variant,
        ),
        reason=reason_of(talk, used),
        facts=[msgspec.to_builtins(one.used) for one in used],
        tier="template",
        model="",
        seen_seq=talk.thread.last_seq,
        message_id=talk.newest.id,
    )


def blanks_of(talk: Talk, fact: str = "") -> Blanks:
    """Return what the sentences may name."""
    clinic = talk.clinic
    opens = next_opening(clinic, clock.now())
    name = talk.thread.contact.name
    return Blanks(
        name=first_name(name) if name[:1].isalpha() else "",
        clinic=clinic.name,
        phone=phone(clinic.phone, clinic.country),
        emergency_line=talk.assistant.emergency_line,
        opens=long_time(opens, {"timezone": clinic.timezone, "locale": _LOCALES[talk.language]}) if opens else "",
        fact=fact,
    )


def reason_of(talk: Talk, used: Sequence[Known]) -> str:
    """Return in one line why a reply says what it says."""
    if used:
        return f"{talk.reason} From what you told it: {', '.join(one.title for one in used)}."
    if talk.is_held:
        return f"{talk.reason} A dentist answers this."
    if talk.intent == "question":
        return f"{talk.reason} Nothing you told it answers this, so the team will."
    return talk.reason
