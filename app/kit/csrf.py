"""CSRF: a readable cookie whose value comes back by header or form field, bound to the session by an HMAC."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

COOKIE, HEADER, FIELD = "csrftoken", "x-csrftoken", "_csrf_token"
GUEST = "guest"


class _Told:
    secret = b""
    secure = False


def configure(secret: str, *, secure: bool) -> None:
    """Set the signing secret, and whether cookies travel by TLS only; once, at start."""
    _Told.secret, _Told.secure = secret.encode(), secure


def is_secure() -> bool:
    """Say whether cookies travel by TLS only."""
    return _Told.secure


def make_token(binding: str) -> str:
    """Return a new token for a session (its id) or for somebody not signed in yet (``GUEST``)."""
    nonce = secrets.token_hex(16)
    return f"{nonce}.{_mac(nonce, binding)}"


def is_good(token: str | None, binding: str) -> bool:
    """Say whether a token is ours and belongs to this session."""
    nonce, _, mac = (token or "").partition(".")
    return hmac.compare_digest(mac.encode(), _mac(nonce, binding).encode())


def _mac(nonce: str, binding: str) -> str:
    return hmac.new(_Told.secret, f"csrf|{nonce}|{binding}".encode(), sha256).hexdigest()[:40]
