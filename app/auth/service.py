"""Signing in and out, and finding out who is calling."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from litestar.datastructures import Cookie

from app.auth.limits import QUARTER_HOUR, Tries, take
from app.auth.schemas import ClinicBrief, PasswordChange, Preferences, SessionView, SignedIn, StaffBrief
from app.clinics.events import SettingsChanged
from app.config import settings
from app.events.service import unit_of_work
from app.integrations.service import client_code_of, find_caller
from app.kit import clock, csrf, database
from app.kit.crypto import hash_password, hash_token, needs_rehash, new_token, verify_password
from app.kit.errors import Forbidden, NotFound, NotSignedIn
from app.kit.ids import new_id
from app.kit.page import csrf_cookie
from app.kit.principal import Principal
from app.staff.events import SessionRevoked

if TYPE_CHECKING:
    from uuid import UUID

    from litestar import Request
    from litestar.connection import ASGIConnection

SESSION_IDLE = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)
WRONG = "The e-mail address or the password is not right."
WRONG_TAKES = 0.3
"""Seconds until a wrong sign-in is answered, whatever there was to look up and to write: the time tells nothing."""


def session_cookie() -> str:
    """Return the session cookie's name: bound to the host where the connection is secure."""
    return "__Host-orasync" if settings().is_secure else "orasync_session"


async def open_session(clinic_id: UUID, staff_id: UUID, *, user_agent: str, address: str) -> tuple[str, UUID]:
    """Start a session; returns its token (for the cookie; only the hash is kept) and id."""
    token, session_id, now = new_token(), new_id(), clock.now()
    async with database.transaction(clinic_id) as connection:
        await connection.execute(
            "insert into session (id, clinic_id, staff_id, token_hash, user_agent, address, created_at, seen_at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $7)",
            session_id,
            clinic_id,
            staff_id,
            hash_token(token),
            user_agent[:300].replace("\x00", ""),
            address[:64],
            now,
        )
    return token, session_id


async def sign_in(email: str, password: str, *, user_agent: str, address: str) -> tuple[str, Principal]:
    """Check a password and start a session. The same answer, in the same time, for unknown addresses."""
    started = time.monotonic()
    tries = Tries(email, address)
    await tries.take()
    found = await database.fetchrow("select clinic_id, id from find_staff($1)", email.strip())
    row = None
    if found is not None:
        async with database.reading(found["clinic_id"]) as connection:
            row = await connection.fetchrow(
                "select id, name, role, password_hash from staff_member where clinic_id = $1 and id = $2 and is_active",
                found["clinic_id"],
                found["id"],
            )
    good = await verify_password(row["password_hash"] if row else None, password)
    if found is None or row is None or not good:
        if found is not None:
            actor = Principal(clinic_id=found["clinic_id"], type="system", id=None, name="sign-in", address=address)
            async with unit_of_work(found["clinic_id"], actor) as work:
                work.audit("sign_in.failed", "staff", found["id"])
        await asyncio.sleep(max(0.0, started + WRONG_TAKES - time.monotonic()))
        raise NotSignedIn(WRONG)
    await tries.give_back()
    clinic_id = found["clinic_id"]
    token, session_id = await open_session(clinic_id, row["id"], user_agent=user_agent, address=address)
    principal = Principal(
        clinic_id=clinic_id,
        type="staff",
        id=row["id"],
        name=row["name"],
        role=row["role"],
        session_id=session_id,
        address=address,
    )
    rehash = await hash_password(password) if needs_rehash(row["password_hash"]) else None
    async with unit_of_work(clinic_id, principal) as work:
        if rehash:
            await work.connection.execute(
                "update staff_member set password_hash = $3 where clinic_id = $1 and id = $2",
                clinic_id,
                row["id"],
                rehash,
            )
        work.audit("sign_in.succeeded", "staff", row["id"])
    return token, principal


async def sign_out(principal: Principal) -> None:
    """End the caller's session."""
    if principal.session_id is not None:
        await end_session(principal, principal.session_id)


async def end_session(principal: Principal, session_id: UUID) -> None:
    """End one of the caller's sessions; its sockets close within two seconds."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        if not await work.connection.fetchval(
            "update session set revoked_at = now() where clinic_id = $1 and id = $2 and staff_id = $3 "
            "and revoked_at is null returning 1",
            principal.clinic_id,
            session_id,
            principal.id,
        ):
            raise NotFound("This session has ended already.")
        work.record(SessionRevoked(staff_id=principal.id, session_id=session_id))
        work.audit("session.ended", "session", session_id)


async def end_other_sessions(principal: Principal) -> None:
    """End every session of the caller but the present one."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        await work.connection.execute(
            "update session set revoked_at = now() where clinic_id = $1 and staff_id = $2 and id <> $3 "
            "and revoked_at is null",
            principal.clinic_id,
            principal.id,
            principal.session_id,
        )
        work.record(SessionRevoked(staff_id=principal.id, except_session_id=principal.session_id))
        work.audit("session.others_ended", "staff", principal.id)


