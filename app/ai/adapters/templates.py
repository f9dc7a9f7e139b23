"""Replies without a model: fixed sentences in the patient's language, filled with what is certain and nothing else.

They promise no time, price or treatment. What they cannot know, the team will answer; they say so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import msgspec

from app.ai.adapters.reply_texts import CLOSINGS, GREETINGS, LINE, MACHINE, NO_LINE, SENTENCES, WHEN, Language

if TYPE_CHECKING:
    from app.ai.labels import Intent
    from app.ai.schemas import Tone

LANGUAGES: tuple[Language, ...] = get_args(Language)
_TONES: tuple[Tone, ...] = ("friendly", "formal", "short")
_HELD = frozenset({"clinical", "emergency"})
_PLAIN_END = frozenset({"clinical", "emergency", "complaint"})  # no cheerful word follows
_WITH_WISH = frozenset({"booking", "new_patient", "billing", "reschedule", "cancel", "other"})

_SPANISH = re.compile(
    r"(?:¿|¡|\b(?:hola|gracias|quiero|quisiera|necesito|cita|buenos|buenas|tengo|puedo|dolor|muela|mañana|por favor|"
    r"cuánto|cuanto|cuesta|dónde|donde|abren|aceptan|seguro)\b)",
    re.IGNORECASE,
)
_HINDI = re.compile(
    r"\b(?:hai|hoon|mujhe|mera|meri|kya|kal|nahi|chahiye|aap|aapka|karna|karwana|dant|daant|ji|kitna|kitne|kab|ka|ke|"
    r"ki|paisa|kahan)\b",
    re.IGNORECASE,
)


class Blanks(msgspec.Struct, frozen=True, kw_only=True):
    """What the sentences may name. ``opens`` is the next opening in words, empty while the clinic is open."""

    name: str
    clinic: str
    phone: str = ""
    emergency_line: str = ""
    opens: str = ""
    fact: str = ""
    """What the clinic has told about the question, word for word."""


def language_of(text: str) -> Language:
    """Return the language of a text, as far as the fixed sentences know it."""
    if len(_HINDI.findall(text)) >= 2:
        return "hi"
    return "es" if _SPANISH.search(text) else "en"


def write_reply(
    intent: Intent, blanks: Blanks, *, language: Language, tone: Tone, alone: bool = False, variant: int = 0
) -> str:
    """Return a reply to a wish; to what a dentist must see the holding text.

    ``alone``: nobody reads it first, so it says what it is. ``variant`` counts other ways of saying the same: other
    tones, then other endings; a number too high comes back to one of the first.
    """
    order = _TONES.index(tone)
    chosen = (order + variant) % len(_TONES)
    endings = (
        [""] if intent in _PLAIN_END else [one for one in CLOSINGS[language] if blanks.phone or "{phone}" not in one]
    )
    closing = endings[(variant // len(_TONES)) % len(endings)].format(phone=blanks.phone)
    text = _sentence(intent, blanks, language, chosen) + closing
    if chosen != _TONES.index("short") and blanks.name:
        text = GREETINGS[language][chosen == _TONES.index("formal")].format(name=blanks.name) + text
    else:
        text = _capital(text)
    return signed(text, blanks.clinic, language) if alone else text


def signed(text: str, clinic: str, language: Language) -> str:
    """Return a text that says who wrote it: what nobody has read first always does."""
    return text + MACHINE[language].format(clinic=clinic)


def _sentence(intent: Intent, blanks: Blanks, language: Language, chosen: int) -> str:
    sentences = SENTENCES[language]
    if intent in _HELD:
        line = (LINE if blanks.emergency_line else NO_LINE)[language].format(line=blanks.emergency_line)
        return sentences["holding"][chosen].format(line=line)
    when = WHEN[language].format(opens=blanks.opens) if blanks.opens else ""
    wish = sentences.get(intent, sentences["other"])[chosen].format(when=when)
    if not blanks.fact:
        return wish
    told = sentences["fact"][chosen].format(fact=blanks.fact)
    return f"{told} {_capital(wish)}" if intent in _WITH_WISH else told


def _capital(text: str) -> str:
    """Begin with a capital, also behind an opening Spanish mark."""
    at = 1 if text[:1] in {"¡", "¿"} else 0
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]
