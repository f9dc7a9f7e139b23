"""The inbox over HTTP (contract section 6): parse, call one use case, answer."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, Parameter

from app.inbox import queries, service
from app.inbox.contacts_api import ROUTES as CONTACTS
from app.inbox.later_api import ROUTES as LATER
from app.inbox.people_api import ROUTES as PEOPLE
from app.inbox.records_api import ROUTES as RECORDS
from app.inbox.schemas import (
    Again,
    Assignment,
    AttachmentView,
    BegunReply,
    BulkAct,
    BulkResult,
    ChannelKind,
    Counts,
    DraftOwner,
    Drafts,
    DraftText,
    MessagePage,
    MessageView,
    NoteDraft,
    OtherWay,
    ParticipantChange,
    ReplyDraft,
    SavedReplyDraft,
    SavedReplyView,
    Snooze,
    TagChange,
    ThreadPage,
    ThreadRow,
    ThreadView,
    View,
)
from app.kit import csrf, database
from app.kit.errors import Invalid
from app.kit.http import LARGEST_FILE, LARGEST_UPLOAD
from app.kit.ids import as_uuid
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}"
READ, WRITE = {"operation": "inbox.read"}, {"operation": "inbox.write"}
PEOPLE_READ, PEOPLE_WRITE = {"operation": "contacts.read"}, {"operation": "contacts.write"}
SETTINGS = {"operation": "settings.manage"}

Caller = NamedDependency[Principal]
Limit = Annotated[int, Parameter(ge=1, le=100)]
Text = Annotated[str | None, Parameter(max_length=200)]


def _reader(caller: Principal) -> UUID | None:
    return caller.id if caller.type == "staff" else None


@get(f"{BASE}/threads", opt=READ, summary="List threads of a view")
async def list_threads(  # noqa: PLR0917 - Litestar gives them by name
    caller: Caller,
    view: FromQuery[View] = "all",
    q: Text = None,
    channel: FromQuery[ChannelKind | None] = None,
    intent: Text = None,
    sentiment: Text = None,
    tag: Text = None,
    assignee: FromQuery[UUID | None] = None,
    failed: FromQuery[bool] = False,  # noqa: FBT002 - Litestar gives it by name
    order: FromQuery[str] = "newest",
    limit: Limit = 50,
    cursor: Text = None,
) -> ThreadPage:
    """Newest first, escalated on top; ``order=waiting`` puts the longest waiting first.

    ``failed=true``: those with a message that did not arrive and that nobody has taken care of.
    """
    if order not in {"newest", "waiting"}:
        raise Invalid.field("order", "Order is newest or waiting.")
    return await service.list_view(
        caller,
        view=view,
        q=q,
        channel=channel,
        intent=intent,
        sentiment=sentiment,
        tag=tag,
        assignee=assignee,
        failed=failed,
        order=order,
        limit=limit,
        cursor=cursor,
    )


@get(f"{BASE}/threads/counts", opt=READ, summary="Count the threads of each view")
async def count_threads(caller: Caller) -> Counts:
    """Answer the numbers on the view tabs."""
    async with database.reading(caller.clinic_id):
        return await queries.count_views(caller.clinic_id, _reader(caller))


@post(f"{BASE}/threads", opt=WRITE, summary="Open the conversation with a contact")
async def open_thread(caller: Caller, data: JSONBody[dict[str, Any]]) -> ThreadView:
    """Find or make the thread of ``contact_id``."""
    contact_id = as_uuid(str(data.get("contact_id", "")))
    if contact_id is None or set(data) != {"contact_id"}:
        raise Invalid.field("contact_id", "Say whose conversation to open.")
    return await service.open_conversation(caller, contact_id)


@post(f"{BASE}/threads/bulk", opt=WRITE, status_code=200, summary="Do one act on many threads")
async def act_on_many(caller: Caller, data: JSONBody[BulkAct]) -> BulkResult:
    """Each thread is its own unit of work; the ones that are gone are named."""
    return await service.act_on_many(caller, data)


@get(f"{BASE}/threads/{{thread_id:uuid}}", opt=READ, summary="Read a thread")
async def read_thread(caller: Caller, thread_id: FromPath[UUID]) -> ThreadRow:
    """Answer the thread with the caller's unread count."""
    return await service.read_thread(caller, thread_id)


