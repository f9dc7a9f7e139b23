"""What a model may not add: an answer with a link, an amount, a number, a day or medical advice that nobody gave it.

Pure. ``trusted`` is what the clinic has said: its facts, its settings, its own messages. ``heard`` is what the patient
wrote: its numbers and days may be repeated, its links and amounts may not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.ai.masking import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 1_200
"""Characters of an answer; whoever writes more is not answering a patient."""

_LINK = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{1,80}|\b[\w-]{1,63}\.(?:com|net|org|io|co|example|de|es|mx|uk|us|info|dental)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"[$€£₹]\s{0,3}\d[\d.,]{0,15}|\d[\d.,]{0,15}\s{0,3}(?:%|[$€£₹]|percent|"
    r"per cent|dollars?|euros?|rupees?|pesos?|usd|eur|inr)"
    r"|\b(?:por ciento|free of charge|for free|no charge|discount|gratis|descuento|muft)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_DAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:today|tonight|tomorrow|yesterday|noon|midnight)\b|"
    r"\b(?:january|february|march|april|june|july|august|september|october|november|december)\b|"
    r"\b(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo|hoy|mañana|ayer)\b|"
    r"\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred|"
    r"thousand|half|double|dos|tres|cuatro|cinco|diez|veinte|cien|mil)\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:ibuprofen|paracetamol|acetaminophen|tylenol|advil|aspirin|naproxen|amoxicillin|antibiotics?|painkillers?|"
    r"\d{1,9}\s{0,3}mg|milligrams?|dos(?:e|age|is)|prescri\w+|diagnos\w+|ibuprofeno|antibióticos?|salt ?water|"
    r"ice pack|cold compress|it is (?:probably|likely) (?:an?|just)|(?:is|are|sounds) (?:completely )?normal|"
    r"nothing to worry)\b",
    re.IGNORECASE,
)
_LEAKS = re.compile(r'"(?:conversation|facts|task)"\s*:|\bFACTS:|practice assistant of a dental', re.IGNORECASE)


def is_grounded(text: str, trusted: Sequence[str], heard: Sequence[str], *, own: str = "") -> bool:
    """Say whether an answer adds nothing of its own. ``own``: a text of staff that is only put into other words."""
    if not text.strip() or len(text) > LONGEST or PLACEHOLDER.search(text) or _LEAKS.search(text):
        return False
    told = "\n".join([*trusted, own])
    all_said = "\n".join([told, *heard])
    return (
        not (_found(_LINK, text) - _found(_LINK, told))
        and not (_found(_AMOUNT, text) - _found(_AMOUNT, told))
        and not (_numbers(text) - _numbers(all_said))
        and not (_found(_DAY, text) - _found(_DAY, all_said))
        and not (_found(_COUNT, text) - _found(_COUNT, all_said))
        and not (_found(_ADVICE, text) - _found(_ADVICE, own))
    )


def _found(pattern: re.Pattern[str], text: str) -> set[str]:
    return {re.sub(r"\s+", "", one[0]).casefold().rstrip(".,:;!?/") for one in pattern.finditer(text)}


def _numbers(text: str) -> set[str]:
    """Return the numbers, and whole hours without their minutes: "9 AM" says what "9:00 AM" says."""
    found = {one[0] for one in _NUMBER.finditer(text)}
    return found | {one[:-3] for one in found if one.endswith(":00")}
