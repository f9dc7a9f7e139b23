"""Errors a caller can do something about. One handler renders them (``app.kit.problem``)."""

from __future__ import annotations

from typing import Any, TypedDict


class FieldError(TypedDict):
    """One refused field: ``key`` is its path, ``message`` a plain sentence."""

    key: str
    message: str


class OrasyncError(Exception):
    """Base of everything that may be said to a caller: a status, a stable code and a sentence."""

    status = 400
    code = "bad_request"

    def __init__(
        self, detail: str, *, errors: tuple[FieldError, ...] = (), headers: dict[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.extra = extra


class BadRequest(OrasyncError):
    """The request cannot be read."""


class NotSignedIn(OrasyncError):
    """Nobody is signed in, or the session has ended."""

    status, code = 401, "not_signed_in"


class Forbidden(OrasyncError):
    """Known caller, no right to this."""

    status, code = 403, "forbidden"


class NotFound(OrasyncError):
    """Not there, or another clinic's: the answer is the same (R18)."""

    status, code = 404, "not_found"

    def __init__(self, detail: str = "There is nothing here by that name.", **extra: Any) -> None:
        super().__init__(detail, **extra)


class Conflict(OrasyncError):
    """The thing changed, or is taken."""

    status, code = 409, "conflict"


class TooLarge(OrasyncError):
    """More bytes than allowed."""

    status, code = 413, "too_large"


class WrongMediaType(OrasyncError):
    """A body in a form this address does not take."""

    status, code = 415, "unsupported_media_type"


class Invalid(OrasyncError):
    """Well-formed but refused; ``errors`` names the fields."""

    status, code = 422, "invalid"

    @classmethod
    def field(cls, key: str, message: str) -> Invalid:
        """Return the refusal of a single field."""
        return cls(message, errors=({"key": key, "message": message},))


class TooMany(OrasyncError):
    """Over a limit; ``retry_after`` is in seconds."""

    status, code = 429, "too_many"

    def __init__(self, detail: str, *, retry_after: float) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, round(retry_after)))})


class Unavailable(OrasyncError):
    """A part we need is away for a moment; nothing was changed."""

    status, code = 503, "unavailable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})
