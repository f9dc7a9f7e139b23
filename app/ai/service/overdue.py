"""Alerts that nobody takes: after some minutes they go on to whoever the clinic named, or to owners and managers.

Minutes count while the clinic is open, for there nobody is at the desk at night: an alert of the night goes on that
long after opening. Emergencies and what is urgent go on at all hours. It goes on as a note in the conversation that
names who is told; the note's id is made from the alert, so a job that runs twice tells once.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import msgspec

from app.ai import queries
from app.ai.service.happened import escalated
from app.ai.service.triage import assistant
from app.clinics.service import get_clinic, next_opening
from app.events.service import unit_of_work
from app.inbox.errors import ThreadJoined
from app.inbox.schemas import NoteDraft
from app.inbox.service import leave_note
from app.kit import database
from app.kit.errors import NotFound
from app.kit.format import first_name
from app.staff.service import list_team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.clinics.schemas import ClinicView
    from app.events.service import Logged
    from app.staff.schemas import StaffView

_NAMES = UUID("a1c6a7de-3f0b-4a39-9c0e-62d5b0f7f1d8")
"""Of the ids of notes about alerts; ours, made once."""
_LEAD = frozenset({"owner", "manager"})

_ALERT = """select t.id, t.contact_name, t.alert, t.intent, t.is_urgent, t.escalated_at, now() as now from thread t
where t.clinic_id = $1 and t.id = $2 and t.is_escalated and t.state = 'open' and not t.is_blocked"""


class Waiting(msgspec.Struct, frozen=True):
    """An alert that has gone on and that still nobody has taken. ``since``: when it rose."""

    since: dt.datetime


async def watch_alerts(clinic_id: UUID, events: Sequence[Logged]) -> None:
    """Patients need help since these events: look after each alert when its time is over."""
    threads = escalated(events)
    if not threads:
        return
    async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
        settings = await queries.get_assistant(clinic_id)
        for thread_id in threads:
            work.enqueue("alert_overdue", after=dt.timedelta(minutes=settings.alert_minutes), thread_id=thread_id)


async def pass_on(clinic_id: UUID, thread_id: UUID) -> None:
    """Tell those whom an alert goes on to, if nobody has taken it in time. Safe to run twice."""
    clinic = await get_clinic(clinic_id)
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(_ALERT, clinic_id, thread_id)
        settings = await queries.get_assistant(clinic_id)
    if row is None:
        return
    pause = dt.timedelta(minutes=settings.alert_minutes)
    due = _due(clinic, row["escalated_at"], pause, at_all_hours=row["is_urgent"] or row["intent"] == "emergency")
    if due > row["now"]:
        async with unit_of_work(clinic_id, assistant(clinic_id)) as work:
            work.enqueue("alert_overdue", after=due - row["now"], thread_id=thread_id)
        return
    people = _told(await _active(clinic_id), settings.alert_to)
    minutes = int((row["now"] - row["escalated_at"]).total_seconds() // 60)
    name = first_name(row["contact_name"]) or "this patient"
    words = f"Nobody has helped {name} for {minutes} min ({row['alert'] or 'needs help'}). "
    body = words + "Please take a look: " + ", ".join(f"@{person.name}" for person in people)
    mark = uuid5(_NAMES, f"{thread_id} {row['escalated_at'].isoformat()}")
    try:
        await leave_note(
            assistant(clinic_id),
            thread_id,
            NoteDraft(body=body, mentions=[person.id for person in people], client_id=mark),
        )
    except (NotFound, ThreadJoined):
        return  # joined with another conversation meanwhile: that one is looked after by itself


def _due(clinic: ClinicView, since: dt.datetime, pause: dt.timedelta, *, at_all_hours: bool) -> dt.datetime:
    """Return when an alert goes on. Pure."""
    due = since + pause
    opening = None if at_all_hours else next_opening(clinic, due)
    return due if opening is None else opening + pause


async def _active(clinic_id: UUID) -> list[StaffView]:
    return [member for member in (await list_team(clinic_id)).members if member.is_active]


def _told(team: list[StaffView], chosen: UUID | None) -> list[StaffView]:
    named = [member for member in team if member.id == chosen]
    return named or [member for member in team if member.role in _LEAD]


async def waiting_alerts(clinic_id: UUID) -> dict[UUID, Waiting]:
    """Return the alerts that should have been taken by now, by conversation."""
    async with database.reading(clinic_id) as connection:
        settings = await queries.get_assistant(clinic_id)
        rows = await connection.fetch(
            "select id, escalated_at from thread where clinic_id = $1 and is_escalated and state = 'open' "
            "and escalated_at <= now() - $2::interval",
            clinic_id,
            dt.timedelta(minutes=settings.alert_minutes),
        )
    return {row["id"]: Waiting(row["escalated_at"]) for row in rows}