@get(f"{BASE}/threads/{{thread_id:uuid}}/messages", opt=READ, summary="List a thread's messages")
async def list_messages(
    caller: Caller, thread_id: FromPath[UUID], limit: Limit = 50, cursor: Text = None
) -> MessagePage:
    """Newest first; ``next`` goes further back."""
    before = None
    if cursor:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 15:
            raise Invalid.field("cursor", "This is not a cursor of ours. Begin again without it.")
        before = int(cursor)
    return await service.list_thread_messages(caller.clinic_id, thread_id, before, limit)


@post(
    f"{BASE}/threads/{{thread_id:uuid}}/messages",
    opt=WRITE,
    summary="Send a reply",
    responses={
        409: ResponseSpec(
            dict,
            description="thread_moved_on: somebody wrote since `seen`; opted_out: they do not want this; "
            "whatsapp_window_closed: only `template` goes after 24 hours",
        )
    },
)
async def send_reply(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[ReplyDraft]) -> MessageView:
    """The reply fence stands in the same transaction; the same ``client_id`` never sends twice."""
    return await service.send_reply(caller, thread_id, data)


@post(
    f"{BASE}/attachments",
    opt={**WRITE, "takes_files": True},
    summary="Upload a file to send",
    request_max_body_size=LARGEST_UPLOAD,
)
async def upload_file(caller: Caller, data: MultipartBody[dict[str, UploadFile]]) -> AttachmentView:
    """One file of at most 10 MB in the form field ``file``. Name its id when sending; unsent it is kept for a day."""
    file = data.get("file")
    if not isinstance(file, UploadFile) or set(data) - {"file", csrf.FIELD}:
        raise Invalid.field("file", "Send one file, in the form field `file`.")
    content = await file.read(LARGEST_FILE + 1)
    return await service.upload_file(caller, file.filename, content, LARGEST_FILE)


