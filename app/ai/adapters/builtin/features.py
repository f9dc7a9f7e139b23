"""What the model sees of a message: words, pieces of words, concepts, what rules and dates say; 32-bit numbers all."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from app.ai.adapters.builtin.concepts import SPELLING, concepts
from app.ai.adapters.builtin.dates import find_dates
from app.ai.adapters.builtin.rules import Finding, examine
from app.ai.adapters.builtin.text import Clean, clean, plain
from app.ai.labels import When

if TYPE_CHECKING:
    from app.ai.labels import Text

LONGEST = 900
"""Characters of a message's own words that are read: the wish stands in front, and time per message stays bounded."""

_TOKENS = re.compile(
    r"https?://\S+|[\w.+-]+@[\w-]+\.\w+|[$€£₹]\s?\d[\d,.]*k?|\d{1,2}:\d\d(?:\s?[ap]\.?m\b)?|\d{1,2}\s?[ap]\.?m\b|\d+(?:[/.,-]\d+)*|"
    r"[^\W\d_]+(?:['-][^\W\d_]+)*|_+|[?!]+|\.{2,}|[^\w\s.,;:()\"'\[\]*|-]"
)


def tokens_of(text: str) -> list[str]:
    """Words in plain form, shorthand put right, numbers as what they are; emoji stand for themselves."""
    return [SPELLING.get(token, token) for token in map(_shape, _TOKENS.findall(plain(text)))]


def _shape(token: str) -> str:
    first = token[0]
    shape = token
    if first in "$€£₹":
        shape = "<money>"
    elif first.isdigit():
        if ":" in token or token[-1] == "m":
            shape = "<time>"
        elif "/" in token:
            shape = "<date>"
        elif len(token) > 2:
            shape = f"<{min(len(token), 7)} digits>"
    elif token.startswith("http"):
        shape = "<link>"
    elif "@" in token:
        shape = "<mail>"
    elif first in "?!":
        shape = token[:2]
    return shape


class Look(NamedTuple):
    """A message with all that is found in it before the model is asked."""

    message: Clean
    finding: Finding
    when: tuple[When, ...]
    features: dict[int, float]
    meanings: frozenset[str]
    """The concepts in it."""
    words: tuple[int, ...]
    """Its plain words as features, to see how many of them are known."""


def look_at(text: Text) -> Look:
    """Clean a message, apply the rules, read its dates, and list what the model sees of it."""
    message = clean(text.text)
    finding = examine(text.text, message.own)
    when = find_dates(message.own, text.received_at)
    own = message.own[:LONGEST]
    tokens = tokens_of(own)
    meanings = concepts(tokens)
    found: dict[int, float] = {}
    for names, weight in (
        (_words(tokens), 1.0),
        (_pieces(tokens), 1.2),
        (_meanings(meanings), 0.7),
        (_shape_of(own, tokens, message), 0.4),
        (_ends(tokens), 0.4),
        (_rules(finding), 0.4),
        (_times(when, text.received_at.date().isoformat()), 0.4),
    ):
        _add(found, names, weight)
    words = tuple(_number(f"w {token}") for token in tokens if token[0].isalpha())
    return Look(message, finding, when, found, frozenset(meanings), words)


def _add(found: dict[int, float], names: set[str], weight: float) -> None:
    """Each kind of feature has the same length in every message, however many of it there are."""
    if names:
        each = weight / len(names) ** 0.5
        for name in names:
            found[_number(name)] = each


def _number(name: str) -> int:
    return crc32(name.encode("utf-8", "replace"))


def _words(tokens: list[str]) -> set[str]:
    names = {f"w {token}" for token in tokens}
    names.update(f"b {a} {b}" for a, b in pairwise(tokens))
    return names


def _pieces(tokens: list[str]) -> set[str]:
    names: set[str] = set()
    for token in set(tokens):
        if token[0] == "<":
            continue
        padded = f" {token} "
        for size in (3, 4, 5):
            names.update(f"c{padded[at : at + size]}" for at in range(len(padded) - size + 1))
    return names


def _meanings(meanings: list[str]) -> set[str]:
    kinds = list(dict.fromkeys(meanings))
    names = {f"m {kind}" for kind in kinds}
    names.update(f"p {a} {b}" for at, a in enumerate(kinds) for b in kinds[at + 1 :][:6])
    if meanings:
        names.add(f"first {meanings[0]}")
        names.add(f"last {meanings[-1]}")
    return names


def _shape_of(text: str, tokens: list[str], message: Clean) -> set[str]:
    names = {f"s length {min(len(tokens).bit_length(), 7)}"}
    if "?" in text or "¿" in text:
        names.add("s asks")
    if "!" in text:
        names.add("s calls")
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 5 and sum(map(str.isupper, letters)) > 0.6 * len(letters):
        names.add("s capitals")
    if not letters:
        names.add("s no letters")
    if message.closing:
        names.add("s signed")
    return names


def _ends(tokens: list[str]) -> set[str]:
    return {f"f {token}" for token in tokens[:3]} | {f"l {token}" for token in tokens[-2:]}


def _rules(finding: Finding) -> set[str]:
    names = {f"r {reason.partition(' (')[0]}" for reason in finding.reasons}
    if finding.bodily:
        names.add("r bodily")
    if finding.calm:
        names.add("r calm")
    if finding.opts_out:
        names.add("r opts out")
    if finding.intent:
        names.add(f"r whole {finding.intent}")
    return names or {"r none"}


def _times(when: tuple[When, ...], today: str) -> set[str]:
    days = {one.date for one in when if one.date}
    names = {"d day"} if days else set()
    if any(one.time for one in when):
        names.add("d time")
    if today in days:
        names.add("d today")
    if len(days) > 1:
        names.add("d days")
    return names or {"d none"}
