"""Dates and times in messages: the rules by which the messages are labelled."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ai.adapters.builtin.dates import find_dates

WEDNESDAY = datetime.fromisoformat("2026-03-04T10:15:00")


def dates(text: str, at: datetime = WEDNESDAY) -> list[str]:
    return [when.date for when in find_dates(text, at) if when.date]


def times(text: str) -> list[str]:
    return [when.time for when in find_dates(text, WEDNESDAY) if when.time]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("can I come Friday", ["2026-03-06"]),
        ("Wednesday is fine", ["2026-03-11"]),
        ("next Friday please", ["2026-03-13"]),
        ("Monday next week", ["2026-03-09"]),
        ("this afternoon or tomorrow", ["2026-03-04", "2026-03-05"]),
        ("the day after tomorrow", ["2026-03-06"]),
        ("6/3 works", ["2026-03-06"]),
        ("on 3/19", ["2026-03-19"]),
        ("03/02/2026", ["2026-03-02"]),
        ("March 18", ["2026-03-18"]),
        ("2nd of february", ["2027-02-02"]),
        ("Monday 9 March at 8:40", ["2026-03-09"]),
        ("the 28th", ["2026-03-28"]),
        ("the 2nd", ["2026-04-02"]),
        ("the 31st", ["2026-03-31"]),
        ("in two weeks", ["2026-03-18"]),
        ("el 15 de marzo", ["2026-03-15"]),
        ("el viernes o pasado mañana", ["2026-03-06", "2026-03-06"]),
        ("hoy en la tarde, no mañana por la mañana", ["2026-03-04", "2026-03-05"]),
        ("kal ya parso", ["2026-03-05", "2026-03-06"]),
        ("shanivar ko 10 baje", ["2026-03-07"]),
        ("wendsday or thrusday", ["2026-03-11", "2026-03-05"]),
        ("Mondays are good", []),
        ("every Tuesday", []),
        ("first week of april", []),
        ("the week of the 23rd", []),
        ("next month", []),
        ("I need the 2nd one", []),
        ("open 24/7", []),
        ("February 30", []),
    ],
)
def test_days(text, wanted):
    assert dates(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("at 4", ["16:00"]),
        ("at 7", ["07:00"]),
        ("after 12", ["12:00"]),
        ("5 o'clock", ["17:00"]),
        ("2:15 is perfect", ["14:15"]),
        ("2pm or 9 am", ["14:00", "09:00"]),
        ("12am", ["00:00"]),
        ("12 pm", ["12:00"]),
        ("14:30", ["14:30"]),
        ("noon", ["12:00"]),
        ("half past 3", ["15:30"]),
        ("quarter to 5", ["16:45"]),
        ("a las 3 y media", ["15:30"]),
        ("a las 7 de la tarde", ["19:00"]),
        ("shaam 5 baje", ["17:00"]),
        ("subah 10 baje", ["10:00"]),
        ("between 3 and 5", ["15:00", "17:00"]),
        ("at 5pm instead of 3pm", ["17:00", "15:00"]),
        ("after 2 weeks", []),
        ("my son is 7", []),
        ("at 25:99", []),
        ("call 555-0148", []),
        ("$89 cleaning", []),
        ("99:99", []),
    ],
)
def test_clock_times(text, wanted):
    assert times(text) == wanted


def test_the_words_are_given_as_they_were_written():
    (found,) = find_dates("¿Puede ser el Próximo Lunes?", WEDNESDAY)
    assert found.text == "Próximo Lunes"


@given(st.text(max_size=200), st.datetimes())
@settings(max_examples=150, deadline=None)
def test_any_text_gives_only_real_dates_and_times(text, at):
    for when in find_dates(text, at):
        if when.date:
            date.fromisoformat(when.date)
        if when.time:
            time.fromisoformat(when.time)


@given(st.integers(0, 360), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
@settings(max_examples=100, deadline=None)
def test_a_day_with_its_month_is_the_next_such_day(ahead, today):
    day = today + timedelta(ahead)
    if (day.month, day.day) == (2, 29):
        return
    at = datetime.combine(today, time(9))
    for text in (f"{day:%B} {day.day}", f"{day.day} {day:%b}", f"see you on {day:%A} {day.day} {day:%B}"):
        assert dates(text, at) == [day.isoformat()]


@given(st.integers(0, 6), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
@settings(max_examples=60, deadline=None)
def test_a_bare_weekday_lies_in_the_week_ahead(weekday, today):
    name = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[weekday]
    at = datetime.combine(today, time(9))
    (bare,) = dates(f"can i come {name}", at)
    ahead = date.fromisoformat(bare)
    assert ahead.weekday() == weekday
    assert today < ahead <= today + timedelta(7)
    (following,) = dates(f"next {name} please", at)
    assert date.fromisoformat(following).isocalendar()[:2] == (today + timedelta(7)).isocalendar()[:2]
