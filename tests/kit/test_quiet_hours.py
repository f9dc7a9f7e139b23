"""Automatic messages wait for the recipient's morning, over every change of the clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.quiet_hours import STRICTER, Window, is_open, next_open, where_is

ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Phoenix",
    "America/St_Johns",
    "Europe/London",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Africa/Cairo",
]
DAYS = Window()
first, last = (dt.datetime(year, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None) for year in (2024, 2029))
moments = st.datetimes(first, last, timezones=st.just(dt.UTC))
times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
windows = st.one_of(st.just(DAYS), st.builds(Window, times, times))


def utc(zone, *numbers):
    return dt.datetime(*numbers, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


@given(moments, st.sampled_from(ZONES), windows, st.sampled_from([None, *STRICTER]))
def test_never_early_never_at_night_and_no_later_than_needed(at, zone, window, state):
    opened = next_open(at, (zone,), window, state)
    assert opened >= at
    assert is_open(opened, zone, window, state)
    assert next_open(opened, (zone,), window, state) == opened
    if opened > at:
        assert not is_open(at, zone, window, state)
        before = opened - dt.timedelta(minutes=1)
        assert before < at or not is_open(before, zone, window, state)
        assert opened - at <= dt.timedelta(days=2)


@given(moments, moments, st.sampled_from(ZONES), windows)
def test_who_waits_from_earlier_on_does_not_leave_later(one, other, zone, window):
    first, second = sorted((one, other))
    assert next_open(first, (zone,), window) <= next_open(second, (zone,), window)


@given(moments, st.sets(st.sampled_from(ZONES[:4]), min_size=2, max_size=4))
def test_with_several_zones_it_is_day_in_all_of_them(at, zones):
    opened = next_open(at, tuple(sorted(zones)), DAYS)
    assert all(is_open(opened, zone, DAYS) for zone in zones)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ((2026, 3, 7, 22, 0), (2026, 3, 8, 8, 0)),  # the night that has 23 hours
        ((2026, 10, 31, 22, 0), (2026, 11, 1, 8, 0)),  # the night that has 25
        ((2026, 6, 1, 20, 59), (2026, 6, 1, 20, 59)),
        ((2026, 6, 1, 21, 0), (2026, 6, 2, 8, 0)),
        ((2026, 6, 1, 7, 59), (2026, 6, 1, 8, 0)),
    ],
)
def test_the_usual_hours(at, opens):
    assert next_open(utc("America/New_York", *at), ("America/New_York",), DAYS) == utc("America/New_York", *opens)


@pytest.mark.parametrize(
    ("state", "at", "opens"),
    [
        ("FL", (2026, 6, 1, 20, 30), (2026, 6, 2, 8, 0)),
        ("CT", (2026, 6, 1, 8, 30), (2026, 6, 1, 9, 0)),
        ("TX", (2026, 6, 7, 9, 0), (2026, 6, 7, 12, 0)),  # a Sunday
        ("TX", (2026, 6, 6, 9, 0), (2026, 6, 6, 9, 0)),
    ],
)
def test_stricter_states(state, at, opens):
    assert next_open(utc("America/Chicago", *at), ("America/Chicago",), DAYS, state) == utc("America/Chicago", *opens)


@pytest.mark.parametrize(
    ("phone", "zone", "state"),
    [
        ("+12125550100", "America/New_York", None),
        ("+13055550100", "America/New_York", "FL"),
        ("+12035550100", "America/New_York", "CT"),
        ("+15125550100", "America/Chicago", "TX"),
        ("+4930123456", "Europe/Berlin", None),
        ("+919876543210", "Asia/Calcutta", None),
    ],
)
def test_a_number_tells_where_its_owner_is(phone, zone, state):
    found = where_is(phone)
    assert zone in found.zones
    assert found.state == state


@pytest.mark.parametrize("text", ["", "hello", "12345", "+0", "patient@mail.example", "+999999999999"])
def test_what_is_no_number_is_nowhere(text):
    assert where_is(text) == ((), None)
