"""Browsers in which somebody has signed in before: what strangers do to an account must not slow down its owner there.

The cookie holds the browser's id and, for each account, a code that only this server can make from the two. It opens
nothing. It is bound to the e-mail address as typed, so that it can be judged before anybody knows whether there is such
an account. (OWASP calls this a device cookie.)
"""

from __future__ import annotations

import re
import secrets
from hmac import compare_digest

from litestar.datastructures import Cookie

from app.config import derived, settings

KEPT_SECONDS = 180 * 24 * 3600
MOST_ACCOUNTS = 8
"""Accounts remembered in one browser: the computer at the front desk has several."""

_ID, _CODE = re.compile(r"[\w-]{22}"), re.compile(r"[0-9a-f]{32}")


def browser_cookie() -> str:
    """Return the cookie's name: bound to the host where the connection is secure."""
    return "__Host-orasync-browser" if settings().is_secure else "orasync_browser"


def known_browser(cookie: str | None, email: str) -> str | None:
    """Return the browser's id if this account has been signed in to there."""
    browser, codes = _read(cookie)
    code = _code(browser, email)
    return browser if any(compare_digest(code, one) for one in codes) else None


def remember_browser(cookie: str | None, email: str) -> Cookie:
    """Return the cookie with this account in it."""
    browser, codes = _read(cookie)
    browser = browser or secrets.token_urlsafe(16)
    code = _code(browser, email)
    kept = [code, *(one for one in codes if one != code)][:MOST_ACCOUNTS]
    return Cookie(
        key=browser_cookie(),
        value=".".join([browser, *kept]),
        path="/",
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=settings().is_secure,
    )


def _read(cookie: str | None) -> tuple[str, list[str]]:
    browser, *codes = (cookie or "").split(".", MOST_ACCOUNTS)
    if not _ID.fullmatch(browser):
        return "", []
    return browser, [code for code in codes if _CODE.fullmatch(code)]


def _code(browser: str, email: str) -> str:
    return derived(settings().secret_key, f"browser:{browser}:{email.strip().lower()}")[:32]
