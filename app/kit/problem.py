"""Errors on the wire: RFC 9457 problem details for programs, a card or a page for people. One place renders all."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import asyncpg
import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.status_codes import HTTP_400_BAD_REQUEST, HTTP_500_INTERNAL_SERVER_ERROR

from app.kit.errors import Invalid, OrasyncError, Unavailable
from app.kit.templating import render

if TYPE_CHECKING:
    from litestar import Request

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
CRASH = "Something went wrong on our side. Nothing was changed. Please try again."
_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many",
    503: "unavailable",
}
_FIELD = re.compile(r"field `([^`]{1,80})`")
_SENTENCES = {404: "There is nothing here by that name.", 405: "This address does not take that method."}


DATABASE_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.exceptions.TransactionRollbackError,
    ConnectionError,
)


def problem_bytes(
    status: int, code: str, detail: str, *, errors: Any = (), request_id: str | None = None, **extra: Any
) -> bytes:
    """Return the JSON text of a problem."""
    return msgspec.json.encode(
        {
            "type": f"urn:orasync:problem:{code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "code": code,
            "errors": list(errors),
            "request_id": request_id,
            **extra,
        }
    )


def wants_html(request: Request[Any, Any, Any]) -> bool:
    """Say whether a person's browser asks, not a program."""
    path = request.scope["path"]
    return not path.startswith(("/api/", "/webhooks/", "/hooks/")) and "text/html" in request.headers.get("accept", "")


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    detail: str,
    *,
    errors: Any = (),
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> Response[Any]:
    request_id = request.scope.get("state", {}).get("request_id")
    if wants_html(request):
        fragment = request.headers.get("hx-request") is not None
        text = render(
            "errors/_card.html" if fragment else "errors/error.html",
            status=status,
            title=HTTPStatus(status).phrase,
            detail=detail,
            code=code,
            request_id=request_id,
            signed_in=bool(request.cookies),
            back="/",
            retry=None,
        )
        return Response(text, status_code=status, media_type="text/html", headers=headers)
    body = problem_bytes(status, code, detail, errors=errors, request_id=request_id, **extra)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def refused(request: Request[Any, Any, Any], error: OrasyncError) -> Response[Any]:
    """Render what a use case refused; a person who is not signed in is sent to the sign-in page."""
    if error.status == 401 and wants_html(request) and request.method == "GET":
        path = request.scope["path"]
        query = request.scope["query_string"].decode("latin-1")
        headers = {"Location": f"/sign-in?next={_quoted(path + ('?' + query if query else ''))}"}
        return Response(b"", status_code=303, headers=headers)
    return _answer(
        request, error.status, error.code, error.detail, errors=error.errors, headers=error.headers, **error.extra
    )


def _quoted(path: str) -> str:
    return quote(path, safe="/")


def _named(found: dict[str, Any]) -> dict[str, str]:
    """Return one refused field; where the decoder names it only in its sentence, take it from there."""
    key, message = str(found.get("key", "")), str(found.get("message", ""))
    if key in {"", "data"}:
        field = _FIELD.search(message)
        key = field[1] if field else "body"
        message = "Send a JSON body." if message == "'data'" else message
    return {"key": key, "message": message}


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Render what Litestar refused."""
    status = error.status_code
    if status >= HTTP_500_INTERNAL_SERVER_ERROR:
        return crashed(request, error)
    errors: list[dict[str, str]] = []
    detail = _SENTENCES.get(status, str(error.detail))
    if isinstance(error, ValidationException):
        source = error.extra if isinstance(error.extra, list) else []
        errors = [_named(one) for one in source if isinstance(one, dict)]
        status, detail = Invalid.status, "Some of what was sent cannot be used."
    elif status == HTTP_400_BAD_REQUEST:
        # Litestar decodes before it knows the type: what is no JSON and what is no number look alike.
        status, detail = (
            (Invalid.status, "A number is too large.")
            if "out of range" in detail
            else (status, "The request cannot be read.")
        )
    code = _CODES.get(status, "bad_request")
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() != "content-type"}
    return _answer(request, status, code, detail, errors=errors, headers=headers)


def unreadable(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Render a body that is no JSON, or JSON of the wrong shape, that reached a decoder of ours."""
    if isinstance(error, msgspec.ValidationError):
        return _answer(request, 422, "invalid", str(error), errors=[{"key": "body", "message": str(error)}])
    return _answer(request, 400, "bad_request", "The request cannot be read.")


def unknown_name(request: Request[Any, Any, Any], error: LookupError) -> Response[Any]:
    """A part of a form names a charset that does not exist; everything else that is not found is a fault of ours."""
    return unreadable(request, error) if str(error).startswith("unknown encoding") else crashed(request, error)


def crashed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Render our own failure without a word of its inside, and log where it came from."""
    if isinstance(error, DATABASE_AWAY):
        # Whatever the driver says while the server dies or comes back: nothing is wrong with the request.
        return refused(request, Unavailable("The database is restarting. Nothing was lost; please try again."))
    log.error(
        "request.crashed",
        error=type(error).__name__,
        exc_info=error,
        request_id=request.scope.get("state", {}).get("request_id"),
    )
    return _answer(request, 500, "internal", CRASH)


EXCEPTION_HANDLERS: dict[Any, Any] = {
    OrasyncError: refused,
    HTTPException: http_error,
    msgspec.DecodeError: unreadable,
    UnicodeError: unreadable,
    LookupError: unknown_name,
    RecursionError: unreadable,
    Exception: crashed,
}
