"""Reading, exporting and checking the audit log. Rows are written by units of work only."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from app.audit.schemas import AuditPage, AuditView
from app.kit import clock, database

if TYPE_CHECKING:
    from uuid import UUID

    from app.kit.principal import Principal

PAGE = 500
_COLUMNS = "n, at, actor_type, actor_name, action, subject_type, subject_id, mode, details"
_OWN_WORDS = frozenset(
    {"action", "actor_type", "actor_id", "actor_name", "subject_type", "subject_id", "mode", "request_id", "address"}
)
_CHECKED = ", ".join(sorted(_OWN_WORDS))
_FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r", "＝", "＋", "－", "＠")


async def list_entries(
    clinic_id: UUID,
    *,
    action: str | None = None,
    actor: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    before: int | None = None,
    limit: int = 50,
) -> AuditPage:
    """Return acts, newest first, below number ``before``. ``actor`` is a type (staff, key, ...)."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            f"select {_COLUMNS} from audit_entry where clinic_id = $1 and ($2::text is null or action = $2) "  # noqa: S608
            "and ($3::text is null or actor_type = $3) and ($4::date is null or at >= $4) "
            "and ($5::date is null or at < $5 + 1) and ($6::bigint is null or n < $6) order by n desc limit $7",
            clinic_id,
            action,
            actor,
            since,
            until,
            before,
            limit + 1,
        )
    items = [_view(row) for row in rows[:limit]]
    return AuditPage(items, str(items[-1].n) if len(rows) > limit else None)


def _view(row: Any) -> AuditView:
    details = {k: v for k, v in msgspec.json.decode(row["details"]).items() if k not in _OWN_WORDS}
    return AuditView(**{**dict(row), "details": details})


async def start_export(principal: Principal, **filters: Any) -> AsyncIterator[bytes]:
    """Note who takes the log away, then return it as CSV."""
    entry = {
        "action": "audit.exported",
        "actor_type": principal.type,
        "actor_id": principal.id,
        "actor_name": principal.name,
        "subject_type": "audit_entry",
        "subject_id": None,
        "mode": "live",
        "request_id": principal.request_id,
        "address": principal.address,
        "filters": filters,
    }
    # Written by hand: units of work belong to the log, which stands above the audit.
    async with database.transaction(principal.clinic_id) as connection:
        await connection.execute(
            "select from log_append($1, '{}', '{}', '{}', '{}', $2::json[])",
            principal.clinic_id,
            [msgspec.json.encode(entry).decode()],
        )
    return export_csv(principal.clinic_id, **filters)


async def export_csv(clinic_id: UUID, **filters: Any) -> AsyncIterator[bytes]:
    """Yield the log as CSV, quoted, with cells that a spreadsheet would calculate made harmless."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["number", "at", "actor", "name", "action", "subject", "subject id", "mode", "details"])
    before: int | None = None
    while True:
        page = await list_entries(clinic_id, before=before, limit=PAGE, **filters)
        for one in page.items:
            cells = [
                one.n,
                clock.iso(one.at),
                one.actor_type,
                one.actor_name,
                one.action,
                one.subject_type,
                one.subject_id or "",
                one.mode,
                msgspec.json.encode(one.details).decode(),
            ]
            writer.writerow([harmless(str(cell)) for cell in cells])
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
        if page.next is None:
            return
        before = int(page.next)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" \ufeff").startswith(_FORMULA) else cell


async def verify_audit(clinic_id: UUID) -> tuple[int, int | None]:
    """Recompute the chain; returns how many rows were checked, and the number of the first that does not fit.

    A row is as it was written when its details give its sum and its columns say what its details say; the last one is
    the last when the clinic's head names it.
    """
    chain, checked, after = bytes(32), 0, 0
    async with database.reading(clinic_id) as connection:
        head = await connection.fetchrow("select audit_n, audit_sum from clinic_log where clinic_id = $1", clinic_id)
        while True:
            rows = await connection.fetch(
                f"select n, sum, details::text as details, {_CHECKED} from audit_entry "  # noqa: S608 - our own columns
                "where clinic_id = $1 and n > $2 order by n limit $3",
                clinic_id,
                after,
                PAGE,
            )
            for row in rows:
                chain = sha256(chain + f"{row['n']} {row['details']}".encode()).digest()
                checked += 1
                if row["n"] != after + 1 or chain != row["sum"] or not _says_the_same(row):
                    return checked, after + 1
                after = row["n"]
            if len(rows) < PAGE:
                complete = head is None or (head["audit_n"], head["audit_sum"]) == (after, chain)
                return checked, None if complete else after + 1


def _says_the_same(row: Any) -> bool:
    details = msgspec.json.decode(row["details"])
    return all(details.get(name) == (str(row[name]) if row[name] is not None else None) for name in _OWN_WORDS)
