"""The one guard of every HTTP route: who is calling, whose clinic, which operation, and no forged request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.auth.limits import limit_calls
from app.auth.service import authenticate_request, is_own_origin, session_cookie
from app.kit import csrf, database
from app.kit.errors import Forbidden, NotFound, WrongMediaType
from app.kit.http import SAFE
from app.kit.ids import as_uuid

if TYPE_CHECKING:
    from uuid import UUID

    from litestar import Request
    from litestar.connection import ASGIConnection
    from litestar.handlers import BaseRouteHandler

    from app.kit.principal import Principal

_SLUGS: dict[str, UUID] = {}
MOST_SLUGS = 10_000
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


async def allow(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request through, or raise. A route says ``operation``, or that it is ``public``."""
    operation = handler.opt.get("operation")
    method = connection.scope.get("method", "GET")
    if method not in SAFE and connection.scope["path"].startswith("/api/") and not handler.opt.get("takes_files"):
        _take_json_only(connection)
    if operation is None:
        if method not in SAFE:
            await _refuse_foreign(connection, is_keyed=bool(handler.opt.get("is_keyed")))
        return
    principal = await authenticate_request(connection)
    await _own_clinic(connection, principal)
    if method not in SAFE and principal.type == "staff":
        await check_csrf(connection, str(principal.session_id))
    principal.require(operation)
    await limit_calls(str(principal.id), str(principal.clinic_id))


def _take_json_only(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """A page of somebody else can post forms and plain text without being asked; JSON it cannot."""
    headers = connection.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise WrongMediaType("Send JSON, with the header Content-Type: application/json.")


async def _own_clinic(connection: ASGIConnection[Any, Any, Any, Any], principal: Principal) -> None:
    """The clinic in the path must be the caller's; another's and one that does not exist get the same 404 (R18)."""
    named = connection.path_params.get("cid")
    if named is None:
        return
    clinic_id = as_uuid(named) or await _clinic_of(str(named))
    if clinic_id != principal.clinic_id:
        raise NotFound


async def _clinic_of(slug: str) -> UUID | None:
    """A clinic keeps its slug for ever, so who was found once need not be asked for again."""
    if slug not in _SLUGS:
        found: UUID | None = await database.fetchval("select find_clinic($1)", slug[:80])
        if found is None:
            return None
        if len(_SLUGS) >= MOST_SLUGS:
            _SLUGS.clear()
        _SLUGS[slug] = found
    return _SLUGS[slug]


async def _refuse_foreign(connection: ASGIConnection[Any, Any, Any, Any], *, is_keyed: bool) -> None:
    """Nobody is signed in: forms need the double-submit token, JSON must not come from a foreign page.

    A route that is ``is_keyed`` lets in by a header of its own alone, which no form of another site can bring along.
    """
    if connection.headers.get("origin") and not is_own_origin(connection):
        raise Forbidden("This page may not do that.")
    if not is_keyed and connection.headers.get("content-type", "").startswith(FORM_TYPES):
        await check_csrf(connection, csrf.GUEST, or_session=True)


async def check_csrf(connection: ASGIConnection[Any, Any, Any, Any], binding: str, *, or_session: bool = False) -> None:
    """Raise ``Forbidden`` unless the token of the cookie came back by header or form field."""
    cookie = connection.cookies.get(csrf.COOKIE)
    given = connection.headers.get(csrf.HEADER)
    if given is None and connection.headers.get("content-type", "").startswith(FORM_TYPES[:2]):
        request: Request[Any, Any, Any] = connection  # type: ignore[assignment]
        field = (await request.form()).get(csrf.FIELD)
        given = field if isinstance(field, str) else None  # a file by that name is no token
    # A session's token is bound to it; a guest's could be anybody's, so it must have come back from this browser.
    same = cookie == given or (cookie is None and binding != csrf.GUEST)
    good = csrf.is_good(given, binding) and same
    if not good and or_session and connection.cookies.get(session_cookie()):
        principal = await authenticate_request(connection)
        good = csrf.is_good(given, str(principal.session_id))
    if not good:
        raise Forbidden("This page is too old to do that. Load it again, then repeat what you did.")
