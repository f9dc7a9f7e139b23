"""Whether a fact answers a question: how near it is, and what no nearness can make good. Pure.

Near is not enough: the price of a cleaning is the nearest fact to "how much is a filling?" and a wrong answer. So what
a question names must not be missing from the fact: another treatment, another insurer, a language, a guarantee.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from app.ai.adapters.embedding.about import About, about

ENOUGH = 0.6
"""Score from which a fact counts as an answer that a person looks at; see ``make triage-eval``."""
SURE = 0.7
"""Score from which it may stand in an answer that nobody reads first."""
MOST_PARTS = 4
"""Questions of one message that are looked for one by one."""
_MOST_SENTENCES = 40
_SHORT = 200
"""Characters of a message that is also looked for as a whole."""
_NOT_ASKED = 0.75
"""What a likeness is worth where nothing is asked: "my insurance is with Delta"."""

_QUESTION_WORD = (
    r"(?:what|whats|when|where|wheres|which|who|how|whether|do|does|did|is|are|can|could|will|would|any|u|you|qu[eé]|"
    r"cu[aá]l|cu[aá]ndo|d[oó]nde|c[oó]mo|cu[aá]nt[oa]s?|qui[eé]n|hay|tienen|aceptan|atienden|puedo|kya|kitn[aei]|kab|"
    r"kahan|kaun|kaise)\b"
)
_BORDER = re.compile(
    rf"(?<=[.?!\n;])\s*|,\s{{0,3}}(?:and |y |aur |but |pero |so )?(?={_QUESTION_WORD})|"
    rf"\s(?:and|also|y|aur)\s(?={_QUESTION_WORD})",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"[?¿]|^\W{{0,5}}(?:and |also |y |aur |hi |hey |hola |hello )?{_QUESTION_WORD}|"
    r"\b(?:kya|kitn[aei]|kab|kahan|kaise|kaunsa|price|prices|cost|costs|precio|costo|need|necesito|send|manda|bhej|"
    r"tell me|let me know|want to know|wondering|ballpark)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(rf"[?¿]|^\W{{0,5}}(?:and |also |y |aur )?{_QUESTION_WORD}", re.IGNORECASE)
_EITHER = re.compile(r"\b(?:or|o|ya)\b", re.IGNORECASE)
_AMOUNT = re.compile(r"[$€£₹]|\d\s?(?:dollars|usd|euros?|pesos|rupees|rs)\b", re.IGNORECASE)
_FREE = re.compile(r"\b(?:free|gratis|muft|no cost)\b", re.IGNORECASE)
_TIME = re.compile(r"\b(?:minut|hour|day|week|month|year|hora|d[ií]a|semana|mes|año|ghant|din|hafte)\w*", re.IGNORECASE)
_MUST_NAME = frozenset(
    {
        "WARRANTY",
        "GIFTCARD",
        "REFUND",
        "DEPOSIT",
        "WIFI",
        "ANIMALS",
        "ENTERTAINMENT",
        "COMPANY",
        "HURTING",
        "PREGNANCY",
        "EATING",
        "PRESCRIPTION",
        "BRIDGE",
        "COVERED",
        "ALIGNERS",
        "BRACES",
        "RETAINER",
        "BOTOX",
        "LASER",
        "SECONDOPINION",
        "REFERRAL",
        "SHOP",
        "BRAND",
        "WHO",
        "JOBS",
        "AGE",
        "OWED",
        "MINE",
        "HOLIDAY",
        "WALKIN",
        "RECORDS",
        "ENGLISH",
        "RUSSIAN",
        "CHINESE",
        "FRENCH",
        "ARABIC",
        "PORTUGUESE",
        "HINDI",
        "SPANISH",
        "TRANSIT",
        "ACCESS",
        "PLAN",
        "MEMBERSHIP",
        "SEDATION",
    }
)
"""Topics that a fact has, or it answers something else."""
_OFTEN_SAID = frozenset({"FIRSTVISIT", "NEWHERE", "CHILDREN"})
"""Topics that people mention and do not ask about."""
_KEPT = frozenset(
    {
        "INSURANCE",
        "PARKING",
        "PLACE",
        "TRANSIT",
        "ACCESS",
        "REFUND",
        "DEPOSIT",
        "PAYING",
        "PLAN",
    }
)
"""Topics of what clinics write down."""
_MEASURES = frozenset({"price", "duration"})


class Part(NamedTuple):
    """One thing that a message asks, or says."""

    text: str
    about: About
    asks: bool

    @property
    def asks_for_fact(self) -> bool:
        """Say whether it plainly asks for what clinics write down: a price, an insurance, the way, the rules."""
        is_kind = self.about.kinds & (_MEASURES | {"rules"}) or self.about.topics & _KEPT
        return bool(is_kind and _QUESTION.search(self.text))


class Fact(NamedTuple):
    """What is read in a fact. ``whole`` is of its title and body together."""

    kind: str
    title: About
    whole: About
    body: str

    @property
    def measures(self) -> frozenset[str]:
        """What it tells of something: its price, its duration."""
        return self.title.kinds & _MEASURES or frozenset({"price"} if self.kind == "price" else ())


def parts_of(message: str) -> list[Part]:
    """Return what a message asks, one question each, those that ask first; a short message also as a whole."""
    sentences = [one.strip() for one in _BORDER.split(message) if any(map(str.isalpha, one))][:_MOST_SENTENCES]
    telling = [part for part in map(_part, sentences) if part.about.subjects or part.about.kinds or part.about.words]
    parts = sorted(telling, key=lambda one: not one.asks)[:MOST_PARTS]
    if len(telling) > 1 and len(message) <= _SHORT:
        parts.append(_part(message))
    return parts


def _part(text: str) -> Part:
    return Part(text, about(text), bool(_ASKS.search(text)))


@lru_cache(maxsize=4_000)
def fact_of(kind: str, title: str, body: str) -> Fact:
    """Read a fact."""
    return Fact(kind, about(title), about(f"{title}. {body}"), body)


def score(part: Part, message: About, fact: Fact, worth: float) -> float:
    """Return how well a fact answers a part of a message, 0 to 1. ``worth``: its likeness, on the embedders' scale."""
    if not may_answer(part, message, fact):
        return 0.0
    return worth if part.asks else _NOT_ASKED * worth


def may_answer(part: Part, message: About, fact: Fact) -> bool:
    """Say whether a fact can be an answer at all, however near it is. ``message``: all of which this is a part."""
    asked, known = part.about, fact.whole
    services = asked.services or message.services
    if asked.insurers and "INSURANCE" in known.topics and not asked.insurers & known.insurers:
        return False
    if services and fact.title.services and not services & fact.title.services:
        return False
    must = asked.topics & _MUST_NAME
    # "Aligners or only braces?" is answered by either.
    if must and (not must & known.topics if _EITHER.search(part.text) else must - known.topics):
        return False
    return _measures_what_is_asked(asked, services, fact)


def _measures_what_is_asked(asked: About, services: frozenset[str], fact: Fact) -> bool:
    """Say whether a price is told to who asks for a price of it, a duration to who asks how long it takes."""
    shared = asked.topics & fact.title.topics
    tells = fact.measures
    if tells and not tells & asked.kinds and not shared - _OFTEN_SAID:
        return False
    if "price" in tells and fact.title.services and not services and not shared:
        return False
    names_amount = "price" in tells or _AMOUNT.search(fact.body) or (_FREE.search(fact.body) and not services)
    if "price" in asked.kinds and not names_amount:
        return False
    return "duration" not in asked.kinds or bool(_TIME.search(fact.body))
