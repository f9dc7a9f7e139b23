"""Limits on trying, in the database: they hold over all processes (reliability section 4).

A caller's limit is taken in lots of ten: one round trip for ten calls, and no process hands out more than was granted.
"""

from __future__ import annotations

import asyncio
import time
from hashlib import sha256
from ipaddress import IPv4Address, ip_address, ip_network
from typing import NamedTuple

from app.config import settings
from app.kit import database
from app.kit.errors import TooMany

QUARTER_HOUR = 15 * 60
SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS = 5, 20
FREE_TRIES, FIRST_DELAY, LONGEST_DELAY = 3, 0.25, 2.0
SLOWING_TRIES = 20
"""Wrong tries of an account that are counted; twice as many do not slow it more."""
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
    """Tries at the password of one account. Only wrong ones count; :meth:`give_back` takes back what was right.

    Refused are those of one place: a browser the account knows, else an address. What comes from everywhere else
    together only slows down whoever is not in such a browser: so strangers lock nobody out, and a browser of one's own
    does not even notice them. Everything hangs on the name that was typed, whether or not there is such an account.
    """

    def __init__(self, account: str, address: str, browser: str | None = None) -> None:
        whose = account.strip().lower()
        place = _network(address) if browser is None else f"browser {browser}"
        self._limits = {_key("sign-in", whose, place): SIGN_IN_PER_ACCOUNT}
        if browser is None:  # colleagues and the waiting room share an address; their mistakes are not hers
            self._limits[f"sign-in-from:{place}"] = SIGN_IN_PER_ADDRESS
        self._slowing = _key("sign-in-slow", whose, browser or "anywhere")

    async def take(self) -> None:
        """Wait as long as the account's wrong tries demand, 2 s at most.

        Raises ``TooMany`` over 5 tries a quarter of an hour from one place, or 20 from one address at all accounts.
        Over it, one more try comes free every three minutes (45 s for the address).
        """
        if not settings().rate_limits:
            return
        for key, burst in self._limits.items():
            wait = await take(key, burst / QUARTER_HOUR, burst)
            if wait > 0:
                minutes = max(1, round(wait / 60))
                raise TooMany(f"Too many tries. Please wait {minutes} min and try again.", retry_after=wait)
        # Written before the check, so that tries at the same moment see each other, in whatever process they are.
        left = await database.fetchval(
            "insert into rate_bucket as b (key, tokens, at) values ($1, $2::double precision - 1, clock_timestamp()) "
            "on conflict (key) do update set at = clock_timestamp(), tokens = greatest(0, least($2, b.tokens "
            "+ greatest(0, extract(epoch from clock_timestamp() - b.at)) * $3::double precision) - 1) returning tokens",
            self._slowing,
            float(SLOWING_TRIES),
            SLOWING_TRIES / QUARTER_HOUR,
        )
        await asyncio.sleep(delay_after(SLOWING_TRIES - 1 - left))

    async def give_back(self) -> None:
        """The password was right: only wrong ones count."""
        if settings().rate_limits:
            bursts = {**self._limits, self._slowing: SLOWING_TRIES}
            await database.execute(
                "update rate_bucket b set tokens = least(x.burst, b.tokens + 1) "
                "from unnest($1::text[], $2::double precision[]) x (key, burst) where b.key = x.key",
                list(bursts),
                [float(burst) for burst in bursts.values()],
            )


def delay_after(wrong: float) -> float:
    """Return the seconds a try waits after so many wrong ones lately: 0 for three, then 1/4, 1/2, 1 and 2."""
    doubled = int(wrong + 0.5) - FREE_TRIES  # they are forgotten one by one, so the count is not whole
    return 0.0 if doubled < 0 else min(LONGEST_DELAY, FIRST_DELAY * 2.0**doubled)


def _key(kind: str, *parts: str) -> str:
    return f"{kind}:{sha256('|'.join(parts).encode()).hexdigest()[:32]}"


def _network(address: str) -> str:
    """Return the address, or of version 6 the /64: somebody who has one of those has them all."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


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
