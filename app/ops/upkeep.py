"""What a person who runs Orasync does from the shell: check the chains, change master keys, note a restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import structlog

from app.audit.service import verify_audit
from app.channels.service import rewrap_data_key
from app.events.service import verify_log
from app.inbox.service import doubt_sends
from app.kit import database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

log = structlog.get_logger()


class Verdict(NamedTuple):
    """How one clinic's two chains look: rows checked, and the number of the first that does not fit, if any."""

    slug: str
    entries: int
    bad_entry: int | None
    events: int
    bad_event: int | None

    @property
    def is_whole(self) -> bool:
        """Say whether both chains hold."""
        return self.bad_entry is None and self.bad_event is None


async def list_clinics() -> list[UUID]:
    """Return all clinics of this installation."""
    return [row["clinic_id"] for row in await database.fetch("select clinic_id from all_clinics()")]


async def verify_chains(clinic_ids: list[UUID]) -> AsyncIterator[Verdict]:
    """Recompute the activity log and the event log of clinics, one after the other."""
    for clinic_id in clinic_ids:
        async with database.reading(clinic_id) as connection:
            slug = await connection.fetchval("select slug from clinic where id = $1", clinic_id)
        yield Verdict(slug, *await verify_audit(clinic_id), *await verify_log(clinic_id))


async def rotate_keys() -> tuple[int, int]:
    """Wrap every clinic's data key with the first of ENCRYPTION_KEYS; returns how many changed, and of how many.

    May be stopped and run again at any time, and runs while everything serves. Raises ``CannotOpenError`` when a key is
    needed that ENCRYPTION_KEYS no longer names.
    """
    clinic_ids = await list_clinics()
    changed = [await rewrap_data_key(clinic_id) for clinic_id in clinic_ids]
    return sum(changed), len(clinic_ids)


async def note_restore() -> int:
    """The database is a copy from a moment in the past (R13): new epochs, and no send is taken for granted.

    Tabs and programs load their state again. Messages that the copy still holds as waiting may have left since; they
    are looked up at the provider, and what cannot be found there is put before a person. Returns how many those are.
    """
    await database.execute("select begin_epochs()")
    doubted = sum([await doubt_sends(clinic_id) for clinic_id in await list_clinics()])
    log.warning("restore.noted", messages_in_doubt=doubted)
    return doubted


async def note_restore_if_any() -> int | None:
    """Do so when this database lies elsewhere than at the last call; None when it does not."""
    return await note_restore() if await database.fetchval("select is_restored()") else None
