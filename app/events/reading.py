"""Reading the log: a stretch of it, its head, and the state that a client can check itself against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.events.log import Logged, LogState
from app.kit import database
from app.kit.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

LARGEST_READ = 500


async def read_log(clinic_id: UUID, after: int, limit: int = LARGEST_READ) -> list[Logged]:
    """Return at most ``limit`` events above ``after``, in order; one round trip."""
    rows = await database.fetch("select seq, body, sum from read_log($1, $2, $3)", clinic_id, after, limit)
    return [Logged(row["seq"], row["body"], row["sum"]) for row in rows]


async def read_logs(places: Sequence[tuple[UUID, int]], limit: int = LARGEST_READ) -> dict[UUID, list[Logged]]:
    """Return at most ``limit`` events of each clinic above the place given with it; one round trip for all."""
    rows = await database.fetch(
        "select x.clinic_id, l.seq, l.body, l.sum from unnest($1::uuid[], $2::bigint[]) x (clinic_id, after), "
        "lateral read_log(x.clinic_id, x.after, $3) l",
        [clinic_id for clinic_id, _ in places],
        [after for _, after in places],
        limit,
    )
    found: dict[UUID, list[Logged]] = {clinic_id: [] for clinic_id, _ in places}
    for row in rows:
        found[row["clinic_id"]].append(Logged(row["seq"], row["body"], row["sum"]))
    return found


class Head:
    """The head of one clinic's log: ``seq``, ``epoch``, and the oldest event still kept."""

    __slots__ = ("epoch", "oldest", "seq")

    def __init__(self, seq: int, epoch: UUID, oldest: int) -> None:
        self.seq = seq
        self.epoch = epoch
        self.oldest = oldest


async def log_heads(clinic_ids: Sequence[UUID]) -> dict[UUID, Head]:
    """Return the heads of several clinics in one round trip."""
    rows = await database.fetch("select clinic_id, seq, epoch, oldest_seq from log_heads($1)", list(clinic_ids))
    return {row["clinic_id"]: Head(row["seq"], row["epoch"], row["oldest_seq"]) for row in rows}


async def log_state(clinic_id: UUID, seq: int | None) -> LogState:
    """Return the chain's value at ``seq`` (or at the head), for a client that wants to check what it has."""
    async with database.reading(clinic_id) as connection:
        head = await connection.fetchrow("select epoch, seq, sum from clinic_log where clinic_id = $1", clinic_id)
        if head is None:
            raise NotFound
        if seq is None or seq == head["seq"]:
            return LogState(head["epoch"], head["seq"], head["sum"][:8].hex())
        if seq < 0 or seq > head["seq"]:
            raise Invalid.field("seq", f"This clinic's log is at #{head['seq']}; ask for a number up to that.")
        if seq == 0:
            return LogState(head["epoch"], 0, "00" * 8)
        row = await connection.fetchrow("select sum from event where clinic_id = $1 and seq = $2", clinic_id, seq)
        if row is None:
            raise Invalid.field("seq", "Events that old are no longer kept.")
        return LogState(head["epoch"], seq, row["sum"][:8].hex())
