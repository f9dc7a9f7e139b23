"""Signing up over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import JSONBody

from app.auth.service import browser_cookie, open_session, remember_browser, session_cookies, where_from
from app.onboarding.service import limit_sign_up
from app.staff.schemas import SignUp
from app.staff.service import create_clinic


class _Made(msgspec.Struct):
    id: UUID
    slug: str


class _Owner(msgspec.Struct):
    id: UUID


class SignedUp(msgspec.Struct):
    """The new clinic and its owner."""

    clinic: _Made
    staff: _Owner


@post("/api/auth/sign-up", opt={"public": True}, summary="Sign up")
async def sign_up(request: Request[Any, Any, Any], data: JSONBody[SignUp]) -> Response[SignedUp]:
    """Makes a clinic with its owner, and signs them in."""
    where = where_from(request)
    await limit_sign_up(where["address"])
    clinic_id, slug, staff_id = await create_clinic(data)
    token, session_id = await open_session(clinic_id, staff_id, **where)
    remembered = remember_browser(request.cookies.get(browser_cookie()), data.email)
    return Response(
        SignedUp(_Made(clinic_id, slug), _Owner(staff_id)),
        status_code=201,
        cookies=[*session_cookies(token, session_id), remembered],
    )


ROUTES = [sign_up]
