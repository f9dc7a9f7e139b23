"""Made-up patients. Every number is from the range that is kept free for fiction (555-0100 to 555-0199)."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from unicodedata import normalize

import msgspec

if TYPE_CHECKING:
    from app.simulator.past import Past


class Person(msgspec.Struct, frozen=True):
    """Somebody who writes. ``language``: en, es, or hi for Hindi written in Latin letters with English in it."""

    name: str
    phone: str
    language: str = "en"
    child: str = "Leo"
    plan: str = "Delta Dental"

    @property
    def first_name(self) -> str:
        """The name they sign with."""
        return self.name.split()[0]

    @property
    def email(self) -> str:
        """Where they write mails from. The number keeps namesakes apart."""
        plain = normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        return f"{'.'.join(plain.split())}.{self.phone[-4:]}@mail.example"


PLANS = ("Delta Dental", "MetLife", "Cigna", "Aetna", "Guardian", "Blue Cross", "Humana", "United Concordia")
CHILDREN = ("Leo", "Maya", "Noah", "Isla", "Omar", "Zoe", "Kabir", "Lucia", "Ben", "Anika")
_AREAS = ("202", "212", "305", "312", "404", "415", "512", "602", "617", "702", "713", "718", "786", "818", "917")

_EN_FIRST = (
    "Rosa",
    "James",
    "Emily",
    "Marcus",
    "Hannah",
    "Tyrone",
    "Grace",
    "Oliver",
    "Naomi",
    "Ethan",
    "Chloe",
    "Victor",
    "Ruth",
    "Derek",
    "Amara",
    "Simon",
    "Paige",
    "Gordon",
    "Leah",
    "Curtis",
    "Nina",
    "Howard",
    "Tessa",
    "Elliot",
)
_EN_LAST = (
    "Bennett",
    "Walsh",
    "Okafor",
    "Nguyen",
    "Fisher",
    "Brooks",
    "Kowalski",
    "Sullivan",
    "Hayes",
    "Lindgren",
    "Park",
    "Goldberg",
    "Reyes",
    "Whitaker",
    "Osei",
    "Marchetti",
    "Doyle",
    "Chan",
    "Petrov",
    "Ellison",
)
_ES_FIRST = ("María", "José", "Carmen", "Luis", "Gabriela", "Miguel", "Lucía", "Andrés", "Paola", "Javier")
_ES_LAST = ("Hernández", "Castillo", "Morales", "Vargas", "Delgado", "Rojas", "Fuentes", "Salazar")
_HI_FIRST = ("Anjali", "Rahul", "Neha", "Vikram", "Pooja", "Arjun", "Meera", "Sanjay")
_HI_LAST = ("Sharma", "Patel", "Gupta", "Reddy", "Mehta", "Kapoor", "Iyer")
_POOLS = {"en": (_EN_FIRST, _EN_LAST), "es": (_ES_FIRST, _ES_LAST), "hi": (_HI_FIRST, _HI_LAST)}


def fiction_number(index: int) -> str:
    """Return the n-th number nobody has: 15 areas of 100; above that further exchanges that are not given out."""
    area = _AREAS[index % len(_AREAS)]
    line = index // len(_AREAS)
    exchange = 555 if line < 100 else 900 + (line // 100) % 99
    return f"+1{area}{exchange}{100 + line % 100:04d}"


def make_person(index: int, seed: int = 0) -> Person:
    """Return the n-th made-up person; the same one for the same number and seed."""
    draw = random.Random(f"{seed}:person:{index}")  # noqa: S311 - a demo
    language = draw.choices(("en", "es", "hi"), (76, 14, 10))[0]
    first, last = _POOLS[language]
    # First names in turn, so that a screen does not show the same one twice.
    return Person(
        name=f"{first[index % len(first)]} {draw.choice(last)}",
        phone=fiction_number(index),
        language=language,
        child=draw.choice(CHILDREN),
        plan=draw.choice(PLANS),
    )


def person_of(index: int, past: Past) -> Person:
    """Return who stands behind a past."""
    return Person(past.name, fiction_number(index), past.language)
