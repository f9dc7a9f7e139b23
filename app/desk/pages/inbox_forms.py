"""The inbox without scripts: plain forms that do what the page's script does over JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.clinics.service import get_clinic
from app.contacts.schemas import ConsentChange, ContactDraft
from app.contacts.service import create_contact
from app.desk import view
from app.desk.send_times import typed_time
from app.inbox import service
from app.inbox.errors import ThreadMovedOn
from app.inbox.schemas import (
    LONGEST_SUBJECT,
    DraftText,
    FileNamed,
    MessageView,
    NoteDraft,
    ParticipantChange,
    ReplyDraft,
    TagChange,
)
from app.kit import clock, database
from app.kit.errors import Conflict, Invalid
from app.kit.http import LARGEST_FILE, LARGEST_UPLOAD
from app.kit.ids import as_uuid
from app.kit.page import go_to, staff_page
from app.kit.principal import Principal

WRITE = {"operation": "inbox.write"}
MOST_FILES = 10
Caller = NamedDependency[Principal]
Asking = Request[Any, Any, Any]


async def fields(request: Asking, *, with_files: bool = False) -> dict[str, str]:
    """Return a form's texts; a file where a text belongs is refused."""
    form = await request.form()
    if not with_files and any(not isinstance(value, str) and value.filename for value in form.values()):
        raise Invalid("This form takes text only.")
    return {key: value for key, value in form.items() if isinstance(value, str)}


async def uploaded(request: Asking, caller: Principal) -> list[FileNamed]:
    """Keep the files of a form and return their names; a field in which nothing was chosen brings an empty one."""
    chosen = [
        file for file in (await request.form()).getall("files", []) if not isinstance(file, str) and file.filename
    ]
    if len(chosen) > MOST_FILES:
        raise Invalid.field("files", f"At most {MOST_FILES} files go with one message.")
    kept = []
    for file in chosen:
        view = await service.upload_file(caller, file.filename, await file.read(LARGEST_FILE + 1), LARGEST_FILE)
        kept.append(FileNamed(view.id))
    return kept


def back(thread_id: UUID) -> Response[None]:
    """Go back to the conversation."""
    return go_to(f"/inbox?thread={thread_id}")


def _subject(form: dict[str, str]) -> str | None:
    """Return the subject where one goes along; the field is there for every way when no script hides it."""
    return form.get("subject", "")[:LONGEST_SUBJECT] or None if form.get("channel") == "email" else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


async def _send_at(caller: Principal, form: dict[str, str]) -> dt.datetime | None:
    """Return when to send, as the pressed button says; None is now."""
    typed = form.get("send_at_local", "") if form.get("send_later") else form.get("send_at", "")
    if not typed and not form.get("send_later"):
        return None
    at = typed_time(typed, await get_clinic(caller.clinic_id))
    if at is None or at <= clock.now():
        raise Invalid.field("send_at", "Choose a day and a time that are still to come.")
    return at


