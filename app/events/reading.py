"""Reading the log: a stretch of it, its head, and the state that a client can check itself against."""

from __future__ import annotations

from hashlib import sha256
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


async def verify_log(clinic_id: UUID) -> tuple[int, int | None]:
    """Recompute the chain of the events that are kept; returns how many, and the seq of the first that does not fit."""
    checked, chain, last = 0, None, None
    async with database.reading(clinic_id) as connection:
        head = await connection.fetchrow("select seq, sum, oldest_seq from clinic_log where clinic_id = $1", clinic_id)
        if head is None:
            raise NotFound
        last = head["oldest_seq"] - 1
        while rows := await connection.fetch(
            "select seq, body, digest, sum from event where clinic_id = $1 and seq > $2 order by seq limit $3",
            clinic_id,
            last,
            LARGEST_READ,
        ):
            for row in rows:
                # What was before the oldest kept event is gone; its chain value stands in that event's own sum.
                chain = row["sum"] if chain is None and row["seq"] > 1 else chain_step(chain, row["digest"])
                checked += 1
                if (
                    row["seq"] != last + 1
                    or row["sum"] != chain
                    or sha256(row["body"].encode()).digest() != row["digest"]
                ):
                    return checked, last + 1
                last = row["seq"]
    complete = last == head["seq"] and (chain is None or chain == head["sum"])
    return checked, None if complete else last + 1


def chain_step(chain: bytes | None, digest: bytes) -> bytes:
    """Return chain(n) from chain(n - 1) and the digest of event n; ``chain(0)`` is 32 zero bytes."""
    return sha256((chain or bytes(32)) + digest).digest()


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
