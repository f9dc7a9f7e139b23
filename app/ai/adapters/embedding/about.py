"""What a text is about: topics, services and insurers in three languages, and the words that are left."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from app.ai.adapters.builtin.concepts import SPELLING
from app.ai.adapters.builtin.services import find_services
from app.ai.adapters.builtin.text import plain, readable
from app.ai.adapters.embedding.topics import INSURERS, STOPWORDS, TOPICS

LONGEST = 600
"""Characters of a text that are looked at."""
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+")
_SHORTEST_SWAP, _SHORTEST_SLIP = 5, 6
"""Letters of a word that may be misspelt: shorter ones are too near each other."""
_SERVICE_WORDS = (
    "cleaning cleanings filling fillings crown crowns cap veneers dentures implant implants extraction pulled pull "
    "pulling wisdom whitening white whiter checkup exam exams xray xrays root canal limpieza corona blanqueamiento "
    "implante implantes extraccion sacar muela empaste radiografia radiografias safai nikalwana nikalna"
)
_ENDINGS = ("ings", "ing", "ies", "es", "ed", "s")
_SHORTEST_STEM = 4


class About(NamedTuple):
    """What was found. ``kinds`` are topics in small letters; ``words`` are stems that no topic explains."""

    kinds: frozenset[str]
    topics: frozenset[str]
    services: frozenset[str]
    insurers: frozenset[str]
    words: frozenset[str]

    @property
    def subjects(self) -> frozenset[str]:
        """Everything but the kinds and the words that are left."""
        return self.topics | self.services | self.insurers


def about(text: str) -> About:
    """Read a text."""
    tokens = [_right(SPELLING.get(word, word)) for word in _WORD.findall(plain(readable(text[:LONGEST])))]
    whole = " ".join(tokens)
    topics, explained = _found(_TOPICS, whole)
    insurers, named = _found(_INSURERS, whole)
    if insurers:
        topics.add("INSURANCE")
    services = frozenset(find_services(whole, "question")) - {"child_visit"}
    words = frozenset(stem(token) for token in tokens if _tells(token) and token not in explained | named)
    return About(
        kinds=frozenset(one for one in topics if one.islower()),
        topics=frozenset(one for one in topics if one.isupper()),
        services=services,
        insurers=frozenset(insurers),
        words=words - _SERVICE_STEMS if services else words,
    )


def _tells(token: str) -> bool:
    return token not in STOPWORDS and len(token) > 1 and not token[0].isdigit()


def stem(word: str) -> str:
    """Cut an ending off: "cards" and "card" are one word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] in "aeo" else word


_SERVICE_STEMS = frozenset(stem(word) for word in [*_SERVICE_WORDS.split(), "teeth", "tooth", "diente", "dant"])


def _pattern(listed: str) -> str:
    # The longer phrase first: "payment plan" is not "payment".
    phrases = sorted(listed.split("|"), key=len, reverse=True)
    return "|".join(re.escape(phrase).replace(r"\*", r"[\w'-]*") for phrase in phrases)


def _compiled(lists: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(rf"(?<![\w'-])(?:{_pattern(listed)})(?![\w'])")) for name, listed in lists.items())


_TOPICS, _INSURERS = _compiled(TOPICS), _compiled(INSURERS)


def _found(patterns: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> tuple[set[str], set[str]]:
    """Return the names whose words stand in a text, and those words. "Gift card" is no card: the longest one counts."""
    hits = [(one.start(), one.end(), name) for name, pattern in patterns for one in pattern.finditer(text)]
    whole = [
        (start, end, name)
        for start, end, name in hits
        if not any(s <= start and end <= e and e - s > end - start for s, e, _ in hits)
    ]
    return {name for *_, name in whole}, {word for start, end, _ in whole for word in text[start:end].split()}


@cache
def _vocabulary() -> frozenset[str]:
    """Return the words that a slip may have been meant as: those that say something alone."""
    phrases = "|".join([*TOPICS.values(), *INSURERS.values(), *_SERVICE_WORDS.split()]).split("|")
    return frozenset(phrase.rstrip("*") for phrase in phrases if " " not in phrase)


@cache
def _near() -> dict[str, set[str]]:
    """Return those words by what is left of them when one letter is missing."""
    near: dict[str, set[str]] = {}
    for word in _vocabulary():
        for short in _shorter(word):
            near.setdefault(short, set()).add(word)
    return near


def _shorter(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(1, len(word))}


_STEMS = tuple(
    phrase[:-1] for listed in TOPICS.values() for phrase in listed.split("|") if phrase[-1] == "*" and " " not in phrase
)


def _right(word: str) -> str:
    """Put one slip right: two letters swapped; in longer words also one too many, too few or another one."""
    if len(word) < _SHORTEST_SWAP or word in _vocabulary() or word in STOPWORDS or word.startswith(_STEMS):
        return word
    shorter, near = _shorter(word), _near()
    same_length = {known for short in shorter for known in near.get(short, ()) if len(known) == len(word)}
    guesses = {known for known in same_length if _is_swap(known, word)}
    if len(word) >= _SHORTEST_SLIP:
        guesses |= near.get(word, set()) | (shorter & _vocabulary())
        guesses |= {known for known in same_length if sum(map(str.__ne__, known, word)) == 1}
    return min(guesses) if len(guesses) == 1 else word


def _is_swap(known: str, word: str) -> bool:
    places = [at for at, (a, b) in enumerate(zip(known, word, strict=True)) if a != b]
    return len(places) == 2 and places[1] == places[0] + 1 and sorted(known) == sorted(word)
