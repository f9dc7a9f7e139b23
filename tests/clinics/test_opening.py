"""When a clinic is open, and when it opens next, by its own clock and over the change of clocks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest

from app.clinics.schemas import ClinicView
from app.clinics.service import is_open, next_opening

ZONE = ZoneInfo("America/New_York")
WEEKDAYS = {str(day): [["09:00", "12:00"], ["13:00", "17:00"]] for day in range(1, 6)}


def clinic(hours):
    told = dict.fromkeys(("slug", "name", "locale", "country", "currency", "client_code"), "")
    numbers = dict.fromkeys(("undo_seconds", "lock_minutes", "reply_target_minutes"), 0)
    ids = {"id": "00000000-0000-0000-0000-000000000001", "timezone": "America/New_York", "hours": hours}
    return msgspec.convert({**told, **numbers, **ids}, ClinicView)


def at(day, clock):
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), ZONE)


FRIDAY, SATURDAY, MONDAY = dt.date(2026, 3, 6), dt.date(2026, 3, 7), dt.date(2026, 3, 9)


@pytest.mark.parametrize(
    ("day", "clock", "expected", "opens"),
    [
        (FRIDAY, "08:59", False, (FRIDAY, "09:00")),
        (FRIDAY, "09:00", True, None),
        (FRIDAY, "12:00", False, (FRIDAY, "13:00")),
        (FRIDAY, "16:59", True, None),
        # the clocks go forward between these two
        (FRIDAY, "17:00", False, (MONDAY, "09:00")),
        (SATURDAY, "10:00", False, (MONDAY, "09:00")),
    ],
)
def test_open_and_opens(day, clock, expected, opens):
    now = at(day, clock).astimezone(dt.UTC)
    assert is_open(clinic(WEEKDAYS), now) is expected
    assert next_opening(clinic(WEEKDAYS), now) == (at(*opens) if opens else None)


def test_a_clinic_without_hours_is_always_open():
    now = at(SATURDAY, "03:00")
    assert is_open(clinic({}), now)
    assert next_opening(clinic({}), now) is None
