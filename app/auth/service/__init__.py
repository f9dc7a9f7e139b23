"""The front door of auth."""

from app.auth.browsers import browser_cookie, known_browser, remember_browser
from app.auth.limits import QUARTER_HOUR, take
from app.auth.service.callers import authenticate_request, authenticate_socket, is_own_origin
from app.auth.service.sessions import (
    end_other_sessions,
    end_session,
    list_sessions,
    open_session,
    session_cookie,
    session_cookies,
    sign_out,
    where_from,
)
from app.auth.service.signing_in import (
    change_password,
    change_preferences,
    change_profile,
    check_password,
    sign_in,
    who_am_i,
)

__all__ = [
    "QUARTER_HOUR",
    "authenticate_request",
    "authenticate_socket",
    "browser_cookie",
    "change_password",
    "change_preferences",
    "change_profile",
    "check_password",
    "end_other_sessions",
    "end_session",
    "is_own_origin",
    "known_browser",
    "list_sessions",
    "open_session",
    "remember_browser",
    "session_cookie",
    "session_cookies",
    "sign_in",
    "sign_out",
    "take",
    "where_from",
    "who_am_i",
]
