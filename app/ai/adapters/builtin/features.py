"""What the model sees of a message: words, pairs of words, pieces of words and concepts, each a 32-bit number."""

from __future__ import annotations

import re
from itertools import pairwise
from zlib import crc32

from app.ai.adapters.builtin.lexicon import SPELLING, concepts
from app.ai.adapters.builtin.text import Clean, plain

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


def features(message: Clean) -> dict[int, float]:
    """The features of a message, each with its weight; together they have length one per kind."""
    text = message.own[:LONGEST]
    tokens = tokens_of(text)
    found: dict[int, float] = {}
    meanings = concepts(tokens)
    _add(found, _words(tokens), 1.0)
    _add(found, _pieces(tokens), 0.8)
    _add(found, _meanings(meanings), 1.0)
    _add(found, _shape_of(text, tokens, message), 0.6)
    return found


def _add(found: dict[int, float], names: set[str], weight: float) -> None:
    if names:
        each = weight / len(names) ** 0.5
        for name in names:
            found[crc32(name.encode("utf-8", "replace"))] = each


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
