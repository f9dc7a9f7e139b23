"""Finding the facts that answer a message, by what they are about in any of our languages; too little finds nothing.

Where nothing is found the assistant says that the team will answer: a wrong fact is worse than none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ai.adapters.embedding.about import about
from app.ai.adapters.templates import language_of
from app.ai.fitting import ENOUGH, Part, fact_of, parts_of, score
from app.ai.knowledge_schemas import Known
from app.ai.service.knowledge import asks_for_hours, opening_hours
from app.ai.service.memory import Remembered, recall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.adapters.reply_texts import Language
    from app.clinics.schemas import ClinicView

LONGEST_QUESTION = 2_000  # characters that are looked for
AS_WELL = 0.85
"""Share of the best fact's score from which a second one is named with it."""


async def find_facts(
    clinic: ClinicView,
    question: str,
    language: Language,
    *,
    asked_only: bool = False,
    enough: float = ENOUGH,
    limit: int = 3,
) -> list[Known]:
    """Return the facts that answer a question, best first; none when nothing fits well enough.

    ``asked_only``: only where the words ask for a kind of thing we know, as in "I want to book. What does it cost?".
    ``enough``: the score from which a fact fits.
    """
    question = question[:LONGEST_QUESTION]
    parts = parts_of(question)
    if asked_only:
        parts = [one for one in parts if one.asks_for_fact]
    found = _spoken(rank(question, parts, await recall(clinic.id, [part.text for part in parts]), enough), language)
    # The opening hours stand in the clinic's settings: nobody has to write them down a second time.
    if asks_for_hours(question) and any(clinic.hours.values()) and not any(one.kind == "hours" for one in found):
        found.insert(0, Known(None, "hours", "Opening hours", opening_hours(clinic, language), 1.0))
    return found[:limit]


def rank(question: str, parts: Sequence[Part], facts: Sequence[Remembered], enough: float) -> list[Known]:
    """Return the facts that fit well enough, best first. Pure."""
    message, found = about(question), []
    for one in facts:
        if max(one.worth) < enough:
            continue  # no score is above it: the fact need not be read
        fact = fact_of(one.kind, one.title, one.body)
        best = max(score(part, message, fact, worth) for part, worth in zip(parts, one.worth, strict=True))
        if best >= enough:
            found.append(Known(one.id, one.kind, one.title, one.body, best))
    return sorted(found, key=lambda known: (-known.score, known.title))


def _spoken(found: list[Known], language: Language) -> list[Known]:
    """Leave out what says the same in another language, where the clinic has written it in the patient's own."""
    own = [one for one in found if language_of(one.body) == language]
    return own if own and own[0].score >= AS_WELL * found[0].score else found


def to_name(facts: Sequence[Known]) -> list[Known]:
    """Return of the facts that were found those that an answer names: the best, and another that fits as well."""
    return [one for one in facts[:2] if one.score >= AS_WELL * facts[0].score]
