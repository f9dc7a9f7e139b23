"""The settings pages: one form a section, each a plain post that comes back with "Saved"."""

from __future__ import annotations

import zoneinfo
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.auth import service as auth
from app.auth.schemas import PasswordChange, Preferences, Profile
from app.clinics.schemas import ClinicChange
from app.clinics.service import change_clinic
from app.desk.pages.inbox_forms import fields
from app.inbox.schemas import SavedReplyDraft
from app.inbox.service import delete_saved_reply, save_reply_text, saved_replies
from app.integrations.schemas import KeyDraft
from app.integrations.service import client_code_of, create_key, list_keys, revoke_key
from app.kit.errors import OrasyncError
from app.kit.page import go_to, staff_page
from app.kit.principal import SCOPES, Principal
from app.staff.schemas import InvitationDraft, StaffChange
from app.staff.service import cancel_invitation, change_staff, invite, list_team, remove_staff

ACCOUNT, TEAM = {"operation": "account"}, {"operation": "team.manage"}
KEYS, CLINIC = {"operation": "keys.manage"}, {"operation": "settings.manage"}
Caller = NamedDependency[Principal]
Asking = Request[Any, Any, Any]
Page = Callable[..., Awaitable[Response[Any]]]
_SHORT = "At least 10 characters."


async def _try(  # noqa: PLR0917 - a private helper of thirteen one-line handlers
    request: Asking, caller: Caller, page: Page, act: Awaitable[Any], back: str, values: dict[str, str]
) -> Response[Any]:
    """Do it and go back, or show the page again with what is wrong beside its field."""
    try:
        await act
    except OrasyncError as error:
        errors = {one["key"]: one["message"] for one in error.errors}
        return await page(
            request,
            caller,
            status_code=error.status,
            errors=errors,
            error=None if errors else error.detail,
            values=values,
        )
    return go_to(f"{back}?saved=1")


async def _wrong(
    request: Asking, caller: Caller, page: Page, errors: dict[str, str], values: dict[str, str]
) -> Response[Any]:
    return await page(request, caller, status_code=422, errors=errors, values=values)


@get("/settings", opt=ACCOUNT, include_in_schema=False)
async def settings_index() -> Response[None]:
    """Settings begin at the own account."""
    return go_to("/settings/account")


# -- own account


async def _account(request: Asking, caller: Principal, **more: Any) -> Response[Any]:
    sessions = await auth.list_sessions(caller)
    return await staff_page(
        request, caller, "auth/account.html", nav="settings", section="account", sessions=sessions, **more
    )


@get("/settings/account", opt=ACCOUNT, include_in_schema=False)
async def account(request: Asking, caller: Caller) -> Response[Any]:
    """Name, looks, password, sessions."""
    return await _account(request, caller)


@post("/settings/account/profile", opt=ACCOUNT, include_in_schema=False)
async def profile(request: Asking, caller: Caller) -> Response[Any]:
    """Change the name."""
    form = await fields(request)
    try:
        wanted = msgspec.convert({"name": form.get("name", "").strip()}, Profile)
    except msgspec.ValidationError:
        return await _wrong(request, caller, _account, {"name": "Tell us your name."}, form)
    return await _try(request, caller, _account, auth.change_profile(caller, wanted.name), "/settings/account", form)


@post("/settings/account/preferences", opt=ACCOUNT, include_in_schema=False)
async def preferences(request: Asking, caller: Caller) -> Response[Any]:
    """Theme, shortcuts, sounds."""
    form = await fields(request)
    theme = form.get("theme", "system")
    wanted = Preferences(
        theme=theme if theme in {"light", "dark"} else "system",  # type: ignore[arg-type]
        shortcuts=form.get("shortcuts") in {"on", "1", "true"},
        sounds=form.get("sounds") in {"on", "1", "true"},
    )
    return await _try(request, caller, _account, auth.change_preferences(caller, wanted), "/settings/account", form)


@post("/settings/account/password", opt=ACCOUNT, include_in_schema=False)
async def password(request: Asking, caller: Caller) -> Response[Any]:
    """Change the password."""
    form = await fields(request)
    try:
        wanted = msgspec.convert(
            {"current": form.get("current", ""), "password": form.get("password", "")}, PasswordChange
        )
    except msgspec.ValidationError:
        return await _wrong(request, caller, _account, {"password": _SHORT}, {})
    return await _try(request, caller, _account, auth.change_password(caller, wanted), "/settings/account", {})


