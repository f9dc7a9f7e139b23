"""Whole pages for staff: what every page shows is gathered from the features, each adding its part.

A feature registers ``@page_part`` with a coroutine that takes the principal and returns template variables; so no page
needs to know where the clinic, the person or the counts come from. Everything on a page is read in one snapshot.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.datastructures import Cookie

from app.kit import csrf, database
from app.kit.templating import render

if TYPE_CHECKING:
    from litestar import Request

    from app.kit.principal import Principal

PagePart = Callable[["Principal"], Awaitable[dict[str, Any]]]
_PARTS: list[PagePart] = []


def page_part(part: PagePart) -> PagePart:
    """Register what a feature adds to every staff page."""
    _PARTS.append(part)
    return part


def csrf_token(request: Request[Any, Any, Any], binding: str) -> str:
    """Return the browser's token, or a new one when it has none that fits."""
    present = request.cookies.get(csrf.COOKIE)
    return present if present and csrf.is_good(present, binding) else csrf.make_token(binding)


def csrf_cookie(token: str) -> Cookie:
    """Return the readable cookie that carries the token."""
    return Cookie(key=csrf.COOKIE, value=token, path="/", httponly=False, samesite="lax", secure=csrf.is_secure())


async def shell(request: Request[Any, Any, Any], principal: Principal) -> dict[str, Any]:
    """Return what every staff page needs."""
    context: dict[str, Any] = {
        "may": principal.may,
        "csrf_token": csrf_token(request, str(principal.session_id)),
        "saved": "Saved." if request.query_params.get("saved") else None,
        "error": None,
        "errors": {},
        "values": {},
    }
    async with database.reading(principal.clinic_id):
        for part in _PARTS:
            context.update(await part(principal))
    return context


async def staff_page(
    request: Request[Any, Any, Any], principal: Principal, template: str, *, status_code: int = 200, **context: Any
) -> Response[str]:
    """Render a page of somebody who is signed in."""
    whole = {**await shell(request, principal), **context}
    return Response(
        render(template, **whole),
        media_type="text/html",
        status_code=status_code,
        cookies=[csrf_cookie(whole["csrf_token"])],
    )


def guest_page(
    request: Request[Any, Any, Any], template: str, *, status_code: int = 200, **context: Any
) -> Response[str]:
    """Render a page for somebody who is not signed in."""
    token = csrf_token(request, csrf.GUEST)
    return Response(
        render(template, csrf_token=token, **context),
        media_type="text/html",
        status_code=status_code,
        cookies=[csrf_cookie(token)],
    )


def go_to(path: str, *, cookies: list[Cookie] | None = None) -> Response[None]:
    """Answer a form with "see other"."""
    return Response(None, status_code=303, headers={"Location": path}, cookies=cookies or [])


def local_path(path: str | None, default: str) -> str:
    """Return a path of ours, or the default: never an address somewhere else (open redirect)."""
    if (
        path
        and path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and "\\" not in path
        and not any(ord(c) < 32 for c in path)
    ):
        return path
    return default
