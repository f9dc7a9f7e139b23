"""Limits on trying, in the database: they hold over all processes (reliability section 4)."""

from __future__ import annotations

from hashlib import sha256

from app.config import settings
from app.kit import database
from app.kit.errors import TooMany

QUARTER_HOUR = 15 * 60
SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS = 5, 20
CALLS_A_SECOND, CALL_BURST = 20, 60
CLINIC_CALLS_A_SECOND, CLINIC_BURST = 100, 300


async def take(key: str, rate: float, burst: float) -> float:
    """Take a token; returns 0, or the seconds until there is one."""
    if not settings().rate_limits:
        return 0.0
    return float(await database.fetchval("select rate_take($1, $2, $3)", key, rate, burst))


async def limit_sign_in(email: str, address: str) -> None:
    """Raise ``TooMany`` over 5 tries a quarter of an hour for an account from one address, or 20 for the address.

    The account's bucket is kept per address, so that a stranger cannot lock anybody out.
    """
    account = sha256(f"{email.strip().lower()}|{address}".encode()).hexdigest()[:32]
    for key, burst in ((f"sign-in:{account}", SIGN_IN_PER_ACCOUNT), (f"sign-in-from:{address}", SIGN_IN_PER_ADDRESS)):
        wait = await take(key, burst / QUARTER_HOUR, burst)
        if wait > 0:
            raise TooMany(f"Too many tries. Please wait {max(1, round(wait / 60))} min and try again.", retry_after=wait)


async def limit_calls(caller_key: str, clinic_key: str) -> None:
    """Raise ``TooMany`` over 20 calls a second of one caller (burst 60), or 100 of a clinic."""
    for key, rate, burst in ((f"api:{caller_key}", CALLS_A_SECOND, CALL_BURST), (f"api-clinic:{clinic_key}", CLINIC_CALLS_A_SECOND, CLINIC_BURST)):
        wait = await take(key, rate, burst)
        if wait > 0:
            raise TooMany("Too many requests at once. Please slow down.", retry_after=wait)
