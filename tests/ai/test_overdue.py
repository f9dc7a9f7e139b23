"""Alerts that nobody takes go on to whoever the clinic named: once, in clinic hours, emergencies at all hours."""

from __future__ import annotations

import datetime as dt

import pytest

from app.ai.service.overdue import _due
from app.clinics.schemas import ClinicView
from tests.journeys.support import until

PATIENT = "+12025550123"
HURTS = "My face is swollen and I cannot breathe"
NOTES = "select body, mentions from message where clinic_id = %s and kind = 'note' order by created_at"


@pytest.fixture
async def desk(clinic):
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0, "hours": {}})
    return clinic, await clinic.channel(), await clinic.socket()


async def in_need(clinic, channel, socket, sender=PATIENT):
    """A patient in need, and the job that looks after the alert."""
    await channel.text(sender, HURTS)
    await socket.next_event("ai.triaged", timeout=30)
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    assert thread["escalated"]
    jobs = "select count(*) from job where clinic_id = %s and type = 'alert_overdue'"
    await until(lambda: clinic.product.sql(jobs, clinic.id)[0][0] > 0)
    return thread


def time_passes(clinic, thread, minutes):
    clinic.product.sql(
        "update thread set escalated_at = escalated_at - %s where id = %s", dt.timedelta(minutes=minutes), thread["id"]
    )


async def run_due(clinic, channel):
    """Have all jobs that look after alerts run now; returns when none is left that could."""
    clinic.product.sql("update job set run_at = now() where clinic_id = %s and type = 'alert_overdue'", clinic.id)
    await channel.text("+12025550111", "hello")  # wakes whoever looks for jobs that are due
    left = "select count(*) from job where clinic_id = %s and type = 'alert_overdue' and run_at <= now()"
    await until(lambda: clinic.product.sql(left, clinic.id) == [(0,)] or _done(clinic))


def _done(clinic):
    return clinic.product.sql(
        "select bool_and(status = 'completed') from job where clinic_id = %s and type = 'alert_overdue' "
        "and run_at <= now()",
        clinic.id,
    ) == [(True,)]


async def test_nobody_helps_and_the_managers_hear_of_it_once(desk):
    clinic, channel, socket = desk
    manager = await clinic.member("manager", "Mara Manager")
    front = await clinic.member()
    thread = await in_need(clinic, channel, socket)
    await run_due(clinic, channel)  # too early: it waits on
    assert clinic.product.sql(NOTES, clinic.id) == []
    time_passes(clinic, thread, 12)
    await run_due(clinic, channel)
    await until(lambda: clinic.product.sql(NOTES, clinic.id))
    clinic.product.sql(
        "update job set status = 'pending', run_at = now() where type = 'alert_overdue' and clinic_id = %s", clinic.id
    )
    await run_due(clinic, channel)
    await channel.text(PATIENT, "please help, it is getting worse")  # still the same alert
    await socket.next_event("ai.triaged", timeout=30)
    await run_due(clinic, channel)
    [(body, mentions)] = clinic.product.sql(NOTES, clinic.id)
    assert body.startswith("Nobody has helped ")
    assert "12 min" in body
    assert set(mentions) == {clinic.owner.staff_id, manager.staff_id}
    assert front.staff_id not in mentions
    page = (await clinic.owner.get("/inbox/alerts")).text
    assert "nobody on it for" in page
    assert "12 min" in page
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/close"), json={})
    assert "nobody on it" not in (await clinic.owner.get("/inbox/alerts")).text
    assert clinic.product.sql("select escalated_at from thread where id = %s", thread["id"]) == [(None,)]


async def test_it_goes_to_the_one_who_was_named_and_not_once_helped(desk):
    clinic, channel, socket = desk
    front = await clinic.member()
    await clinic.owner.patch(clinic.at("ai-rules"), json={"alert_to": str(front.staff_id), "alert_minutes": 5})
    helped = await in_need(clinic, channel, socket, "+12025550177")
    await clinic.owner.post(clinic.at(f"threads/{helped['id']}/assign"), json={"staff_id": str(clinic.owner.staff_id)})
    answer = await clinic.owner.post(clinic.at(f"threads/{helped['id']}/close"), json={})
    assert answer.status_code == 200
    thread = await in_need(clinic, channel, socket)
    time_passes(clinic, thread, 6)
    await run_due(clinic, channel)
    await until(lambda: clinic.product.sql(NOTES, clinic.id))
    [(_, mentions)] = clinic.product.sql(NOTES, clinic.id)
    assert mentions == [front.staff_id]
    # The note holds nobody's answer back who has not seen it.
    said = {"body": "We are coming", "seen": thread["last_seq"]}
    answer = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=said)
    assert answer.status_code == 201, answer.text


def clinic_of(hours):
    made = dict.fromkeys(ClinicView.__struct_fields__, "")
    return ClinicView(**{**made, "timezone": "America/New_York", "hours": hours})


@pytest.mark.parametrize(
    ("since", "at_all_hours", "due"),
    [
        ("2026-03-02T15:00:00Z", False, "2026-03-02T15:10:00Z"),  # Monday, 10 o'clock there
        ("2026-03-02T21:55:00Z", False, "2026-03-03T14:10:00Z"),  # five minutes before closing
        ("2026-03-03T03:00:00Z", False, "2026-03-03T14:10:00Z"),  # at night
        ("2026-03-03T03:00:00Z", True, "2026-03-03T03:10:00Z"),  # an emergency
    ],
)
def test_minutes_count_while_the_clinic_is_open(since, at_all_hours, due):
    clinic = clinic_of({str(day): [["09:00", "17:00"]] for day in range(1, 6)})
    found = _due(clinic, dt.datetime.fromisoformat(since), dt.timedelta(minutes=10), at_all_hours=at_all_hours)
    assert found == dt.datetime.fromisoformat(due)


async def test_doubled_jobs_tell_once(desk):
    clinic, channel, socket = desk
    thread = await in_need(clinic, channel, socket)
    time_passes(clinic, thread, 30)
    for _ in range(6):
        clinic.product.sql(
            "insert into job (id, clinic_id, type, payload, status, run_at, created_at) values (gen_random_uuid(), %s, "
            "'alert_overdue', jsonb_build_object('thread_id', %s::text), 'pending', now(), now())",
            clinic.id,
            thread["id"],
        )
    await run_due(clinic, channel)
    await until(lambda: _done(clinic))
    assert len(clinic.product.sql(NOTES, clinic.id)) == 1
