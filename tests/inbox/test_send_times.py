"""The usual times to send later, in the clinic's zone and the patient's, over changes of the clock."""

import datetime as dt
from types import SimpleNamespace

import pytest

from app.desk.send_times import as_typed, send_times, there, typed_time

CLINIC = SimpleNamespace(timezone="America/New_York", locale="en-US", quiet_from="21:00", quiet_to="08:00")
HOME, LOS_ANGELES, NOWHERE = "+12125550100", "+13105550100", "+18005550100"


def at(text):
    return dt.datetime.fromisoformat(text)


def told(phone, now):
    return [(one.words, one.hint) for one in send_times(there(phone, CLINIC, at(now)), "Ann", CLINIC, at(now))]


def test_the_usual_times_of_a_patient_next_door():
    assert told(HOME, "2026-06-03T14:02-04:00") == [
        ("In an hour", "Wed, Jun 3, 3:05 PM"),
        ("Today at 5:00 PM", "Wed, Jun 3, 5:00 PM"),
        ("Tomorrow at 9:00 AM", "Thu, Jun 4, 9:00 AM"),
    ]
    assert [words for words, _ in told(HOME, "2026-06-05T20:00-04:00")] == [
        "In an hour",
        "Tomorrow at 9:00 AM",
        "Monday at 9:00 AM",
    ]


def test_a_patient_far_away_has_a_morning_of_their_own():
    assert told(LOS_ANGELES, "2026-06-03T18:00-04:00")[1:] == [
        ("Tomorrow at 9:00 AM", "Thu, Jun 4, 9:00 AM, 6:00 AM there"),
        ("Tomorrow at 9:00 AM where Ann is", "Thu, Jun 4, 12:00 PM, 9:00 AM there"),
    ]


def test_tomorrow_morning_is_nine_on_the_wall_when_the_clocks_change():
    [_, morning, *_] = send_times(None, "Ann", CLINIC, at("2026-03-07T22:00-05:00"))
    assert morning.at == "2026-03-08T13:00:00Z"


@pytest.mark.parametrize(
    ("phone", "now", "odd"),
    [
        (HOME, "2026-06-03T12:00-04:00", False),
        (HOME, "2026-06-03T23:40-04:00", True),
        (HOME, "2026-06-03T07:59-04:00", True),
        (LOS_ANGELES, "2026-06-03T10:59-04:00", True),
        (LOS_ANGELES, "2026-06-03T11:00-04:00", False),
    ],
)
def test_odd_is_what_is_night_where_they_are(phone, now, odd):
    found = there(phone, CLINIC, at(now))
    assert (found.odd, found.elsewhere) == (odd, phone == LOS_ANGELES)


def test_a_number_that_does_not_tell_is_not_guessed():
    assert there(NOWHERE, CLINIC) is None
    assert there(None, CLINIC) is None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-04-03T09:30", "2026-04-03T13:30:00+00:00"),
        ("2026-04-03T09:30:00Z", "2026-04-03T09:30:00+00:00"),
        ("soon", None),
        ("", None),
        ("2026-13-01T00:00", None),
    ],
)
def test_a_typed_time_is_the_clinics(text, instant):
    found = typed_time(text, CLINIC)
    assert found == (at(instant) if instant else None)
    if found:
        assert as_typed(found, CLINIC) == f"{found.astimezone(dt.UTC) - dt.timedelta(hours=4):%Y-%m-%dT%H:%M}"
