"""Suggestions: texts that a person may take, change or leave. Each is one use, and nothing is ever sent by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import msgspec

from app.ai import queries
from app.ai.adapters.templates import LANGUAGES
from app.ai.errors import NeedsModel
from app.ai.events import AiSuggested
from app.ai.knowledge_schemas import FactUsed
from app.ai.service import texting, uses
from app.ai.service.drafting import draft_reply
from app.ai.service.suggestions import get_suggestion
from app.ai.service.talking import facts_for, read_talk, template_draft
from app.ai.service.triage import assistant
from app.ai.service.writing import model_draft, model_drafts
from app.ai.suggest_schemas import Suggestions, SuggestionText, Used
from app.events.service import unit_of_work
from app.inbox.schemas import Reading
from app.inbox.service import get_thread
from app.kit import database
from app.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.service.talking import Draft, Talk
    from app.ai.service.uses import Made
    from app.ai.suggest_schemas import SuggestAsk
    from app.kit.principal import Principal

_NAMES = UUID("0f6a4a52-7f0e-4f53-8f43-5d3a1c1f7a60")
"""Of the ids of suggestions that a rule makes; ours, made once: a job that runs twice makes one."""
_VARIANTS = 15
_NEEDED = {
    "reply": ("thread_id", "Say which conversation: thread_id."),
    "summary": ("thread_id", "Say which conversation: thread_id."),
    "rewrite": ("text", "Send the text that should be rewritten."),
    "shorten": ("text", "Send the text that should be shortened."),
    "translate": ("text", "Send the text that should be translated."),
}


async def suggest(principal: Principal, ask: SuggestAsk) -> Suggestions:
    """Make suggestions and count them. At most ``count`` come; those of a reply appear in its conversation.

    Raises ``Invalid``, ``NotFound``, and ``NeedsModel`` where no template can help; nothing is counted then.
    """
    _check(ask)
    if ask.type == "reply" and ask.thread_id is not None:
        talk = await _talk(principal.clinic_id, ask.thread_id, ask)
        made = await _replies(principal.clinic_id, talk, ask)
    else:
        made = await texting.write(principal.clinic_id, ask)
    await _keep(principal, ask.type, made)
    return Suggestions(
        [SuggestionText(one.id, one.text, one.reason, msgspec.convert(one.facts, list[FactUsed])) for one in made],
        "llm" if any(one.tier == "llm" for one in made) else "template",
        uses.UNITS * len(made),
        Used(await uses.uses_this_month(principal.clinic_id)),
    )


def _check(ask: SuggestAsk) -> None:
    name, words = _NEEDED.get(ask.type, ("", ""))
    if name and getattr(ask, name) is None:
        raise Invalid.field(name, words)
    if ask.type == "translate":
        if ask.language is None:
            raise Invalid.field("language", "Say into which language.")
        if not texting.has_model():
            raise NeedsModel("Translating needs a language model, and none is set up. Nothing was counted.")
    elif ask.language is not None and ask.language not in LANGUAGES and not texting.has_model():
        raise Invalid.field("language", f"Choose one of {', '.join(LANGUAGES)}.")


async def _talk(clinic_id: UUID, thread_id: UUID, ask: SuggestAsk) -> Talk:
    talk = await read_talk(clinic_id, thread_id)
    return msgspec.structs.replace(talk, language=ask.language) if ask.language in LANGUAGES else talk


async def _replies(clinic_id: UUID, talk: Talk, ask: SuggestAsk) -> list[Made]:
    facts = await facts_for(talk)
    drafts = [template_draft(talk, facts, tone=ask.tone, variant=n) for n in range(_VARIANTS)]
    offered = await _texts_offered(clinic_id, talk.newest.id)
    if ask.count > 1:
        drafts = [*await model_drafts(talk, facts, ask.count, tone=ask.tone), *drafts]
    elif one := await model_draft(talk, facts, tone=ask.tone):
        drafts = [one, *drafts]
    # What was offered before comes again only when there is nothing else.
    ordered = sorted(drafts, key=lambda draft: draft.text in offered)
    distinct = list({draft.text: draft for draft in ordered}.values())
    return [made_of(talk.thread.id, draft) for draft in distinct[: ask.count]]


async def _texts_offered(clinic_id: UUID, message_id: UUID) -> set[str]:
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            "select text from ai_suggestion where clinic_id = $1 and message_id = $2 order by created_at desc limit 50",
            clinic_id,
            message_id,
        )
    return {row["text"] for row in rows}


def made_of(thread_id: UUID, draft: Draft, suggestion_id: UUID | None = None) -> Made:
    """Return a draft as a suggestion that is not counted yet."""
    made = uses.Made(
        text=draft.text,
        reason=draft.reason,
        facts=draft.facts,
        tier=draft.tier,
        model=draft.model,
        thread_id=thread_id,
        message_id=draft.message_id,
        seen_seq=draft.seen_seq,
    )
    return msgspec.structs.replace(made, id=suggestion_id) if suggestion_id else made


async def _keep(principal: Principal, suggestion_type: str, made: Sequence[Made]) -> None:
    """Count the suggestions; the newest reply of a conversation takes the place of the one before."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        fresh = await uses.use(work, suggestion_type, made)
        for one in fresh:
            work.audit("assistant.suggested", "ai_suggestion", one.id, type=suggestion_type, by=one.tier)
        replies = [one for one in fresh if one.message_id is not None]
        if replies:
            await work.connection.execute(
                "update ai_suggestion set state = 'replaced', settled_at = now() where clinic_id = $1 "
                "and thread_id = $2 and type = 'reply' and state = 'offered' and not id = any($3)",
                clinic_id,
                replies[0].thread_id,
                [one.id for one in replies],
            )
            thread = await get_thread(clinic_id, replies[0].thread_id)  # type: ignore[arg-type]
            for one in replies:
                work.record(AiSuggested(suggestion=await get_suggestion(clinic_id, one.id), thread=thread))


async def suggest_for_message(clinic_id: UUID, message_id: UUID) -> None:
    """Suggest a reply where a rule asks for it. Safe to run twice; nothing where the conversation has moved on."""
    suggestion_id = uuid5(_NAMES, str(message_id))
    async with database.reading(clinic_id) as connection:
        row = await queries.find_case(clinic_id, message_id)
        if row is None or row["has_moved_on"] or row["is_blocked"] or row["channel"] in row["opted_out"]:
            return
        reading = msgspec.json.decode(row["triage"], type=Reading)
        rule = await queries.find_rule(clinic_id, row["channel"], reading.intent)
        is_done = await connection.fetchval(
            "select exists (select 1 from ai_suggestion where clinic_id = $1 and id = $2)", clinic_id, suggestion_id
        )
    if rule is None or rule.mode == "off" or is_done:
        return
    draft = await draft_reply(clinic_id, row["thread_id"])
    await _keep(assistant(clinic_id), "reply", [made_of(row["thread_id"], draft, suggestion_id)])
