"""What people type as a number, and what is stored."""

from __future__ import annotations

import pytest

from app.kit.phone import parse_phone


@pytest.mark.parametrize(
    ("typed", "country", "stored", "reachable"),
    [
        ("+1 202 555 0111", "US", "+12025550111", True),
        ("(202) 555-0111", "US", "+12025550111", True),
        ("12025550111", "US", "+12025550111", True),
        ("919876543210", "US", "+919876543210", True),
        ("9876543210", "IN", "+919876543210", True),
        ("020 7946 0018", "GB", "+442079460018", True),
        ("5550111", "US", "5550111", False),
        ("call me", "US", "call me", False),
        ("", "US", "", False),
        ("9" * 400, "US", "9" * 40, False),
    ],
)
def test_numbers(typed, country, stored, reachable):
    assert parse_phone(typed, country) == (stored, reachable)
