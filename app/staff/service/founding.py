"""Making a clinic: its row, its log, its data key, its owner; one commit."""

from __future__ import annotations

import re
import secrets
import unicodedata
import zoneinfo
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from app.clinics.events import SettingsChanged
from app.config import settings
from app.events.service import unit_of_work
from app.kit import clock, database
from app.kit.crypto import Vault, hash_password
from app.kit.errors import Conflict, Invalid
from app.kit.ids import new_id
from app.kit.principal import Principal
from app.staff.schemas import SignUp
from app.staff.service.team import add_staff

if TYPE_CHECKING:
    from uuid import UUID

WEEKDAYS = msgspec.json.encode({str(day): [["09:00", "17:00"]] for day in range(1, 6)}).decode()
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def make_slug(name: str) -> str:
    """Return the clinic's name for addresses: letters and digits, joined by dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "clinic"


async def create_clinic(draft: SignUp, *, slug: str | None = None, is_demo: bool = False) -> tuple[UUID, str, UUID]:
    """Make a clinic and its owner; returns clinic id, slug and staff id.

    Raises ``Conflict`` when the e-mail address (or a slug that was asked for) is taken.
    """
    if draft.timezone not in zoneinfo.available_timezones():
        raise Invalid.field("timezone", "This time zone is not known.")
    taken = await database.fetchrow("select id from find_staff($1)", draft.email.strip())
    if taken is not None:
        raise Conflict("Somebody uses this e-mail address already. Sign in, or take another one.")
    hashed = await hash_password(draft.password)
    vault = Vault(settings().encryption_keys)
    wanted = slug or make_slug(draft.clinic_name)
    for attempt in range(20):
        clinic_id, staff_id = new_id(), new_id()
        own_slug = wanted if attempt == 0 else f"{wanted}-{secrets.randbelow(9000) + 1000}"
        owner = Principal(clinic_id=clinic_id, type="staff", id=staff_id, name=draft.name.strip(), role="owner")
        try:
            async with unit_of_work(clinic_id, owner) as work:
                await work.connection.execute(
                    "insert into clinic (id, slug, name, client_code, timezone, locale, country, currency, hours, "
                    "undo_seconds, lock_minutes, reply_target_minutes, is_demo, data_key, created_at) "
                    "values ($1, $2, $3, $4, $5, 'en-US', 'US', 'USD', $6::jsonb, 5, 30, 15, $7, $8, $9)",
                    clinic_id,
                    own_slug,
                    draft.clinic_name.strip(),
                    "".join(secrets.choice(_LETTERS) for _ in range(8)),
                    draft.timezone,
                    WEEKDAYS,
                    is_demo,
                    vault.new_data_key(clinic_id),
                    clock.now(),
                )
                await work.connection.execute(
                    "insert into clinic_log (clinic_id, epoch, seq, sum, oldest_seq, audit_n, audit_sum) "
                    "values ($1, $2, 0, $3, 1, 0, $3)",
                    clinic_id,
                    new_id(),
                    bytes(32),
                )
                await add_staff(
                    work, staff_id=staff_id, email=draft.email, name=draft.name, role="owner", password_hash=hashed
                )
                work.record(SettingsChanged(section="clinic", changes={"created": [None, draft.clinic_name.strip()]}))
                work.audit("clinic.created", "clinic", clinic_id)
        except asyncpg.UniqueViolationError:
            if slug is not None:
                raise Conflict("A clinic of this name exists already.") from None
            continue
        return clinic_id, own_slug, staff_id
    raise Conflict("A clinic of this name exists already. Please choose another name.")