@post("/settings/account/sessions/{session_id:uuid}/end", opt=ACCOUNT, include_in_schema=False)
async def end_session(request: Asking, caller: Caller, session_id: FromPath[UUID]) -> Response[Any]:
    """End one session."""
    return await _try(request, caller, _account, auth.end_session(caller, session_id), "/settings/account", {})


@post("/settings/account/sessions/end-others", opt=ACCOUNT, include_in_schema=False)
async def end_others(request: Asking, caller: Caller) -> Response[Any]:
    """End every other session."""
    return await _try(request, caller, _account, auth.end_other_sessions(caller), "/settings/account", {})


# -- team


async def _team(request: Asking, caller: Principal, **more: Any) -> Response[Any]:
    team = await list_team(caller.clinic_id)
    return await staff_page(
        request,
        caller,
        "staff/team.html",
        nav="settings",
        section="team",
        members=team.members,
        invitations=team.invitations,
        **{"invite_link": None, **more},
    )


@get("/settings/team", opt={"operation": "team.read"}, include_in_schema=False)
async def team(request: Asking, caller: Caller) -> Response[Any]:
    """Who works here."""
    return await _team(request, caller)


@post("/settings/team/invite", opt=TEAM, include_in_schema=False)
async def invite_colleague(request: Asking, caller: Caller) -> Response[Any]:
    """Invite by e-mail; the link is shown once, here."""
    form = await fields(request)
    try:
        wanted = msgspec.convert(
            {"email": form.get("email", "").strip(), "role": form.get("role", "front_desk")}, InvitationDraft
        )
        made = await invite(caller, wanted)
    except msgspec.ValidationError:
        return await _wrong(request, caller, _team, {"email": "This does not look like an e-mail address."}, form)
    except OrasyncError as error:
        return await _team(request, caller, status_code=error.status, error=error.detail, values=form)
    return await _team(request, caller, invite_link=made.link, saved="Invitation made.")


@post("/settings/team/{staff_id:uuid}/role", opt=TEAM, include_in_schema=False)
async def change_role(request: Asking, caller: Caller, staff_id: FromPath[UUID]) -> Response[Any]:
    """Change a role."""
    form = await fields(request)
    try:
        wanted = msgspec.convert({"role": form.get("role", "")}, StaffChange)
    except msgspec.ValidationError:
        return await _wrong(request, caller, _team, {"role": "Choose one of the roles."}, form)
    return await _try(request, caller, _team, change_staff(caller, staff_id, wanted), "/settings/team", form)


@post("/settings/team/{staff_id:uuid}/remove", opt=TEAM, include_in_schema=False)
async def remove_colleague(request: Asking, caller: Caller, staff_id: FromPath[UUID]) -> Response[Any]:
    """Remove a colleague."""
    return await _try(request, caller, _team, remove_staff(caller, staff_id), "/settings/team", {})


@post("/settings/team/invitations/{invitation_id:uuid}/cancel", opt=TEAM, include_in_schema=False)
async def cancel_invite(request: Asking, caller: Caller, invitation_id: FromPath[UUID]) -> Response[Any]:
    """Take an invitation back."""
    return await _try(request, caller, _team, cancel_invitation(caller, invitation_id), "/settings/team", {})


# -- connection keys


async def _keys(request: Asking, caller: Principal, **more: Any) -> Response[Any]:
    return await staff_page(
        request,
        caller,
        "integrations/keys.html",
        nav="settings",
        section="keys",
        keys=await list_keys(caller.clinic_id),
        client_code=await client_code_of(caller.clinic_id),
        scopes=SCOPES,
        **{"new_key": None, **more},
    )


@get("/settings/keys", opt=KEYS, include_in_schema=False)
async def keys(request: Asking, caller: Caller) -> Response[Any]:
    """The clinic's keys."""
    return await _keys(request, caller)


@post("/settings/keys/create", opt=KEYS, include_in_schema=False)
async def make_key(request: Asking, caller: Caller) -> Response[Any]:
    """Make a key; it is shown once, on the answer."""
    form = await request.form()
    values = {"name": str(form.get("name", "")).strip()}
    try:
        wanted = msgspec.convert(
            {"name": values["name"], "scopes": [str(one) for one in form.getall("scopes", [])]}, KeyDraft
        )
    except msgspec.ValidationError as error:
        key = "scopes" if "scopes" in str(error) else "name"
        says = "Choose what the program may do." if key == "scopes" else "Give the key a name."
        return await _wrong(request, caller, _keys, {key: says}, values)
    return await _keys(request, caller, new_key=await create_key(caller, wanted), saved="Key made.")


