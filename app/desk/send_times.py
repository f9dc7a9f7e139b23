"""When a message may be sent later: the usual times, and what the clock says where a patient is."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from app.kit import clock
from app.kit.format import clock_in, iso, local, week_time
from app.kit.quiet_hours import place_of

if TYPE_CHECKING:
    from app.clinics.schemas import ClinicView

MORNING, AFTERNOON = dt.time(9), dt.time(17)
USUAL = ("08:00", "21:00")
"""When people are up, where a clinic has no quiet hours of its own."""
STEP = dt.timedelta(minutes=5)
SOON = dt.timedelta(minutes=30)
"""A time nearer than this is not offered: whoever means it sends now."""


class There(msgspec.Struct, frozen=True):
    """Where a patient's number is from. ``odd``: they may be asleep; ``elsewhere``: their clock is not the clinic's."""

    zone: str
    time: str
    opens: str
    closes: str
    odd: bool
    elsewhere: bool


class SendTime(msgspec.Struct, frozen=True):
    """One of the usual times: its words, what else to know, and the instant."""

    words: str
    hint: str
    at: str


def there(phone: str | None, clinic: ClinicView, now: dt.datetime | None = None) -> There | None:
    """Return what the clock says where this number is from; None without a number, or where it could be many zones."""
    if not phone:
        return None
    zones = place_of(phone, clinic.timezone).zones
    if len(zones) > 1:
        return None
    now = now or clock.now()
    at = now.astimezone(ZoneInfo(zones[0]))
    opens, closes = (clinic.quiet_to, clinic.quiet_from) if clinic.quiet_to != clinic.quiet_from else USUAL
    minute = f"{at:%H:%M}"
    awake = opens <= minute < closes if opens < closes else minute >= opens or minute < closes
    here = now.astimezone(ZoneInfo(clinic.timezone))
    return There(zones[0], clock_in(at, clinic), opens, closes, not awake, here.utcoffset() != at.utcoffset())


def send_times(
    place: There | None, first_name: str, clinic: ClinicView, now: dt.datetime | None = None
) -> list[SendTime]:
    """Return the usual times to send later, soonest first; tomorrow's morning is also offered as the patient's own."""
    now = now or clock.now()
    here = now.astimezone(ZoneInfo(clinic.timezone))
    in_an_hour = now + dt.timedelta(hours=1)
    in_an_hour += STEP - dt.timedelta(minutes=in_an_hour.minute % 5, seconds=in_an_hour.second)
    in_an_hour = in_an_hour.replace(second=0, microsecond=0)
    tomorrow = here.date() + dt.timedelta(days=1)
    found = [("In an hour", in_an_hour)]
    if (today := dt.datetime.combine(here.date(), AFTERNOON, here.tzinfo)) > now + SOON:
        found.append((f"Today at {clock_in(today, clinic)}", today))
    for days in (1, 2, 3):
        morning = dt.datetime.combine(here.date() + dt.timedelta(days=days), MORNING, here.tzinfo)
        if days == 1 or (here.isoweekday() in {5, 6} and morning.isoweekday() == 1):
            day = "Tomorrow" if days == 1 else "Monday"
            found.append((f"{day} at {clock_in(morning, clinic)}", morning))
    if place is not None and place.elsewhere:
        theirs = dt.datetime.combine(tomorrow, MORNING, ZoneInfo(place.zone))
        found.append((f"Tomorrow at {clock_in(theirs, clinic)} where {first_name} is", theirs))
    return [SendTime(words, _hint(at, place, clinic), iso(at)) for words, at in sorted(found, key=lambda one: one[1])]


def _hint(at: dt.datetime, place: There | None, clinic: ClinicView) -> str:
    if place is None or not place.elsewhere:
        return week_time(at, clinic)
    return f"{week_time(at, clinic)}, {clock_in(at.astimezone(ZoneInfo(place.zone)), clinic)} there"


def typed_time(text: str, clinic: ClinicView) -> dt.datetime | None:
    """Return the instant of "2026-04-03T09:30" on the clinic's wall, or of an instant; None for anything else."""
    try:
        at = dt.datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(clinic.timezone))


def as_typed(at: dt.datetime, clinic: ClinicView) -> str:
    """Return an instant as a date field of the clinic's wall has it: "2026-04-03T09:30"."""
    wall = local(at, clinic)
    return f"{wall:%Y-%m-%dT%H:%M}" if wall else ""
