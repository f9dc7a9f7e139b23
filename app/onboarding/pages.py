"""The sign-up page."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post

from app.auth.service import browser_cookie, open_session, remember_browser, session_cookies, where_from
from app.kit.errors import OrasyncError
from app.kit.page import go_to, guest_page
from app.onboarding.service import limit_sign_up
from app.staff.schemas import SignUp
from app.staff.service import create_clinic

PUBLIC = {"public": True}
Asking = Request[Any, Any, Any]
_SAYS = {
    "clinic_name": "Tell us your clinic's name.",
    "name": "Tell us your name.",
    "email": "This does not look like an e-mail address.",
    "password": "At least 10 characters.",
}


@get("/sign-up", opt=PUBLIC, include_in_schema=False)
async def sign_up_page(request: Asking) -> Response[Any]:
    """Four fields."""
    return guest_page(request, "auth/sign_up.html", values={}, errors={}, error=None)


@post("/sign-up", opt=PUBLIC, include_in_schema=False)
async def sign_up(request: Asking) -> Response[Any]:
    """Make the clinic and go in."""
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    wanted = {name: form.get(name, "").strip() if name != "password" else form.get(name, "") for name in _SAYS}
    errors: dict[str, str] = {}
    for name, value in wanted.items():
        try:
            msgspec.convert(
                {"clinic_name": "x", "name": "x", "email": "a@b.cd", "password": "x" * 10, name: value}, SignUp
            )
        except msgspec.ValidationError:
            errors[name] = _SAYS[name]
    if errors:
        return guest_page(request, "auth/sign_up.html", status_code=422, values=wanted, errors=errors, error=None)
    where = where_from(request)
    draft = msgspec.convert(wanted, SignUp)
    if form.get("timezone"):
        draft.timezone = form["timezone"]
    try:
        await limit_sign_up(where["address"])
        clinic_id, _slug, staff_id = await create_clinic(draft)
    except OrasyncError as error:
        return guest_page(
            request, "auth/sign_up.html", status_code=error.status, values=wanted, errors={}, error=error.detail
        )
    token, session_id = await open_session(clinic_id, staff_id, **where)
    remembered = remember_browser(request.cookies.get(browser_cookie()), draft.email)
    return go_to("/inbox", cookies=[*session_cookies(token, session_id), remembered])


ROUTES = [sign_up_page, sign_up]
