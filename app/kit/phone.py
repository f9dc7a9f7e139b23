"""Phone numbers: what people type becomes E.164 with ``+``. How numbers look on the screen is in ``kit/format``."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

LONGEST = 40
"""Characters of a number that are looked at; nobody writes longer ones by hand."""


class Phone(NamedTuple):
    """A number as it is stored. ``reachable`` is false for one that cannot be completed: it is kept as given."""

    address: str
    reachable: bool


@lru_cache(maxsize=4096)
def parse_phone(text: str, country: str) -> Phone:
    """Return the E.164 form of what a person typed; ``country`` completes a number without its country code.

    Digits without ``+`` may be a national number or an international one whose plus was left out: national wins where
    both make sense.
    """
    given = text.strip()[:LONGEST].strip()
    for candidate, region in ((given, country), ("+" + given.lstrip("+"), None)):
        try:
            number = phonenumbers.parse(candidate, region)
        except NumberParseException:
            continue
        # "Possible", not "valid": the plans of the library are older than the newest area codes, and fictional
        # numbers (555-01xx) must work in demos and tests.
        if phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
            return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), reachable=True)
    return Phone(given, reachable=False)