@get(f"{BASE}/attachments/{{attachment_id:uuid}}", opt=READ, summary="Read what is known of a file")
async def read_attachment(caller: Caller, attachment_id: FromPath[UUID]) -> AttachmentView:
    """``link`` opens it without signing in, for 15 minutes; ``url`` with a session."""
    return await service.read_file(caller.clinic_id, attachment_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/notes", opt=WRITE, summary="Leave a note for the team")
async def leave_note(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[NoteDraft]) -> MessageView:
    """Patients never see notes."""
    return await service.leave_note(caller, thread_id, data)


@get(f"{BASE}/threads/{{thread_id:uuid}}/draft", opt=READ, summary="Read the caller's drafts")
async def read_draft(caller: Caller, thread_id: FromPath[UUID]) -> Drafts:
    """What the caller typed and did not send."""
    return await service.get_drafts(caller, thread_id)


@put(f"{BASE}/threads/{{thread_id:uuid}}/draft", opt=WRITE, status_code=204, summary="Keep a draft")
async def save_draft(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[DraftText]) -> None:
    """Empty text forgets it."""
    await service.save_draft(caller, thread_id, data)


@post(f"{BASE}/threads/{{thread_id:uuid}}/draft/continue", opt=WRITE, status_code=200, summary="Continue a reply")
async def continue_draft(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[DraftOwner]) -> BegunReply:
    """Take over what a colleague has begun; it is the caller's draft from then on."""
    return await service.continue_draft(caller, thread_id, data.staff_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/participants", opt=WRITE, status_code=200, summary="Change who takes part")
async def change_participants(
    caller: Caller, thread_id: FromPath[UUID], data: JSONBody[ParticipantChange]
) -> ThreadView:
    """Who replies, leaves a note or is named in one takes part by that; participants hear of every new message."""
    return await service.change_participants(caller, thread_id, data)


@post(f"{BASE}/threads/{{thread_id:uuid}}/assign", opt=WRITE, status_code=200, summary="Assign a thread")
async def assign(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[Assignment]) -> ThreadView:
    """``staff_id`` null gives it up."""
    return await service.assign_thread(caller, thread_id, data.staff_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/help", opt=WRITE, status_code=200, summary="Take care of an upset patient")
async def help_patient(caller: Caller, thread_id: FromPath[UUID]) -> ThreadView:
    """Assigns the thread to the caller and clears its alert for everybody."""
    return await service.help_patient(caller, thread_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/snooze", opt=WRITE, status_code=200, summary="Snooze a thread")
async def snooze(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[Snooze]) -> ThreadView:
    """It comes back at ``until``, or when the patient writes."""
    return await service.snooze_thread(caller, thread_id, data.until)


@post(f"{BASE}/threads/{{thread_id:uuid}}/close", opt=WRITE, status_code=200, summary="Mark a thread as done")
async def close(caller: Caller, thread_id: FromPath[UUID]) -> ThreadView:
    """A new message reopens it."""
    return await service.close_thread(caller, thread_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/reopen", opt=WRITE, status_code=200, summary="Reopen a thread")
async def reopen(caller: Caller, thread_id: FromPath[UUID]) -> ThreadView:
    """From done or snoozed."""
    return await service.reopen_thread(caller, thread_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/read", opt=READ, status_code=200, summary="Mark a thread as read")
async def mark_read(caller: Caller, thread_id: FromPath[UUID]) -> ThreadView:
    """For the caller; their other devices hear of it."""
    return await service.mark_read(caller, thread_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/unread", opt=READ, status_code=200, summary="Mark a thread as unread")
async def mark_unread(caller: Caller, thread_id: FromPath[UUID]) -> ThreadView:
    """For the caller."""
    return await service.mark_unread(caller, thread_id)


@post(f"{BASE}/threads/{{thread_id:uuid}}/tags", opt=WRITE, status_code=200, summary="Add and remove tags")
async def tag(caller: Caller, thread_id: FromPath[UUID], data: JSONBody[TagChange]) -> ThreadView:
    """At most 20 tags a thread."""
    return await service.tag_thread(caller, thread_id, data)


@post(f"{BASE}/messages/{{message_id:uuid}}/cancel", opt=WRITE, status_code=200, summary="Take a message back (undo)")
async def cancel(caller: Caller, message_id: FromPath[UUID]) -> MessageView:
    """Possible until it is on its way."""
    return await service.cancel_message(caller, message_id)


@post(f"{BASE}/messages/{{message_id:uuid}}/retry", opt=WRITE, status_code=200, summary="Send a message again")
async def retry(caller: Caller, message_id: FromPath[UUID], data: JSONBody[Again | None] = None) -> MessageView:
    """For one that could not be delivered, or of which a person says that it did not go.

    By another ``channel`` it becomes a message of its own, once: its answer is that message, at every call.
    """
    return await service.send_again(caller, message_id, data or Again())


@get(f"{BASE}/messages/{{message_id:uuid}}/ways", opt=READ, summary="List how else a message could be sent")
async def other_ways(caller: Caller, message_id: FromPath[UUID]) -> list[OtherWay]:
    """The clinic's other channels; ``reason`` says why one of them cannot be used for this person now."""
    return await service.list_other_ways(caller.clinic_id, message_id)


@post(f"{BASE}/messages/{{message_id:uuid}}/went", opt=WRITE, status_code=200, summary="Say that a message went")
async def went(caller: Caller, message_id: FromPath[UUID]) -> MessageView:
    """A person found out that a message that needs review was delivered."""
    return await service.resolve_review(caller, message_id)


# -- saved replies


@get(f"{BASE}/saved-replies", opt=READ, summary="List saved replies")
async def list_saved_replies(caller: Caller) -> list[SavedReplyView]:
    """By name."""
    return await service.saved_replies(caller.clinic_id)


@post(f"{BASE}/saved-replies", opt=SETTINGS, summary="Add a saved reply")
async def add_saved_reply(caller: Caller, data: JSONBody[SavedReplyDraft]) -> SavedReplyView:
    """Names are unique."""
    return await service.save_reply_text(caller, data)


@put(f"{BASE}/saved-replies/{{reply_id:uuid}}", opt=SETTINGS, summary="Change a saved reply")
async def change_saved_reply(
    caller: Caller, reply_id: FromPath[UUID], data: JSONBody[SavedReplyDraft]
) -> SavedReplyView:
    """Replace name and text."""
    return await service.save_reply_text(caller, data, reply_id)


@delete(f"{BASE}/saved-replies/{{reply_id:uuid}}", opt=SETTINGS, summary="Remove a saved reply")
async def remove_saved_reply(caller: Caller, reply_id: FromPath[UUID]) -> None:
    """Messages sent with it stay."""
    await service.delete_saved_reply(caller, reply_id)


ROUTES = [
    list_threads,
    count_threads,
    open_thread,
    act_on_many,
    read_thread,
    list_messages,
    send_reply,
    upload_file,
    read_attachment,
    leave_note,
    read_draft,
    save_draft,
    continue_draft,
    change_participants,
    assign,
    help_patient,
    snooze,
    close,
    reopen,
    mark_read,
    mark_unread,
    tag,
    cancel,
    retry,
    other_ways,
    went,
    list_saved_replies,
    add_saved_reply,
    change_saved_reply,
    remove_saved_reply,
    *CONTACTS,
    *PEOPLE,
    *LATER,
    *RECORDS,
]
