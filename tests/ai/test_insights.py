"""The week's sentences rest on rows that can be counted by hand; where there is too little, they say so."""

from __future__ import annotations

import datetime as dt
import json
from uuid import uuid4

import pytest

from app.ai.service.insights import _closed_on, closing_times
from app.clinics.schemas import ClinicView

NOW = dt.datetime.now(dt.UTC)
BASE = (NOW - dt.timedelta(days=6)).replace(minute=0, second=0, microsecond=0)
WEEK = dt.timedelta(days=7)


@pytest.fixture
async def desk(clinic):
    """A clinic that is always open, with one conversation whose own messages are long past."""
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0, "hours": {}})
    channel, socket = await clinic.channel(), await clinic.socket()
    await channel.text("+12025550123", "hello")
    await socket.next_event("ai.triaged", timeout=30)
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    said = {"body": "Good morning!", "seen": thread["last_seq"]}
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=said)
    clinic.product.sql("update message set created_at = now() - interval '100 days' where clinic_id = %s", clinic.id)
    return clinic


class Rows:
    """Messages of one conversation at chosen times, oldest first."""

    def __init__(self, clinic):
        self.clinic, self.seq = clinic, 1_000_000
        self.thread, self.decision = clinic.product.sql(
            "select thread_id, decision_id from message where clinic_id = %s and decision_id is not null", clinic.id
        )[0]

    def say(self, at, direction="in", intent="booking", confidence=0.99):
        self.seq += 1
        is_in = direction == "in"
        reading = {"intent": intent, "confidence": confidence, "urgent": False, "escalate": False}
        self.clinic.product.sql(
            "insert into message (id, clinic_id, thread_id, seq, direction, channel, kind, body, author_type, status, "
            "created_at, triage, decision_id) "
            "values (%s, %s, %s, %s, %s, 'sms', 'text', 'x', %s, %s, %s, %s::json, %s)",
            uuid4(),
            self.clinic.id,
            self.thread,
            self.seq,
            direction,
            "patient" if is_in else "staff",
            "received" if is_in else "sent",
            at,
            json.dumps(reading) if is_in else None,
            None if is_in else self.decision,
        )

    def ask(self, at, minutes, *more, **reading):
        """A question, further words ``more`` minutes later, and an answer so many minutes after the question."""
        self.say(at, **reading)
        for later in more:
            self.say(at + dt.timedelta(minutes=later), **reading)
        if minutes is not None:
            self.say(at + dt.timedelta(minutes=minutes), "out")


async def read(clinic):
    answer = await clinic.owner.get(clinic.at("insights"))
    assert answer.status_code == 200, answer.text
    return {one["key"]: one for one in answer.json()["items"]}


async def test_numbers_are_those_counted_by_hand(desk):
    rows = Rows(desk)
    for n in range(10):  # last week: 4 of 10 within 15 minutes
        rows.ask(BASE - WEEK + dt.timedelta(hours=2 * n), 10 if n < 4 else 60)
    for n in range(10):  # this week: 7 of 10; the first patient wrote three times within one hour
        more = (1, 2) if n == 0 else ()
        rows.ask(BASE + dt.timedelta(hours=2 * n), 5 if n < 7 else 30, *more, confidence=0.99 if n < 6 else 0.5)
    rows.ask(BASE + dt.timedelta(hours=30), 10, intent="question", confidence=0.96)
    rows.ask(NOW - dt.timedelta(hours=1), None, intent="question", confidence=0.94)
    for days, number in ((1, 1), (2, 2), (9, 3), (30, 4)):
        desk.product.sql(
            "insert into consent (clinic_id, channel, address, is_granted, source, at) "
            "values (%s, 'sms', %s, false, 'keyword', now() - %s)",
            desk.id,
            f"+1202555030{number}",
            dt.timedelta(days=days),
        )
    found = await read(desk)
    first = found["first_answer"]
    assert (first["value"], first["before"], first["count"]) == (5, 60, 11)
    assert first["sentence"] == "Half of your patients had a first answer within 5 minutes, last week 60 minutes."
    assert found["in_time"]["value"] == pytest.approx(8 / 12)
    booking = found["in_time.booking"]
    assert (booking["value"], booking["before"], booking["count"]) == (0.7, 0.4, 10)
    assert booking["sentence"] == "You answered 70 % of booking messages within 15 minutes, last week 40 %."
    assert "in_time.question" not in found, "two questions are too few"
    assert (found["busiest"]["value"], found["busiest"]["count"]) == (3, 14)
    assert "3 of 14 messages" in found["busiest"]["sentence"]
    assert (found["could_answer"]["value"], found["could_answer"]["count"]) == (9, 14)
    assert (found["opt_outs"]["value"], found["opt_outs"]["before"]) == (2, 1)
    assert found["left_open"]["value"] is None
    assert all(one["sentence"] and one["suggestion"] and "$1" in one["query"] for one in found.values())

    page = (await desk.owner.get("/insights")).text
    assert booking["sentence"] in page
    assert "lag(m.direction)" in page


async def test_too_little_is_said_and_another_clinics_rows_are_not_seen(desk, new_clinic):
    rows = Rows(desk)
    for n in range(12):
        rows.ask(BASE + dt.timedelta(hours=n), 5)
    other = await new_clinic()
    found = await read(other)
    for key in ("first_answer", "in_time", "busiest", "could_answer"):
        assert found[key]["value"] is None
        assert found[key]["sentence"].startswith("Too little to ")
        assert found[key]["count"] == 0
    assert found["opt_outs"]["value"] == 0


def clinic_of(hours):
    made = dict.fromkeys(ClinicView.__struct_fields__, "")
    return ClinicView(**{**made, "timezone": "America/New_York", "hours": hours})


@pytest.mark.parametrize(
    ("asked", "answered", "is_left"),
    [
        ("2026-03-02T21:30:00Z", None, True),  # half an hour before closing
        ("2026-03-02T21:30:00Z", "2026-03-02T21:50:00Z", False),
        ("2026-03-02T21:30:00Z", "2026-03-03T14:00:00Z", True),  # the next morning
        ("2026-03-03T03:00:00Z", "2026-03-03T14:30:00Z", False),  # written at night
        ("2026-03-06T23:00:00Z", None, False),  # after the last closing of the time looked at
    ],
)
def test_what_was_left_when_the_clinic_closed(asked, answered, is_left):
    at = dt.datetime.fromisoformat
    week = {str(day): [["09:00", "12:00"], ["13:00", "17:00"]] for day in range(1, 6)}
    closings = closing_times(clinic_of(week), at("2026-03-01T00:00:00Z"), at("2026-03-08T00:00:00Z"))
    assert [one.astimezone(dt.UTC).hour for one in closings] == [22] * 5
    row = {"asked_at": at(asked), "answered_at": at(answered) if answered else None}
    assert (_closed_on(row, closings) is not None) == is_left
