"""Use cases of the clinic's own row."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import TYPE_CHECKING, Any

import msgspec

from app.clinics.events import SettingsChanged
from app.clinics.schemas import ClinicChange, ClinicView, as_fields
from app.events.service import unit_of_work
from app.kit import database
from app.kit.errors import Invalid, NotFound
from app.kit.phone import parse_phone

if TYPE_CHECKING:
    from uuid import UUID

    from app.kit.principal import Principal

_COLUMNS = (
    "id, slug, name, timezone, locale, country, currency, hours, undo_seconds, lock_minutes, reply_target_minutes, "
    "client_code, quiet_from, quiet_to, opt_out_words, phone, is_demo"
)
_JSON = ("hours", "opt_out_words")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


async def get_clinic(clinic_id: UUID) -> ClinicView:
    """Return a clinic; raises ``NotFound``."""
    async with database.reading(clinic_id) as connection:
        row = await connection.fetchrow(f"select {_COLUMNS} from clinic where id = $1", clinic_id)  # noqa: S608
    if row is None:
        raise NotFound
    return ClinicView(**{**dict(row), **{name: msgspec.json.decode(row[name]) for name in _JSON}})


async def clinic_context(clinic_id: UUID) -> dict[str, Any]:
    """Return what templates need of a clinic."""
    return msgspec.structs.asdict(await get_clinic(clinic_id))


async def change_clinic(principal: Principal, change: ClinicChange) -> ClinicView:
    """Change the clinic's settings."""
    clinic_id, fields = principal.clinic_id, as_fields(change)
    if "timezone" in fields and fields["timezone"] not in zoneinfo.available_timezones():
        raise Invalid.field("timezone", "This time zone is not known.")
    if "hours" in fields:
        _check_hours(fields["hours"])
    if "name" in fields:
        fields["name"] = fields["name"].strip()
    async with unit_of_work(clinic_id, principal) as work:
        before = await get_clinic(clinic_id)
        if "phone" in fields:
            fields["phone"] = _phone(fields["phone"].strip(), before.country)
        changes = {
            name: [getattr(before, name), value] for name, value in fields.items() if getattr(before, name) != value
        }
        if not changes:
            return before
        columns = {
            name: msgspec.json.encode(fields[name]).decode() if name in _JSON else fields[name] for name in changes
        }
        assignments = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, 2))
        await work.connection.execute(f"update clinic set {assignments} where id = $1", clinic_id, *columns.values())  # noqa: S608
        work.record(SettingsChanged(section="clinic", changes=changes))
        work.audit("settings.changed", "clinic", clinic_id, changes=changes)
        return await get_clinic(clinic_id)


def _phone(text: str, country: str) -> str:
    if not text:
        return ""
    phone = parse_phone(text, country)
    if not phone.reachable:
        raise Invalid.field("phone", "Enter the number with its country code, for example +1 555 010 0001.")
    return phone.address


def _check_hours(hours: dict[str, list[list[str]]]) -> None:
    for day, blocks in hours.items():
        if day not in {"1", "2", "3", "4", "5", "6", "7"}:
            raise Invalid.field("hours", "Days are 1 (Monday) to 7 (Sunday).")
        end = ""
        for block in blocks:
            if len(block) != 2 or not all(_TIME.fullmatch(one) for one in block) or not end <= block[0] < block[1]:
                raise Invalid.field("hours", "Each block needs an opening time before its closing time, in order.")
            end = block[1]


def is_open(clinic: ClinicView, at: dt.datetime) -> bool:
    """Say whether the clinic is open at an instant; one that has set no hours is always open."""
    if not any(clinic.hours.values()):
        return True
    local = at.astimezone(zoneinfo.ZoneInfo(clinic.timezone))
    clock = f"{local:%H:%M}"
    return any(opens <= clock < closes for opens, closes in clinic.hours.get(str(local.isoweekday())) or ())


def next_opening(clinic: ClinicView, at: dt.datetime) -> dt.datetime | None:
    """Return when the clinic opens next, within a week; None while it is open, or when its hours are not known."""
    if is_open(clinic, at):
        return None
    zone = zoneinfo.ZoneInfo(clinic.timezone)
    local = at.astimezone(zone)
    for ahead in range(8):
        day = local.date() + dt.timedelta(days=ahead)
        for opens, _closes in clinic.hours.get(str(day.isoweekday())) or ():
            opening = dt.datetime.combine(day, dt.time.fromisoformat(opens), zone)
            if opening > at:
                return opening
    return None
