"""Limits on trying, in the database: they hold over all processes (reliability section 4).

A caller's limit is taken in lots of ten: one round trip for ten calls, and no process hands out more than was granted.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import NamedTuple

from app.config import settings
from app.kit import database
from app.kit.errors import TooMany

QUARTER_HOUR = 15 * 60
SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS = 5, 20
CALLS_A_SECOND, CALL_BURST = 20, 60
CLINIC_CALLS_A_SECOND, CLINIC_BURST = 100, 300
LOT = 10
LOT_SECONDS = 3.0
"""How long a lot may be used: after that the bucket in the database is full again anyway."""
MOST_LOTS = 10_000


async def take(key: str, rate: float, burst: float) -> float:
    """Take a token; returns 0, or the seconds until there is one."""
    if not settings().rate_limits:
        return 0.0
    return float(await database.fetchval("select rate_take($1, $2, $3)", key, rate, burst))


class Tries:
    """The tries of one account from one address, and of that address.

    The account's bucket is kept per address, so that a stranger cannot lock anybody out.
    """

    def __init__(self, account: str, address: str) -> None:
        named = sha256(f"{account.strip().lower()}|{address}".encode()).hexdigest()[:32]
        self._buckets = ((f"sign-in:{named}", SIGN_IN_PER_ACCOUNT), (f"sign-in-from:{address}", SIGN_IN_PER_ADDRESS))

    async def take(self) -> None:
        """Raise ``TooMany`` over 5 tries a quarter of an hour for the account, or 20 for the address.

        Over it, one more try comes free every three minutes (45 s for the address).
        """
        for key, burst in self._buckets:
            wait = await take(key, burst / QUARTER_HOUR, burst)
            if wait > 0:
                minutes = max(1, round(wait / 60))
                raise TooMany(f"Too many tries. Please wait {minutes} min and try again.", retry_after=wait)

    async def give_back(self) -> None:
        """The password was right: only wrong ones count."""
        if settings().rate_limits:
            await database.execute(
                "update rate_bucket b set tokens = least(x.burst, b.tokens + 1) "
                "from unnest($1::text[], $2::double precision[]) x (key, burst) where b.key = x.key",
                [key for key, _ in self._buckets],
                [float(burst) for _, burst in self._buckets],
            )


class _Lot(NamedTuple):
    left: int
    until: float


_lots: dict[str, _Lot] = {}


async def limit_calls(caller: str, clinic: str) -> None:
    """Raise ``TooMany`` over 20 calls a second of one caller (burst 60), or 100 of a clinic (burst 300)."""
    if not settings().rate_limits:
        return
    await _limit(f"api:{caller}", CALLS_A_SECOND, CALL_BURST)
    await _limit(f"api-clinic:{clinic}", CLINIC_CALLS_A_SECOND, CLINIC_BURST)


async def _limit(key: str, rate: int, burst: int) -> None:
    now = time.monotonic()
    lot = _lots.get(key)
    if lot is None or lot.left <= 0 or lot.until < now:
        wait = await take(key, rate / LOT, burst / LOT)
        if wait > 0:
            raise TooMany("Too many requests at once. Please slow down.", retry_after=wait)
        if len(_lots) >= MOST_LOTS:
            _lots.clear()
        # What another request of this process took meanwhile stays: both were granted.
        lot = _lots.get(key)
        kept = lot.left if lot is not None and lot.until >= now else 0
        lot = _Lot(kept + LOT, now + LOT_SECONDS)
    _lots[key] = lot._replace(left=lot.left - 1)
