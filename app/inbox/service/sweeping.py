"""Bytes in the store that nothing points at: a crash between keeping a file and its commit leaves them behind.

Who keeps bytes (``keeping.keep``) has a row of ``attachment`` or a message that names them within seconds. What is
older than a day and has neither will never get one.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import structlog

from app.inbox.service.keeping import discard, store
from app.kit import clock, database
from app.kit.ids import as_uuid

if TYPE_CHECKING:
    from app.kit.store import Stored

log = structlog.get_logger()

ORPHAN_AGE = dt.timedelta(hours=24)


async def sweep_store() -> int:
    """Forget what has lain in the store for a day without anything that points at it; returns how many files.

    What is younger may belong to an upload in flight. Clinics that this database does not know are left alone: their
    files belong to another installation that shares the place.
    """
    before, count = clock.now() - ORPHAN_AGE, 0
    try:
        await store().forget_drafts(before)
        async for portion in store().list_kept():
            old = [kept.key for kept in portion if _is_older(kept, before)]
            rows = await database.fetch("select unclaimed_files as key from unclaimed_files($1)", old) if old else []
            await discard(*(row["key"] for row in rows))
            count += len(rows)
    except OSError as error:
        log.warning("store.not_swept", error=type(error).__name__)
    if count:
        log.warning("store.swept", files=count)
    return count


def _is_older(kept: Stored, before: dt.datetime) -> bool:
    """By the place's clock and by ours: the name tells when it was made (UUIDv7). One of the two may be wrong."""
    clinic, _, name = kept.key.partition("/")
    made = as_uuid(name)
    if as_uuid(clinic) is None or made is None:
        return False
    return kept.at < before and dt.datetime.fromtimestamp((made.int >> 80) / 1000, dt.UTC) < before