@post("/inbox/threads/{thread_id:uuid}/reply", opt=WRITE, include_in_schema=False, request_max_body_size=LARGEST_UPLOAD)
async def reply(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[Any]:
    """Send a reply; the fence shows the newer lines with "Send anyway"."""
    form = await fields(request, with_files=True)
    draft = ReplyDraft(
        channel=form["channel"] if form.get("channel") in view.CHANNELS else None,  # type: ignore[arg-type]
        body=form.get("body", ""),
        attachments=await uploaded(request, caller),
        seen=_number(form.get("seen")),
        subject=_subject(form),
        client_id=as_uuid(form.get("client_id", "")),
        anyway=form.get("anyway") in {"1", "on", "true"},
        send_at=await _send_at(caller, form),
    )
    try:
        await service.send_reply(caller, thread_id, draft)
    except ThreadMovedOn as error:
        newer = [msgspec.convert(one, MessageView) for one in error.extra["messages"]]
        async with database.reading(caller.clinic_id):
            context = await view.whole_part(caller, view.parse_asked({}), str(thread_id))
            context.update(moved_on=newer, drafts={"reply": draft.body, "note": "", "subject": draft.subject})
            return await staff_page(request, caller, "desk/inbox.html", status_code=409, nav="inbox", **context)
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/note", opt=WRITE, include_in_schema=False, request_max_body_size=LARGEST_UPLOAD)
async def note(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Leave a note."""
    body = (await fields(request)).get("body", "")
    if not body.strip():
        raise Invalid.field("body", "Write something first.")
    await service.leave_note(caller, thread_id, NoteDraft(body=body))
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/assign", opt=WRITE, include_in_schema=False)
async def assign(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Give it to somebody, or to nobody."""
    await service.assign_thread(caller, thread_id, as_uuid((await fields(request)).get("staff_id", "")))
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/help", opt=WRITE, include_in_schema=False)
async def help_patient(caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Take care of an upset patient."""
    await service.help_patient(caller, thread_id)
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/snooze", opt=WRITE, include_in_schema=False)
async def snooze(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Sleep until an instant, or until a time of the clinic's own clock."""
    form = await fields(request)
    clinic = await get_clinic(caller.clinic_id)
    try:
        until = dt.datetime.fromisoformat(form.get("until") or form.get("until_local", ""))
    except ValueError as error:
        raise Invalid.field("until", "Choose a day and a time.") from error
    await service.snooze_thread(
        caller, thread_id, until if until.tzinfo else until.replace(tzinfo=ZoneInfo(clinic.timezone))
    )
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/close", opt=WRITE, include_in_schema=False)
async def close(caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Done."""
    await service.close_thread(caller, thread_id)
    return go_to("/inbox")


@post("/inbox/threads/{thread_id:uuid}/reopen", opt=WRITE, include_in_schema=False)
async def reopen(caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Back to open."""
    await service.reopen_thread(caller, thread_id)
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/unread", opt=WRITE, include_in_schema=False)
async def unread(caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Unread again for me."""
    await service.mark_unread(caller, thread_id)
    return go_to("/inbox")


@post("/inbox/threads/{thread_id:uuid}/consent", opt={"operation": "contacts.write"}, include_in_schema=False)
async def consent(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Write down what the person told us."""
    form = await fields(request)
    thread = await service.read_thread(caller, thread_id)
    change = msgspec.convert({"channel": form.get("channel"), "granted": form.get("granted") == "true"}, ConsentChange)
    await service.change_consent(caller, thread.contact.id, change)
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/tags", opt=WRITE, include_in_schema=False)
async def tags(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Add or take off one tag."""
    form = await fields(request)
    add, remove = (form.get("add") or form.get("new", "")).strip()[:40], form.get("remove", "").strip()[:40]
    await service.tag_thread(caller, thread_id, TagChange(add=[add] if add else [], remove=[remove] if remove else []))
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/participants", opt=WRITE, include_in_schema=False)
async def participants(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Add somebody to those who take part, or take somebody off."""
    form = await fields(request)
    add, remove = as_uuid(form.get("add", "")), as_uuid(form.get("remove", ""))
    change = ParticipantChange(add=[add] if add else [], remove=[remove] if remove else [])
    await service.change_participants(caller, thread_id, change)
    return back(thread_id)


@post("/inbox/threads/{thread_id:uuid}/draft/continue", opt=WRITE, include_in_schema=False)
async def continue_draft(request: Asking, caller: Caller, thread_id: FromPath[UUID]) -> Response[None]:
    """Go on with what a colleague has begun."""
    staff_id = as_uuid((await fields(request)).get("staff_id", ""))
    if staff_id is None:
        raise Invalid.field("staff_id", "Say whose reply to go on with.")
    await service.continue_draft(caller, thread_id, staff_id)
    return back(thread_id)


@post("/inbox/new", opt=WRITE, include_in_schema=False)
async def new(request: Asking, caller: Caller) -> Response[None]:
    """Start a conversation with a number or an address; a known one opens what is there."""
    form = await fields(request)
    to = form.get("to", "").strip()
    clinic = await get_clinic(caller.clinic_id)
    draft = ContactDraft(
        name=form.get("name", "")[:120], phone=None if "@" in to else to or None, email=to if "@" in to else None
    )
    try:
        contact_id = (await create_contact(caller, draft, clinic.country)).id
    except Conflict as error:
        known = as_uuid(str(error.extra.get("contact_id")))
        if known is None:
            raise
        contact_id = known
    thread = await service.open_conversation(caller, contact_id)
    if draft.email and form.get("subject", "").strip():
        subject = form["subject"].strip()[:LONGEST_SUBJECT]
        await service.save_draft(caller, thread.id, DraftText(subject, kind="subject"))
    return back(thread.id)


ROUTES = [reply, note, assign, help_patient, snooze, close, reopen, unread, tags, participants, continue_draft, new]
