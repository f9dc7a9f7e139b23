"""What keeps an answer from going by itself, however sure the model is of the wish.

One wrong automatic answer to somebody in pain, in anger or in need of a person costs more than a hundred answers that a
person had to write. So words and model must agree, and one doubt is enough.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.ai.adapters.builtin.services import find_services
from app.ai.labels import NEVER_AUTOMATIC, Intent

if TYPE_CHECKING:
    from app.ai.adapters.builtin.features import Look
    from app.ai.adapters.builtin.model import Shares

FOR_A_PERSON = 0.04
"""Calibrated share of "a person must see this" from which nothing goes by itself."""
NOT_SAFE = 0.06
"""The same for the sum of the wishes that are never answered, and for "a person must be alerted"."""
DISPLEASED = 0.25
STRANGE = 0.4
"""Share of words never seen in training from which the text counts as one in an unknown language."""

_BODY = "PAIN|SWELLING|BLOOD|FEVER|BROKEN|TRAUMA|AIRWAY|STUCK|TOOTH|MEDICINE|CONDITION|ISITNORMAL|AFTERCARE|NOTHURT"
_MOOD = "SELFHARM|GUN|REFUSEBOT|ANGRY|LEGAL|FEAR|SAD|WRONGCHARGE"
_ERRAND = "OPTOUT|WRONGNUMBER|LATE|RECORDS|LOST|JOB|CALLME|AUTOREPLY|SELL|INSTRUCT"
TOUCHY: frozenset[str] = frozenset(f"{_BODY}|{_MOOD}|{_ERRAND}".split("|"))
"""Concepts of bodies, moods and errands: a wish beside one of them is not plain."""

SPEAKS_FOR: dict[Intent, frozenset[str]] = {
    "booking": frozenset({"BOOK", "OPENING", "APPOINTMENT"}),
    "reschedule": frozenset({"MOVE"}),
    "cancel": frozenset({"CANCEL"}),
    "confirm": frozenset({"CONFIRM", "YES", "OK"}),
    "question": frozenset({"OPENHOURS", "PLACE", "PRICE", "INSURANCE", "IHAVE"}),
    "billing": frozenset({"BILL"}),
    "new_patient": frozenset({"NEWPATIENT"}),
    "thanks": frozenset({"THANKS", "PRAISE", "NOPROBLEM", "OK"}),
}
"""Of these concepts at least one must be there before a wish is believed; a service asked for speaks as well."""

SPOILS: dict[Intent, frozenset[str]] = {
    "billing": frozenset({"NOT", "PRAISE", "CONFIRM"}),
    "thanks": frozenset({"BILL", "PRICE"}),
}
"""Concepts that make a wish doubtful: what is not right with a bill, and thanks for one."""

_SHOUTS = re.compile(r"\b(?!STOP|THANK|PLEASE|HELLO)[A-Z]{5,}\b|[!?]{3}|\?!|!\?")
_QUOTES = re.compile(r"\"[^\"\n]{2,}\"|\.{3}\s*\w")


def has_doubt(intent: Intent, look: Look, shares: Shares, strange: float) -> bool:
    """Say whether something speaks against answering this message without a person."""
    finding, own = look.finding, look.message.own
    return (
        bool(finding.reasons or finding.opts_out)
        or not look.meanings.isdisjoint(TOUCHY)
        or not look.meanings.isdisjoint(SPOILS.get(intent, ()))
        or not _is_spoken_for(intent, look)
        or shares.person > FOR_A_PERSON
        or max(shares.escalate, sum(shares.intent[each] for each in NEVER_AUTOMATIC)) > NOT_SAFE
        or shares.sentiment["negative"] > DISPLEASED
        or strange > STRANGE
        or bool(_SHOUTS.search(own) or _QUOTES.search(own))
    )


def _is_spoken_for(intent: Intent, look: Look) -> bool:
    if not look.meanings.isdisjoint(SPEAKS_FOR[intent]):
        return True
    return intent in {"booking", "question"} and bool(find_services(look.message.own, intent))
