"""Signing in and out over HTTP, exactly as contract section 6 says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.auth import service
from app.auth.schemas import (
    Join,
    PasswordChange,
    Preferences,
    Profile,
    SessionPage,
    SignedIn,
    SignIn,
    Unlock,
)
from app.auth.service import session_cookie, session_cookies, where_from
from app.kit.principal import Principal
from app.staff.service import join

PUBLIC, ACCOUNT = {"public": True}, {"operation": "account"}
Caller = NamedDependency[Principal]


@post("/api/auth/sign-in", opt=PUBLIC, status_code=200, summary="Sign in")
async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignIn]) -> Response[SignedIn]:
    """Sets the session cookie; the same answer for unknown addresses."""
    known = request.cookies.get(service.browser_cookie())
    token, principal = await service.sign_in(
        data.email, data.password, **where_from(request), browser=service.known_browser(known, data.email)
    )
    assert principal.session_id is not None  # noqa: S101 - made just now
    cookies = [*session_cookies(token, principal.session_id), service.remember_browser(known, data.email)]
    return Response(await service.who_am_i(principal), cookies=cookies)


@post("/api/auth/sign-out", opt=ACCOUNT, status_code=204, summary="Sign out")
async def sign_out(caller: Caller) -> Response[None]:
    """Ends the session and its sockets."""
    await service.sign_out(caller)
    response = Response(None, status_code=204)
    response.delete_cookie(session_cookie())
    return response


@get("/api/auth/me", opt=ACCOUNT, summary="Who am I?")
async def me(caller: Caller) -> SignedIn:
    """The caller and their clinic."""
    return await service.who_am_i(caller)


@patch("/api/auth/me", opt=ACCOUNT, summary="Change my name")
async def change_me(caller: Caller, data: JSONBody[Profile]) -> SignedIn:
    """The name colleagues see."""
    await service.change_profile(caller, data.name)
    return await service.who_am_i(caller)


@post("/api/auth/unlock", opt=ACCOUNT, status_code=204, summary="Unlock the screen")
async def unlock(caller: Caller, data: JSONBody[Unlock]) -> None:
    """403 when the password is not right."""
    await service.check_password(caller, data.password)


@post("/api/auth/invitations/{token:str}", opt=PUBLIC, summary="Accept an invitation")
async def accept_invitation(
    request: Request[Any, Any, Any], token: FromPath[str], data: JSONBody[Join]
) -> Response[SignedIn]:
    """Works once; signs the new colleague in."""
    clinic_id, staff_id = await join(token, data.name, data.password)
    session, session_id = await service.open_session(clinic_id, staff_id, **where_from(request))
    principal = Principal(clinic_id=clinic_id, type="staff", id=staff_id, name=data.name)
    signed_in = await service.who_am_i(principal)
    remembered = service.remember_browser(request.cookies.get(service.browser_cookie()), signed_in.staff.email)
    return Response(signed_in, status_code=201, cookies=[*session_cookies(session, session_id), remembered])


@put("/api/auth/password", opt=ACCOUNT, status_code=204, summary="Change the password")
async def change_password(caller: Caller, data: JSONBody[PasswordChange]) -> None:
    """Every other session of the caller ends."""
    await service.change_password(caller, data)


@put("/api/auth/preferences", opt=ACCOUNT, status_code=204, summary="Change how the desk looks and sounds")
async def change_preferences(caller: Caller, data: JSONBody[Preferences]) -> None:
    """For the caller, on every device."""
    await service.change_preferences(caller, data)


@get("/api/auth/sessions", opt=ACCOUNT, summary="List my sessions")
async def sessions(caller: Caller) -> SessionPage:
    """Where the caller is signed in."""
    return SessionPage(await service.list_sessions(caller))


@delete("/api/auth/sessions", opt=ACCOUNT, summary="End my other sessions")
async def end_other_sessions(caller: Caller) -> None:
    """Every one but this."""
    await service.end_other_sessions(caller)


@delete("/api/auth/sessions/{session_id:uuid}", opt=ACCOUNT, summary="End one of my sessions")
async def end_session(caller: Caller, session_id: FromPath[UUID]) -> None:
    """Its sockets close within two seconds."""
    await service.end_session(caller, session_id)


ROUTES = [
    sign_in,
    sign_out,
    me,
    change_me,
    unlock,
    accept_invitation,
    change_password,
    change_preferences,
    sessions,
    end_other_sessions,
    end_session,
]
