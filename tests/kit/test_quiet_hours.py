"""Quiet hours: never inside them, never earlier than asked, whatever the clocks of the world do."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.quiet_hours import STATES, Place, Window, is_open, next_open, place_of

DAY = Window(dt.time(8), dt.time(21))
ZONES = (
    "America/New_York",
    "America/Phoenix",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/St_Johns",
)
JUMPS = st.sampled_from(
    [dt.datetime(year, month, day, tzinfo=dt.UTC) for year in range(2024, 2029) for month in (3, 4, 10, 11)
     for day in (1, 3, 10, 27, 31) if not (month in {4, 11} and day == 31)]
)  # fmt: skip
INSTANTS = st.builds(lambda day, minutes: day + dt.timedelta(minutes=minutes), JUMPS, st.integers(-2880, 2880))
TIMES = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
PLACES = st.builds(
    Place,
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True).map(tuple),
    st.sampled_from([None, *set(STATES.values())]),
)


@settings(max_examples=400, deadline=None)
@given(INSTANTS, PLACES, st.builds(Window, TIMES, TIMES))
def test_it_is_never_earlier_and_never_quiet(at, place, window):
    found = next_open(at, place, window)
    if found is not None:
        assert found >= at
        assert is_open(found, place, window)


@settings(max_examples=200, deadline=None)
@given(INSTANTS, st.integers(0, 3000), st.sampled_from(ZONES), st.sampled_from([None, *set(STATES.values())]))
def test_asking_later_never_gives_an_earlier_time_and_one_is_always_found(at, minutes, zone, state):
    place = Place((zone,), state)
    first, second = (next_open(one, place, DAY) for one in (at, at + dt.timedelta(minutes=minutes)))
    assert first is not None
    assert second is not None
    assert first <= second


@settings(max_examples=60, deadline=None)
@given(INSTANTS, st.sampled_from(ZONES), st.builds(Window, TIMES, TIMES))
def test_no_open_minute_is_passed_over(at, zone, window):
    place = Place((zone,), None)
    found = next_open(at, place, window)
    assert found is not None
    minutes = int((found - at).total_seconds() // 60)
    assert not any(is_open(at + dt.timedelta(minutes=n), place, window) for n in range(minutes))


@pytest.mark.parametrize(
    ("phone", "at", "expected"),
    [
        ("+12025550142", "2026-06-03T20:59", "2026-06-03T20:59"),
        ("+12025550142", "2026-06-03T21:00", "2026-06-04T08:00"),
        ("+13055550142", "2026-06-03T20:00", "2026-06-04T08:00"),  # Florida
        ("+12035550142", "2026-06-03T08:30", "2026-06-03T09:00"),  # Connecticut
        ("+15125550142", "2026-06-07T10:00", "2026-06-07T12:00"),  # Texas, a Sunday
        ("+15125550142", "2026-06-08T09:00", "2026-06-08T09:00"),
        ("+14055550142", "2026-06-03T20:30", "2026-06-04T08:00"),  # Oklahoma
    ],
)
def test_each_law_as_it_is_written(phone, at, expected):
    place = place_of(phone, "Asia/Tokyo")
    zone = ZoneInfo(place.zones[0])
    asked = dt.datetime.fromisoformat(at).replace(tzinfo=zone)
    found = next_open(asked, place, DAY)
    assert found is not None
    assert found.astimezone(zone).strftime("%Y-%m-%dT%H:%M") == expected


def test_of_several_zones_all_must_be_awake():
    place = Place(("America/New_York", "America/Los_Angeles"), None)
    found = next_open(dt.datetime(2026, 6, 3, 12, 0, tzinfo=dt.UTC), place, DAY)  # 08:00 and 05:00
    assert found == dt.datetime(2026, 6, 3, 15, 0, tzinfo=dt.UTC)
    assert not is_open(dt.datetime(2026, 6, 4, 1, 30, tzinfo=dt.UTC), place, DAY)  # 21:30 and 18:30


def test_an_opening_time_that_the_clock_leaves_out_counts_from_the_jump():
    place, window = Place(("America/New_York",), None), Window(dt.time(2, 30), dt.time(21))
    found = next_open(dt.datetime(2026, 3, 8, 6, 0, tzinfo=dt.UTC), place, window)  # 01:00; 02:00 becomes 03:00
    assert found == dt.datetime(2026, 3, 8, 7, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("phone", [None, "", "anna@example.com", "+999123", "not a number"])
def test_where_nothing_is_known_the_clinics_zone_counts(phone):
    assert place_of(phone, "Asia/Kolkata").zones == ("Asia/Kolkata",)
