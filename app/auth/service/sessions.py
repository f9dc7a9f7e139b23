"""Sessions: opened, listed, ended; and the cookies that carry them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from litestar.datastructures import Cookie

from app.auth.schemas import SessionView
from app.config import settings
from app.events.service import unit_of_work
from app.kit import clock, csrf, database
from app.kit.crypto import hash_token, new_token
from app.kit.errors import NotFound
from app.kit.ids import new_id
from app.kit.page import csrf_cookie
from app.staff.events import SessionRevoked

if TYPE_CHECKING:
    from uuid import UUID

    from litestar import Request

    from app.kit.principal import Principal

SESSION_IDLE = dt.timedelta(hours=12)


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