@post("/settings/keys/{key_id:uuid}/revoke", opt=KEYS, include_in_schema=False)
async def end_key(request: Asking, caller: Caller, key_id: FromPath[UUID]) -> Response[Any]:
    """End a key."""
    return await _try(request, caller, _keys, revoke_key(caller, key_id), "/settings/keys", {})


# -- the clinic


async def _clinic(request: Asking, caller: Principal, **more: Any) -> Response[Any]:
    zones = sorted(
        zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
    return await staff_page(
        request, caller, "clinics/settings.html", nav="settings", section="clinic", timezones=zones, **more
    )


@get("/settings/clinic", opt=CLINIC, include_in_schema=False)
async def clinic(request: Asking, caller: Caller) -> Response[Any]:
    """Name, zone, hours, undo, lock."""
    return await _clinic(request, caller)


@post("/settings/clinic", opt=CLINIC, include_in_schema=False)
async def save_clinic(request: Asking, caller: Caller) -> Response[Any]:
    """Save them."""
    form = await fields(request)
    hours = {
        str(day): [[form.get(f"open_{day}", ""), form.get(f"close_{day}", "")]]
        for day in range(1, 8)
        if form.get(f"day_{day}")
    }
    raw: dict[str, Any] = {
        "hours": hours,
        **{
            name: form[name].strip() for name in ("name", "phone", "timezone", "quiet_from", "quiet_to") if name in form
        },
        "opt_out_words": {
            kind: [word for one in form[f"words_{kind}"].split(",") if (word := one.strip())]
            for kind in ("stop", "start", "help")
            if f"words_{kind}" in form
        },
    }
    for name in ("undo_seconds", "lock_minutes", "reply_target_minutes"):
        if form.get(name, "").isascii() and form.get(name, "").isdigit():
            raw[name] = int(form[name][:6])
    try:
        wanted = msgspec.convert(raw, ClinicChange)
    except msgspec.ValidationError as error:
        key = next((name for name in raw if f"$.{name}" in str(error)), "name")
        return await _wrong(request, caller, _clinic, {key: "This cannot be used."}, form)
    return await _try(request, caller, _clinic, change_clinic(caller, wanted), "/settings/clinic", form)


# -- saved replies


async def _replies(request: Asking, caller: Principal, **more: Any) -> Response[Any]:
    return await staff_page(
        request,
        caller,
        "inbox/saved_replies.html",
        nav="settings",
        section="replies",
        replies=await saved_replies(caller.clinic_id),
        **{"editing": request.query_params.get("edit"), **more},
    )


@get("/settings/replies", opt={"operation": "settings.read"}, include_in_schema=False)
async def replies(request: Asking, caller: Caller) -> Response[Any]:
    """The clinic's saved replies."""
    return await _replies(request, caller)


async def _save_reply(request: Asking, caller: Principal, reply_id: UUID | None) -> Response[Any]:
    form = await fields(request)
    try:
        wanted = msgspec.convert(
            {"name": form.get("name", "").strip(), "body": form.get("body", "").strip()}, SavedReplyDraft
        )
    except msgspec.ValidationError as error:
        key = "name" if "$.name" in str(error) else "body"
        return await _wrong(request, caller, _replies, {key: "Fill this in."}, form)
    return await _try(request, caller, _replies, save_reply_text(caller, wanted, reply_id), "/settings/replies", form)


@post("/settings/replies", opt=CLINIC, include_in_schema=False)
async def add_reply(request: Asking, caller: Caller) -> Response[Any]:
    """Add one."""
    return await _save_reply(request, caller, None)


@post("/settings/replies/{reply_id:uuid}", opt=CLINIC, include_in_schema=False)
async def change_reply(request: Asking, caller: Caller, reply_id: FromPath[UUID]) -> Response[Any]:
    """Change one."""
    return await _save_reply(request, caller, reply_id)


@post("/settings/replies/{reply_id:uuid}/delete", opt=CLINIC, include_in_schema=False)
async def delete_reply(request: Asking, caller: Caller, reply_id: FromPath[UUID]) -> Response[Any]:
    """Remove one."""
    return await _try(request, caller, _replies, delete_saved_reply(caller, reply_id), "/settings/replies", {})


ROUTES = [
    settings_index,
    account,
    profile,
    preferences,
    password,
    end_session,
    end_others,
    team,
    invite_colleague,
    change_role,
    remove_colleague,
    cancel_invite,
    keys,
    make_key,
    end_key,
    clinic,
    save_clinic,
    replies,
    add_reply,
    change_reply,
    delete_reply,
]
