"""The pages of signing in: for people, and for browsers without scripts."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.auth import service
from app.auth.schemas import Join
from app.kit.errors import NotFound, OrasyncError
from app.kit.page import go_to, guest_page, local_path
from app.kit.principal import Principal
from app.staff.service import find_invited, join

PUBLIC, ACCOUNT = {"public": True}, {"operation": "account"}
Asking = Request[Any, Any, Any]
Caller = NamedDependency[Principal]


async def _texts(request: Asking) -> dict[str, str]:
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


@get("/sign-in", opt=PUBLIC, include_in_schema=False)
async def sign_in_page(request: Asking) -> Response[Any]:
    """The form; who is signed in already goes on."""
    following = local_path(request.query_params.get("next"), "/inbox")
    try:
        await service.authenticate_request(request)
    except OrasyncError:
        notice = "You were signed out. Sign in to go on." if request.query_params.get("ended") else None
        return guest_page(
            request, "auth/sign_in.html", email="", next=following, error=None, notice=notice, google=False
        )
    return go_to(following)


@post("/sign-in", opt=PUBLIC, include_in_schema=False)
async def sign_in(request: Asking) -> Response[Any]:
    """Check and go on, or say what is wrong."""
    form = await _texts(request)
    following = local_path(form.get("next"), "/inbox")
    email, known = form.get("email", "")[:254], request.cookies.get(service.browser_cookie())
    try:
        token, principal = await service.sign_in(
            email,
            form.get("password", "")[:200],
            **service.where_from(request),
            browser=service.known_browser(known, email),
        )
    except OrasyncError as error:
        return guest_page(
            request,
            "auth/sign_in.html",
            status_code=error.status,
            email=form.get("email", ""),
            next=following,
            error=error.detail,
            notice=None,
            google=False,
        )
    assert principal.session_id is not None  # noqa: S101 - made just now
    cookies = [*service.session_cookies(token, principal.session_id), service.remember_browser(known, email)]
    return go_to(following, cookies=cookies)


@post("/sign-out", opt=ACCOUNT, include_in_schema=False)
async def sign_out(caller: Caller) -> Response[None]:
    """End the session."""
    await service.sign_out(caller)
    response = go_to("/sign-in?ended=1")
    response.delete_cookie(service.session_cookie())
    return response


@get("/invitations/{token:str}", opt=PUBLIC, include_in_schema=False)
async def invitation_page(request: Asking, token: FromPath[str]) -> Response[Any]:
    """Where an invited colleague chooses a name and a password."""
    return await _invitation(request, token, {}, {}, None)


async def _invitation(
    request: Asking,
    token: str,
    values: dict[str, str],
    errors: dict[str, str],
    error: str | None,
    *,
    status_code: int = 200,
) -> Response[Any]:
    try:
        invited = await find_invited(token)
    except NotFound:
        return guest_page(
            request,
            "auth/invitation.html",
            status_code=404,
            token=token,
            expired=True,
            values={},
            errors={},
            error=None,
            clinic_name="",
            email="",
            role="",
        )
    return guest_page(
        request,
        "auth/invitation.html",
        status_code=status_code,
        token=token,
        expired=False,
        values=values,
        errors=errors,
        error=error,
        clinic_name=invited.clinic_name,
        email=invited.email,
        role=invited.role,
    )


@post("/invitations/{token:str}", opt=PUBLIC, include_in_schema=False)
async def accept_invitation(request: Asking, token: FromPath[str]) -> Response[Any]:
    """Join and be signed in."""
    form = await _texts(request)
    try:
        wanted = msgspec.convert({"name": form.get("name", "").strip(), "password": form.get("password", "")}, Join)
    except msgspec.ValidationError as error:
        key = "password" if "password" in str(error) else "name"
        says = "At least 10 characters." if key == "password" else "Tell us your name."
        return await _invitation(request, token, form, {key: says}, None, status_code=422)
    try:
        invited = await find_invited(token)
        clinic_id, staff_id = await join(token, wanted.name, wanted.password)
    except OrasyncError as error:
        return await _invitation(request, token, form, {}, error.detail, status_code=error.status)
    session, session_id = await service.open_session(clinic_id, staff_id, **service.where_from(request))
    remembered = service.remember_browser(request.cookies.get(service.browser_cookie()), invited.email)
    return go_to("/inbox", cookies=[*service.session_cookies(session, session_id), remembered])


ROUTES = [sign_in_page, sign_in, sign_out, invitation_page, accept_invitation]
