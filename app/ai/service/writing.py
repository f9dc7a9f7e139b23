"""Writing with a language model where one is set. What it adds of its own is not taken: the templates answer then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from app.ai.adapters.templates import signed
from app.ai.adapters.writing import Brief, Line, Writer, Written
from app.ai.grounding import is_grounded
from app.ai.service.allowance import take_calls
from app.ai.service.knowledge import opening_hours, own_words
from app.ai.service.talking import Draft, reason_of
from app.config import settings
from app.events.service import announce_live
from app.staff.service import list_team

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from app.ai.knowledge_schemas import Known
    from app.ai.schemas import Tone
    from app.ai.service.talking import Talk
    from app.clinics.schemas import ClinicView

GAP_SECONDS = 0.25
"""Between two live frames: contract section 4."""
LANGUAGE_WORDS = {"en": "English", "es": "Spanish", "hi": "Hindi in Latin letters"}
_REPLY = "Write a reply to the patient's newest messages, from the clinic."

_writer: Writer | None = None


def writer() -> Writer | None:
    """Return the model that writes; None where none is set."""
    global _writer  # noqa: PLW0603 - one for the process
    if _writer is None and settings().is_live("openai"):
        _writer = Writer(settings())
    return _writer


async def writer_for(clinic_id: UUID) -> Writer | None:
    """Return the model for one call; None where none is set or the clinic has asked often enough today."""
    model = writer()
    return model if model is not None and await take_calls(clinic_id) else None


async def model_draft(
    talk: Talk, facts: Sequence[Known], *, tone: Tone | None = None, alone: bool = False, aloud: bool = True
) -> Draft | None:
    """Have a model write a reply; None where there is none, it failed, or it said what nobody told it.

    What a dentist must see no model answers. ``aloud``: screens see the text while it grows.
    """
    model = None if talk.is_held else await writer_for(talk.clinic.id)
    if model is None:
        return None
    brief = await _brief(talk, facts, tone)
    written = await model.write(brief, _telling(talk, brief) if aloud else None)
    if written is None or not may_say(written, brief, talk.clinic):
        return None
    draft = _draft(talk, facts, written, model.model)
    signature = signed(draft.text, talk.clinic.name, talk.language) if alone else draft.text
    return msgspec.structs.replace(draft, text=signature)


async def _brief(talk: Talk, facts: Sequence[Known], tone: Tone | None) -> Brief:
    return Brief(
        task=_REPLY,
        language=LANGUAGE_WORDS[talk.language],
        tone=tone or talk.assistant.tone,
        clinic=talk.clinic.name,
        conversation=[Line("patient" if one.direction == "in" else "clinic", own_words(one)) for one in talk.messages],
        facts=facts,
        names=await names_of(talk.clinic.id, talk.thread.contact.name, *(one.author.name for one in talk.messages)),
    )


def _draft(talk: Talk, facts: Sequence[Known], written: Written, model: str) -> Draft:
    used = [facts[place] for place in written.facts]
    return Draft(
        text=written.text,
        reason=reason_of(talk, used),
        facts=[msgspec.to_builtins(one.used) for one in used],
        tier="llm",
        model=model,
        seen_seq=talk.thread.last_seq,
        message_id=talk.newest.id,
    )


async def model_drafts(talk: Talk, facts: Sequence[Known], count: int, *, tone: Tone | None = None) -> list[Draft]:
    """Have a model write several replies; those that may be said."""
    model = None if talk.is_held else await writer_for(talk.clinic.id)
    if model is None:
        return []
    brief = await _brief(talk, facts, tone)
    found = await model.write_several(brief, count)
    return [_draft(talk, facts, written, model.model) for written in found if may_say(written, brief, talk.clinic)]


async def names_of(clinic_id: UUID, *names: str) -> list[str]:
    """Return the names that must not leave: those given and the team's."""
    team = await list_team(clinic_id)
    return sorted({name for name in (*names, *(one.name for one in team.members)) if name})


def may_say(written: Written, brief: Brief, clinic: ClinicView) -> bool:
    """Say whether a text rests on what the model was given."""
    trusted = [clinic.name, clinic.phone, opening_hours(clinic, "en"), brief.topic]
    trusted += [f"{one.title}\n{one.body}" for one in brief.facts]
    trusted += [line.text for line in brief.conversation if line.who == "clinic"]
    heard = [line.text for line in brief.conversation if line.who != "clinic"]
    return is_grounded(written.text, trusted, heard, own=brief.text)


def _telling(talk: Talk, brief: Brief) -> Callable[[str], None]:
    """Return what shows a growing text to all screens of the clinic, at most four times a second.

    What could not be sent is not shown either; the last word, which may be half a number, waits for the next time.
    """
    told_at = 0.0

    def tell(text: str) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at < GAP_SECONDS:
            return
        told_at = now
        whole = text.rpartition(" ")[0]
        shown = whole if may_say(Written(whole, ()), brief, talk.clinic) else ""
        announce_live(talk.clinic.id, "ai.writing", {"thread": str(talk.thread.id), "text": shown})

    tell("")
    return tell
