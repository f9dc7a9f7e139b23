"""Why a message was sorted as it was, in words for staff."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ai.adapters.builtin.rules import Finding
    from app.ai.labels import Intent, Service, When

_WISHES: dict[Intent, str] = {
    "emergency": "Sounds like an emergency",
    "clinical": "Asks what only a dentist may answer",
    "opt_out": "Wants no more messages",
    "complaint": "Sounds dissatisfied",
    "reschedule": "Wants another time",
    "cancel": "Gives up the appointment",
    "billing": "Writes about a bill or a payment",
    "new_patient": "Seems to be new here",
    "booking": "Wants an appointment",
    "confirm": "Says yes to the appointment",
    "question": "Asks about the practice",
    "other": "Needs a person",
    "thanks": "Says thanks",
    "spam": "Looks like advertising or nonsense",
}
_SERVICES: dict[Service, str] = {
    "checkup": "check-up",
    "root_canal": "root canal",
    "ortho": "braces",
    "xray": "x-ray",
    "gum_treatment": "gum treatment",
    "night_guard": "night guard",
    "child_visit": "a child's visit",
}
_WITH_TIME = {"booking", "reschedule", "cancel", "confirm"}


def reason(
    intent: Intent, finding: Finding, when: tuple[When, ...], services: tuple[Service, ...], received_at: datetime
) -> str:
    """One or two short sentences."""
    said = _WISHES[intent]
    if services:
        said += f" ({', '.join(_SERVICES.get(service, service) for service in services[:3])})"
    if intent in _WITH_TIME and (times := _times(when, received_at.date())):
        said += f", {times}"
    parts = [said, *finding.reasons[:2]]
    return ". ".join(parts) + "."


def _times(when: tuple[When, ...], today: date) -> str:
    named = [_day(date.fromisoformat(one.date), today) if one.date else one.time for one in when]
    return ", ".join(dict.fromkeys(name for name in named if name))


def _day(day: date, today: date) -> str:
    if day == today:
        return "today"
    return f"{day:%a} {day.day} {day:%b}"
