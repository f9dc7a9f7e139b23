"""The front door of the inbox."""

from app.inbox.service.acts import (
    act_on_many,
    assign_thread,
    close_thread,
    help_patient,
    mark_read,
    mark_unread,
    open_conversation,
    rename_contact,
    reopen_thread,
    snooze_thread,
    tag_thread,
    unassign_from,
    wake_thread,
)
from app.inbox.service.consent import change_consent
from app.inbox.service.drafts import delete_saved_reply, get_drafts, save_draft, save_reply_text, thread_exists
from app.inbox.service.inbound import fetch_missed, take
from app.inbox.service.reading import (
    count_answered_today,
    list_alerts,
    list_known_tags,
    list_thread_messages,
    list_view,
    read_thread,
    saved_replies,
)
from app.inbox.service.replies import cancel_message, leave_note, resolve_review, retry_message, send_reply
from app.inbox.service.sending import doubt_sends, reconcile_message, send_message, sweep_overdue

__all__ = [
    "act_on_many",
    "assign_thread",
    "cancel_message",
    "change_consent",
    "close_thread",
    "count_answered_today",
    "delete_saved_reply",
    "doubt_sends",
    "fetch_missed",
    "get_drafts",
    "help_patient",
    "leave_note",
    "list_alerts",
    "list_known_tags",
    "list_thread_messages",
    "list_view",
    "mark_read",
    "mark_unread",
    "open_conversation",
    "read_thread",
    "reconcile_message",
    "rename_contact",
    "reopen_thread",
    "resolve_review",
    "retry_message",
    "save_draft",
    "save_reply_text",
    "saved_replies",
    "send_message",
    "send_reply",
    "snooze_thread",
    "sweep_overdue",
    "tag_thread",
    "take",
    "thread_exists",
    "unassign_from",
    "wake_thread",
]
