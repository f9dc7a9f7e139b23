"""The front door of the inbox."""

from app.inbox.queries import find_by_client_id, get_message, get_thread, lock_thread
from app.inbox.red_flags import find_red_flag
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
from app.inbox.service.another_way import list_other_ways, send_again
from app.inbox.service.automatic import withdraw_answers
from app.inbox.service.consent import change_consent
from app.inbox.service.deciding import Reason, decide, read_decision, reason_of, start_decision_export
from app.inbox.service.drafts import delete_saved_reply, get_drafts, save_draft, save_reply_text, thread_exists
from app.inbox.service.files import adopt_files, adopt_messages, fetch_file, sweep_files
from app.inbox.service.inbound import fetch_missed, take
from app.inbox.service.later import change_scheduled, read_scheduled
from app.inbox.service.mail import mail_token, read_mail, reply_address
from app.inbox.service.merging import merge_threads
from app.inbox.service.parting import undo_merge
from app.inbox.service.people import (
    add_point,
    add_sharer,
    block_contact,
    change_point,
    list_people,
    remove_point,
    remove_sharer,
    set_person,
    unblock_contact,
)
from app.inbox.service.reading import (
    count_answered_today,
    is_first_mail,
    list_alerts,
    list_known_tags,
    list_thread_messages,
    list_view,
    read_thread,
    saved_replies,
)
from app.inbox.service.replies import cancel_message, leave_note, resolve_review, send_reply
from app.inbox.service.sending import doubt_sends, reconcile_message, send_message, sweep_overdue
from app.inbox.service.sorting import Sorted, Unsorted, find_unsorted, write_readings
from app.inbox.service.sweeping import sweep_store
from app.inbox.service.together import change_participants, continue_draft
from app.inbox.service.uploads import (
    file_link,
    forget_unsent,
    inline_files,
    open_file,
    open_link,
    read_file,
    upload_file,
)
from app.inbox.service.visitor_files import open_visitor_link, picture_or_pdf, visitor_link
from app.inbox.service.visits import VISIT_ENDS, last_visit
from app.inbox.service.window import is_open as whatsapp_is_open
from app.inbox.service.window import list_approved
from app.inbox.service.word_answers import answer_word

__all__ = [
    "VISIT_ENDS",
    "Reason",
    "Sorted",
    "Unsorted",
    "act_on_many",
    "add_point",
    "add_sharer",
    "adopt_files",
    "adopt_messages",
    "answer_word",
    "assign_thread",
    "block_contact",
    "cancel_message",
    "change_consent",
    "change_participants",
    "change_point",
    "change_scheduled",
    "close_thread",
    "continue_draft",
    "count_answered_today",
    "decide",
    "delete_saved_reply",
    "doubt_sends",
    "fetch_file",
    "fetch_missed",
    "file_link",
    "find_by_client_id",
    "find_red_flag",
    "find_unsorted",
    "forget_unsent",
    "get_drafts",
    "get_message",
    "get_thread",
    "help_patient",
    "inline_files",
    "is_first_mail",
    "last_visit",
    "leave_note",
    "list_alerts",
    "list_approved",
    "list_known_tags",
    "list_other_ways",
    "list_people",
    "list_thread_messages",
    "list_view",
    "lock_thread",
    "mail_token",
    "mark_read",
    "mark_unread",
    "merge_threads",
    "open_conversation",
    "open_file",
    "open_link",
    "open_visitor_link",
    "picture_or_pdf",
    "read_decision",
    "read_file",
    "read_mail",
    "read_scheduled",
    "read_thread",
    "reason_of",
    "reconcile_message",
    "remove_point",
    "remove_sharer",
    "rename_contact",
    "reopen_thread",
    "reply_address",
    "resolve_review",
    "save_draft",
    "save_reply_text",
    "saved_replies",
    "send_again",
    "send_message",
    "send_reply",
    "set_person",
    "snooze_thread",
    "start_decision_export",
    "sweep_files",
    "sweep_overdue",
    "sweep_store",
    "tag_thread",
    "take",
    "thread_exists",
    "unassign_from",
    "unblock_contact",
    "undo_merge",
    "upload_file",
    "visitor_link",
    "wake_thread",
    "whatsapp_is_open",
    "withdraw_answers",
    "write_readings",
]
