"""How far the assistant's silent answer agrees with what staff really did. A pure measure, meant to be explained.

An answer that the gate would have let go *agrees* when staff answered within a day, nobody had to raise an alert
meanwhile, and the staff's answer is of the same kind: it does not turn the patient down or send them to the telephone
where ours does not. Where ours names facts of the clinic, both must name a number in common if both name numbers, and
share at least :data:`ALIKE` of their telling words. An answer that only says that the team will write back has no
facts to compare: it agrees when the team did write back in kind. Everything else differs, and says in which way.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import msgspec

ALIKE = 0.3
"""Share of the shorter text's telling words that the other one must have too."""

Outcome = Literal["left", "agreed", "no_answer", "escalated", "other_kind", "other_facts", "other_words"]
"""``left``: the gate would have left it to the team; such a message is counted and not compared."""

OUTCOME_WORDS: dict[Outcome, str] = {
    "left": "It would have left this to your team.",
    "agreed": "It would have answered in the same way.",
    "no_answer": "It would have answered; your team did not.",
    "escalated": "It would have answered; the patient needed a person.",
    "other_kind": "It would have answered; your team said no or asked for a call.",
    "other_facts": "It would have named other numbers than your team.",
    "other_words": "It would have said something else than your team.",
}

_STEM = 5  # letters of a word that are compared: "appointment" and "appointments" are one
_WORD = re.compile(r"[^\W\d_]{3,}")
_NUMBER = re.compile(r"\d[\d.,:]*")
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        "the and for you your are was were with this that will would can our have has had from but not any please "
        "thank thanks hello dear there here team write writing back best regards kind automated assistant person "
        "para por los las del una uno que con gracias hola nuestro equipo "
        "hai hain aap aapka hum hamari team dhanyavaad",
    )
)
_DECLINES = re.compile(
    r"\b(?:unfortunately|unable|(?:can ?no|can'?)t|(?:do|does|did|wo)(?:n'?t| not) (?:take|accept|offer|have|do)|"
    r"no longer|fully booked|nothing (?:free|available|left)|lamentablemente|desafortunadamente|"
    r"no (?:podemos|tenemos|aceptamos|ofrecemos)|nahi (?:kar|le|hai|ho))\b",
)
_CALLS = re.compile(
    r"\b(?:(?:please |kindly )?(?:call|phone|ring) (?:us|the|our|me)|give us a (?:call|ring)|"
    r"go to the (?:er|emergency)|call 911|ll[aá]men?os|call (?:kar|kijiye))",
)


class Comparison(msgspec.Struct, frozen=True):
    """What came of comparing two answers. ``likeness`` is 0 to 1, None where texts were not compared."""

    outcome: Outcome
    likeness: float | None = None


def compare(ours: str, theirs: str | None, *, names_facts: bool, was_escalated: bool) -> Comparison:
    """Compare an answer that was never sent with the first one that staff sent; None: they sent none."""
    if was_escalated:
        return Comparison("escalated")
    if theirs is None or not theirs.strip():
        return Comparison("no_answer")
    first, second = _plain(ours), _plain(theirs)
    if any(pattern.search(second) and not pattern.search(first) for pattern in (_DECLINES, _CALLS)):
        return Comparison("other_kind")
    if not names_facts:
        return Comparison("agreed")
    likeness = round(likeness_of(ours, theirs), 3)
    numbers, others = _numbers(first), _numbers(second)
    if numbers and others and not numbers & others:
        return Comparison("other_facts", likeness)
    return Comparison("agreed" if likeness >= ALIKE else "other_words", likeness)


def likeness_of(one: str, other: str) -> float:
    """Return the share of the shorter text's telling words that the other one has too."""
    first, second = _words(_plain(one)), _words(_plain(other))
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else 0.0


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded.replace("\u2019", "'").replace("\u2018", "'")


def _words(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text) if word not in _EMPTY} | _numbers(text)


def _numbers(text: str) -> set[str]:
    found = set()
    for number in _NUMBER.findall(text):
        value = number.rstrip(".,:").replace(",", "")
        found.add(re.sub(r"[:.]00$", "", value))
    return found
