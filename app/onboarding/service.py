"""Signing up: how often, and what it makes."""

from __future__ import annotations

from app.auth.service import QUARTER_HOUR, take
from app.kit.errors import TooMany

SIGN_UPS_PER_ADDRESS = 200


async def limit_sign_up(address: str) -> None:
    """Raise ``TooMany`` over 200 new clinics a quarter of an hour from one address."""
    wait = await take(f"sign-up-from:{address}", SIGN_UPS_PER_ADDRESS / QUARTER_HOUR, SIGN_UPS_PER_ADDRESS)
    if wait > 0:
        raise TooMany("Too many clinics from here at once. Please wait a little.", retry_after=wait)
