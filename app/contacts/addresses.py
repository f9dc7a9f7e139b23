"""What a person types as a number or an address, and what is stored."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.kit.errors import Invalid
from app.kit.phone import parse_phone

LONGEST_PHONE, LONGEST_EMAIL = 32, 254
_EMAIL = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@[^\s@<>(),;:\\\"\[\]]+\.[^\s@<>(),;:\\\"\[\].]+", re.UNICODE)


class Address(NamedTuple):
    """One number or address as it is stored. ``kind`` is phone or email."""

    kind: str
    address: str
    is_reachable: bool


def parse_address(kind: str, text: str, country: str, *, field: str = "address") -> Address:
    """Return what is stored; the clinic's ``country`` completes a number.

    A number that cannot be completed is kept as given and cannot be reached. Raises ``Invalid`` naming ``field`` for
    what is no number or address at all.
    """
    given = text.strip()
    if any(ord(c) < 32 or "\ud800" <= c <= "\udfff" for c in given):
        raise Invalid.field(field, "This holds characters that cannot be kept.")
    if kind == "email":
        if len(given) > LONGEST_EMAIL or not _EMAIL.fullmatch(given):
            raise Invalid.field(field, "This does not look like an e-mail address.")
        return Address("email", given.lower()[:LONGEST_EMAIL], is_reachable=True)
    if not any(c.isdigit() for c in given) or len(given) > LONGEST_PHONE:
        raise Invalid.field(field, "This does not look like a phone number.")
    phone = parse_phone(given, country)
    return Address("phone", phone.address, phone.reachable)
