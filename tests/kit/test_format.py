"""What people read: times in the clinic's zone, waiting in its hours, numbers, lengths of texts."""

import datetime as dt

import pytest

from app.kit import format as words

NEW_YORK = {"timezone": "America/New_York", "locale": "en-US", "country": "US"}
BERLIN = {"timezone": "Europe/Berlin", "locale": "de-DE", "country": "DE"}
NOW = dt.datetime(2026, 4, 2, 13, 42, tzinfo=dt.UTC)  # Thursday, 9:42 AM in New York


def utc(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (utc(2026, 4, 2, 13, 42), "9:42 AM"),
        (utc(2026, 4, 2, 4, 0), "12:00 AM"),
        (utc(2026, 4, 2, 3, 59), "Yesterday"),
        (utc(2026, 3, 31, 15), "Tue"),
        (utc(2026, 3, 27, 15), "Fri"),
        (utc(2026, 3, 3, 15), "Mar 3"),
        (utc(2024, 3, 3, 15), "Mar 3, 2024"),
        ("2026-04-02T13:42:00Z", "9:42 AM"),
        (None, ""),
    ],
)
def test_a_list_says_when_in_the_clinics_zone(at, said):
    assert words.list_time(at, NEW_YORK, NOW) == said


def test_the_locale_decides_how_a_clock_reads():
    assert words.clock_time(NOW, BERLIN) == "15:42"
    assert words.clock_time(NOW, {"timezone": "nowhere", "locale": "xx"}) == "1:42 PM"


def test_a_time_in_a_sentence_names_its_day():
    assert words.long_time(NOW, NEW_YORK) == "Thursday, April 2, 9:42 AM"
    assert words.long_time(NOW, NEW_YORK | {"locale": "es"}) == "jueves, 2 de abril, 9:42"
    assert words.long_time(None, NEW_YORK) == ""


def test_a_full_time_names_day_and_zone():
    assert words.full_time(NOW, NEW_YORK) == "Thursday, April 2, 2026, 9:42 AM EDT"
    assert words.iso("2026-04-02T09:42:00-04:00") == "2026-04-02T13:42:00Z"


def test_days_are_divided_at_the_clinics_midnight():
    assert words.day_key(utc(2026, 4, 2, 3, 59), NEW_YORK) == "2026-04-01"
    assert [words.day_divider(at, NEW_YORK, NOW) for at in (NOW, utc(2026, 4, 1, 12), utc(2026, 3, 3, 12))] == [
        "Today", "Yesterday", "Tue, Mar 3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "now"), (3, "3 min"), (60, "1 h"), (65, "1 h 5"), (80, "1 h 20"), (1440, "1 day"), (2900, "2 days")],
)
def test_waiting_is_said_in_few_letters(minutes, said):
    assert words.waiting_text(minutes) == said


def test_waiting_counts_opening_hours_only():
    clinic = {**NEW_YORK, "hours": {str(day): [["09:00", "12:00"], ["13:00", "17:00"]] for day in range(1, 6)}}
    assert words.waiting_minutes(utc(2026, 4, 1, 20, 30), clinic, NOW) == 30 + 42  # from 4:30 PM to 9:42 AM
    assert words.waiting_minutes(utc(2026, 4, 2, 15, 30), clinic, utc(2026, 4, 2, 17, 30)) == 30 + 30  # over lunch
    assert words.waiting_minutes(utc(2026, 3, 28, 15), clinic, utc(2026, 3, 29, 20)) == 0  # a weekend
    assert words.waiting_minutes(utc(2026, 3, 28, 15), {**NEW_YORK, "hours": {}}, utc(2026, 3, 28, 16)) == 60
    assert words.waiting_minutes(NOW, clinic, NOW - dt.timedelta(minutes=1)) == 0
    assert (
        words.waiting_minutes(
            NOW.isoformat(), {**NEW_YORK, "hours": {"7": [["00:00", "24:00"]]}}, NOW + dt.timedelta(days=7)
        )
        == 1440
    )


def test_the_night_the_clocks_change_is_an_hour_shorter():
    clinic = {**NEW_YORK, "hours": {"7": [["00:00", "06:00"]]}}
    assert words.waiting_minutes(utc(2026, 3, 8, 0), clinic, utc(2026, 3, 9)) == 5 * 60


@pytest.mark.parametrize(("minutes", "level"), [(7, ""), (8, "soon"), (14, "soon"), (15, "late")])
def test_waiting_turns_amber_at_half_of_the_target(minutes, level):
    assert words.waiting_level(minutes, 15) == level


def test_snooze_times_are_mornings_of_the_clinic():
    said = {word: (hint, at) for word, hint, at in words.snooze_options(NEW_YORK, NOW)}
    assert said["Tomorrow morning"] == ("Fri 9:00 AM", "2026-04-03T13:00:00Z")
    assert said["Next Monday"] == ("Mon 9:00 AM", "2026-04-06T13:00:00Z")
    assert said["Later today"] == ("Thu 12:00 PM", "2026-04-02T16:00:00Z")
    assert "Later today" not in {word for word, _, _ in words.snooze_options(NEW_YORK, utc(2026, 4, 3, 2))}


@pytest.mark.parametrize(
    ("address", "country", "said"),
    [
        ("+15550100142", "US", "(555) 010-0142"),
        ("+15550100142", "DE", "+1 555-010-0142"),
        ("+493012345678", "DE", "030 12345678"),
        ("12", "US", "12"),
        ("not a number", "US", "not a number"),
        (None, "US", ""),
    ],
)
def test_numbers_are_national_at_home(address, country, said):
    assert words.phone(address, country) == said


def test_people_are_called_by_what_is_known():
    assert words.initials("Maria de la Lopez") == "ML"
    assert [words.initials(name) for name in ("Cher", "", None, "+1 555")] == ["C", "#", "#", "#"]
    for name in ("", "+15550100142"):
        assert words.person({"name": name, "phone": "+15550100142", "email": None}, NEW_YORK) == "(555) 010-0142"
    assert words.person({"name": "", "phone": None, "email": "a@b.example"}, NEW_YORK) == "a@b.example"
    assert words.first_name("Maria Lopez") == "Maria"
    assert words.first_name("(555) 010-0142") == "(555) 010-0142"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("", ""),
        ("Hello", "1 text"),
        ("a" * 160, "1 text"),
        ("a" * 161, "2 texts"),
        ("€" * 81, "2 texts"),
        ("é" * 160, "1 text"),
        ("👍", "1 text · emoji makes texts shorter"),
        ("👍" * 36, "2 texts · emoji makes texts shorter"),
    ],
)
def test_the_length_line_counts_texts(body, line):
    assert words.length_line(body) == line


def test_small_words():
    assert words.words("wants_to_book") == "Wants to book"
    assert [words.file_size(size) for size in (None, 840, 12_300, 1_400_000)] == ["", "840 bytes", "12 kB", "1.4 MB"]
    assert words.amount(1, "person", "people") == "1 person"
    assert words.amount(3_000, "person", "people") == "3,000 people"
    assert words.quoted("Thanks\n\nOn Mon, Bright Smile wrote:\n> Dear Maria") == (
        "Thanks",
        "On Mon, Bright Smile wrote:\n> Dear Maria",
    )
    assert words.quoted("> only a quote") == ("> only a quote", "")
