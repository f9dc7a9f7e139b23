"""Who is calling: a key or a session, over HTTP or a socket."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from app.auth.service.sessions import SESSION_IDLE, session_cookie
from app.config import settings
from app.integrations.service import client_code_of, find_caller
from app.kit import clock, database
from app.kit.crypto import hash_token
from app.kit.errors import Forbidden, NotSignedIn
from app.kit.principal import Principal

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection

SEEN_EVERY = dt.timedelta(minutes=1)


async def authenticate_request(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """Return the caller by key or session; raises ``NotSignedIn``. Asked once a request, then remembered."""
    known = connection.scope.setdefault("state", {}).get("principal")
    if known is not None:
        return known
    principal = await _by_key(connection) or await _by_session(connection)
    if principal is None:
        raise NotSignedIn("Sign in first, or send a connection key.")
    request_id = connection.scope["state"].get("request_id")
    address = connection.client.host if connection.client else None
    principal = msgspec.structs.replace(principal, request_id=request_id, address=address)
    connection.scope["state"]["principal"] = principal
    return principal


async def _by_key(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal | None:
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    named = connection.headers.get("x-api-key")
    if scheme.lower() == "bearer" and key:
        principal = await find_caller(key.strip())
    elif named:
        principal = await find_caller(named)
        code = connection.headers.get("x-client-code", "")
        if principal is not None and await client_code_of(principal.clinic_id) != code:
            principal = None
    else:
        return None
    if principal is None:
        raise NotSignedIn("This connection key is not valid.")
    return principal


async def _by_session(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal | None:
    token = connection.cookies.get(session_cookie())
    if not token:
        return None
    found = await database.fetchrow("select clinic_id, id from find_session($1)", hash_token(token))
    if found is None:
        return None
    clinic_id = found["clinic_id"]
    async with database.reading(clinic_id) as reading:
        row = await reading.fetchrow(
            "select s.id, s.seen_at, m.id as staff_id, m.name, m.role from session s join staff_member m "
            "on m.clinic_id = s.clinic_id and m.id = s.staff_id where s.clinic_id = $1 and s.id = $2 "
            "and s.revoked_at is null and m.is_active and s.seen_at > now() - $3::interval",
            clinic_id,
            found["id"],
            SESSION_IDLE,
        )
    if row is None:
        return None
    if clock.now() - row["seen_at"] > SEEN_EVERY:
        async with database.transaction(clinic_id) as writing:
            await writing.execute(
                "update session set seen_at = now() where clinic_id = $1 and id = $2", clinic_id, row["id"]
            )
    return Principal(
        clinic_id=clinic_id, type="staff", id=row["staff_id"], name=row["name"], role=row["role"], session_id=row["id"]
    )


def is_own_origin(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Say whether the Origin header is one of ours: the public address, the host asked for, or CORS_ORIGIN."""
    origin = connection.headers.get("origin", "")
    if not origin:
        return False
    told = settings()
    if origin in {told.origin, *told.cors_origin}:
        return True
    host = connection.headers.get("host", "")
    # On a loopback address the page may have been opened as localhost or 127.0.0.1, whatever PUBLIC_URL says.
    return urlsplit(origin).netloc == host and urlsplit(f"//{host}").hostname in {
        "localhost",
        "127.0.0.1",
        "::1",
        urlsplit(told.public_url).hostname,
    }


async def authenticate_socket(socket: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """Return who opens a socket: a key, or a session cookie from a page of ours.

    Raises ``NotSignedIn``, or ``Forbidden`` for a foreign page: a browser sends the cookie along wherever the page is.
    """
    principal = await authenticate_request(socket)
    if principal.type == "staff" and not is_own_origin(socket):
        raise Forbidden("This page may not listen.")
    return principal