async def list_sessions(principal: Principal) -> list[SessionView]:
    """Return the caller's open sessions."""
    async with database.reading(principal.clinic_id) as connection:
        rows = await connection.fetch(
            "select id, user_agent, address, created_at, seen_at from session where clinic_id = $1 and staff_id = $2 "
            "and revoked_at is null and seen_at > now() - $3::interval order by seen_at desc",
            principal.clinic_id,
            principal.id,
            SESSION_IDLE,
        )
    return [SessionView(**dict(row), current=row["id"] == principal.session_id) for row in rows]


async def check_password(principal: Principal, password: str) -> None:
    """Raise ``Forbidden`` unless this is the caller's password (screen lock, password change)."""
    tries = Tries(str(principal.id), principal.address or "")
    await tries.take()
    async with database.reading(principal.clinic_id) as connection:
        stored = await connection.fetchval(
            "select password_hash from staff_member where clinic_id = $1 and id = $2", principal.clinic_id, principal.id
        )
    if not await verify_password(stored, password):
        raise Forbidden("The password is not right.")
    await tries.give_back()


async def change_password(principal: Principal, change: PasswordChange) -> None:
    """Set a new password; every other session of the caller ends."""
    await check_password(principal, change.current)
    hashed = await hash_password(change.password)
    async with unit_of_work(principal.clinic_id, principal) as work:
        await work.connection.execute(
            "update staff_member set password_hash = $3 where clinic_id = $1 and id = $2",
            principal.clinic_id,
            principal.id,
            hashed,
        )
        await work.connection.execute(
            "update session set revoked_at = now() where clinic_id = $1 and staff_id = $2 and id <> $3 "
            "and revoked_at is null",
            principal.clinic_id,
            principal.id,
            principal.session_id,
        )
        work.record(SessionRevoked(staff_id=principal.id, except_session_id=principal.session_id))
        work.audit("password.changed", "staff", principal.id)


async def change_profile(principal: Principal, name: str) -> None:
    """Change the caller's name; the others' lists of the team hear of it."""
    async with unit_of_work(principal.clinic_id, principal) as work:
        before = await work.connection.fetchval(
            "select name from staff_member where clinic_id = $1 and id = $2 for update",
            principal.clinic_id,
            principal.id,
        )
        await work.connection.execute(
            "update staff_member set name = $3 where clinic_id = $1 and id = $2",
            principal.clinic_id,
            principal.id,
            name.strip(),
        )
        changes = {"name": [before, name.strip()]}
        work.record(SettingsChanged(section="team", changes=changes, staff_id=principal.id))
        work.audit("staff.renamed", "staff", principal.id)


async def change_preferences(principal: Principal, preferences: Preferences) -> None:
    """Keep how the caller likes the desk."""
    async with database.transaction(principal.clinic_id) as connection:
        await connection.execute(
            "update staff_member set preferences = $3::jsonb where clinic_id = $1 and id = $2",
            principal.clinic_id,
            principal.id,
            msgspec.json.encode(preferences).decode(),
        )


async def who_am_i(principal: Principal) -> SignedIn:
    """Return the caller and their clinic."""
    async with database.reading(principal.clinic_id) as connection:
        row = await connection.fetchrow(
            "select c.slug, c.name as clinic_name, s.name, s.email, s.role, s.preferences from clinic c "
            "left join staff_member s on s.clinic_id = c.id and s.id = $2 where c.id = $1",
            principal.clinic_id,
            principal.id,
        )
    if row is None or principal.type != "staff" or principal.id is None:
        raise NotSignedIn("Sign in first.")
    return SignedIn(
        ClinicBrief(principal.clinic_id, row["slug"], row["clinic_name"]),
        StaffBrief(principal.id, row["name"], row["email"], row["role"], msgspec.json.decode(row["preferences"])),
    )


# -- who is calling


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


def session_cookies(token: str, session_id: UUID) -> list[Cookie]:
    """Return the cookies of a new session: its token, out of reach of scripts, and the CSRF token bound to it."""
    secure = settings().is_secure
    return [
        Cookie(key=session_cookie(), value=token, path="/", httponly=True, samesite="lax", secure=secure),
        csrf_cookie(csrf.make_token(str(session_id))),
    ]


def where_from(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the caller's browser and address, for the session list."""
    return {
        "user_agent": request.headers.get("user-agent", ""),
        "address": request.client.host if request.client else "",
    }


__all__ = [
    "QUARTER_HOUR",
    "authenticate_request",
    "authenticate_socket",
    "change_password",
    "change_preferences",
    "change_profile",
    "check_password",
    "end_other_sessions",
    "end_session",
    "is_own_origin",
    "list_sessions",
    "open_session",
    "session_cookie",
    "session_cookies",
    "sign_in",
    "sign_out",
    "take",
    "where_from",
    "who_am_i",
]
