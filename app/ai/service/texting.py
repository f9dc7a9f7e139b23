"""Suggestions that answer nobody: subjects, campaigns, follow-ups, summaries, and work on a text that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.ai import queries
from app.ai.adapters import texts
from app.ai.adapters.templates import language_of
from app.ai.adapters.writing import Brief, Line
from app.ai.errors import NeedsModel
from app.ai.service import uses
from app.ai.service.knowledge import own_words
from app.ai.service.talking import LOOKED_AT
from app.ai.service.writing import LANGUAGE_WORDS, may_say, names_of, writer, writer_for
from app.clinics.service import get_clinic
from app.inbox.service import get_thread, list_thread_messages
from app.kit import database
from app.kit.format import INTENT_WORDS, amount, date_time, first_name, person

if TYPE_CHECKING:
    from uuid import UUID

    from app.ai.schemas import Tone
    from app.ai.suggest_schemas import SuggestAsk
    from app.clinics.schemas import ClinicView
    from app.inbox.schemas import MessageView, ThreadView

_FIXED = "A fixed text. Check it before you use it."
_CUT = "Shortened by leaving sentences out. Check that nothing is missing."
_TIDIED = "The author's words, tidied up. Check it before you use it."
_COUNTED = "Counted from the conversation."


_TASKS = {
    "email_subject": "Write a subject line of an e-mail from the clinic to patients, under 60 characters.",
    "rewrite": "Rewrite the text in the tone. Keep its meaning, its numbers and its tokens in braces.",
    "shorten": "Shorten the text to half or less. Keep its meaning, its numbers and its tokens in braces.",
    "translate": "Translate the text into the language. Keep its numbers and its tokens in braces.",
    "summary": "Sum up the conversation for the front desk: who wants what, and what is open.",
    "campaign_text": "Write a message of a campaign to patients. Greet with {first_name}, name {clinic}, end with "
    "{booking_link}; keep these tokens in braces.",
    "follow_up": "Write a friendly follow-up to the patient, who has not answered.",
}
_MODEL = "Written by a language model. Check it before you use it."


def has_model() -> bool:
    """Say whether a language model is set."""
    return writer() is not None


async def write(clinic_id: UUID, ask: SuggestAsk) -> list[uses.Made]:
    """Write texts of a type; raises ``NotFound`` for a conversation that is not there."""
    clinic = await get_clinic(clinic_id)
    thread, messages = await _conversation(clinic_id, ask.thread_id)
    async with database.reading(clinic_id):
        tone: Tone = ask.tone or (await queries.get_assistant(clinic_id)).tone
    made = await _by_model(ask, clinic, tone, thread, messages)
    if made:
        return made[: ask.count]
    if ask.type == "translate":
        raise NeedsModel("The language model did not answer. Nothing was counted. Try again in a moment.")
    found, reason = _templates(ask, clinic, tone, thread, messages)
    return [uses.Made(text=text, reason=reason, thread_id=thread.id if thread else None) for text in found[: ask.count]]


async def _conversation(clinic_id: UUID, thread_id: UUID | None) -> tuple[ThreadView | None, list[MessageView]]:
    if thread_id is None:
        return None, []
    async with database.reading(clinic_id):
        thread = await get_thread(clinic_id, thread_id)
    page = await list_thread_messages(clinic_id, thread_id, None)
    return thread, [one for one in page.items if one.kind == "text" and one.status != "cancelled"][::-1]


async def _by_model(
    ask: SuggestAsk, clinic: ClinicView, tone: Tone, thread: ThreadView | None, messages: list[MessageView]
) -> list[uses.Made]:
    """Have a model write; what adds something of its own is left out."""
    model = await writer_for(clinic.id)
    if model is None:
        return []
    words = ask.text or ask.topic or (messages[-1].body if messages else "")
    newest = messages[-LOOKED_AT:]
    brief = Brief(
        task=_TASKS[ask.type],
        language=LANGUAGE_WORDS.get(ask.language or language_of(words), ask.language or "English"),
        tone=tone,
        clinic=clinic.name,
        conversation=[Line("patient" if one.direction == "in" else "clinic", own_words(one)) for one in newest],
        text=ask.text or "",
        topic=ask.topic or "",
        names=await names_of(clinic.id, thread.contact.name if thread else "", *(one.author.name for one in messages)),
    )
    found = [one for one in await model.write_several(brief, ask.count) if may_say(one, brief, clinic)]
    where = thread.id if thread else None
    return [uses.Made(text=one.text, reason=_MODEL, tier="llm", model=model.model, thread_id=where) for one in found]


def _templates(
    ask: SuggestAsk, clinic: ClinicView, tone: Tone, thread: ThreadView | None, messages: list[MessageView]
) -> tuple[list[str], str]:
    words = ask.text or ask.topic or (messages[-1].body if messages else "")
    spoken: Any = ask.language or language_of(words)
    written: texts.Written = "es" if spoken == "es" else "en"
    if ask.type == "shorten":
        return texts.shortened(ask.text or ""), _CUT
    if ask.type == "rewrite":
        return texts.rewritten(ask.text or "", tone, written), _TIDIED
    if ask.type == "summary" and thread is not None:
        return [_summary(thread, messages, clinic)], _COUNTED
    if ask.type == "follow_up":
        return texts.follow_ups(_name(thread), clinic.name, spoken, tone), _FIXED
    if ask.type == "campaign_text":
        return texts.campaigns(_topic(ask), written, tone), _FIXED
    return texts.subjects(clinic.name, _topic(ask), written), _FIXED


def _topic(ask: SuggestAsk) -> str | None:
    """Return what it should be about; a whole text is no topic."""
    topic = ask.topic or (ask.text if ask.text and len(ask.text) <= 120 else None)
    return " ".join(topic.split()) if topic else None


def _name(thread: ThreadView | None) -> str:
    name = thread.contact.name if thread else ""
    return first_name(name) if name[:1].isalpha() else ""


def _summary(thread: ThreadView, messages: list[MessageView], clinic: ClinicView) -> str:
    """Count who wrote, say what is wanted, and quote the newest word of the patient."""
    name = person(thread.contact, clinic)
    theirs = [one for one in messages if one.direction == "in"]
    if not messages:
        return f"{name} and your team have not written anything yet."
    since = date_time(messages[0].created_at, clinic)
    lines = [
        (
            f"{name} wrote {amount(len(theirs), 'message', 'messages')}, your team "
            f"{amount(len(messages) - len(theirs), 'message', 'messages')}, since {since}."
        )
    ]
    if thread.intent in INTENT_WORDS:
        lines.append(f"About: {INTENT_WORDS[thread.intent]}.")
    if theirs:
        body = " ".join(theirs[-1].body.split())
        lines.append(f"Last from them: “{body if len(body) <= 200 else body[:199] + '…'}”")
    lines.append("They wait for an answer." if thread.waiting_since else "Nobody waits for an answer.")
    return " ".join(lines)
