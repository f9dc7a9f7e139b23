"""Suggestions that answer nobody: subjects, campaigns, follow-ups, summaries, and work on a text that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.ai import queries
from app.ai.adapters import texts
from app.ai.adapters.templates import language_of
from app.ai.service import uses
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


def has_model() -> bool:
    """Say whether a language model is set."""
    return False


async def write(clinic_id: UUID, ask: SuggestAsk) -> list[uses.Made]:
    """Write texts of a type; raises ``NotFound`` for a conversation that is not there."""
    clinic = await get_clinic(clinic_id)
    thread, messages = await _conversation(clinic_id, ask.thread_id)
    async with database.reading(clinic_id):
        tone: Tone = ask.tone or (await queries.get_assistant(clinic_id)).tone
    found, reason = _templates(ask, clinic, tone, thread, messages)
    return [uses.Made(text=text, reason=reason, thread_id=thread.id if thread else None) for text in found[: ask.count]]


async def _conversation(clinic_id: UUID, thread_id: UUID | None) -> tuple[ThreadView | None, list[MessageView]]:
    if thread_id is None:
        return None, []
    async with database.reading(clinic_id):
        thread = await get_thread(clinic_id, thread_id)
    page = await list_thread_messages(clinic_id, thread_id, None)
    return thread, [one for one in page.items if one.kind == "text" and one.status != "cancelled"][::-1]


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
