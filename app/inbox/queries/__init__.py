"""Reads and locked reads of the inbox. Every one takes the clinic first; row level security stands behind it."""

from app.inbox.queries.drafts import (
    find_begun,
    list_begun,
    list_drafts,
    list_saved_replies,
)
from app.inbox.queries.lists import (
    UNREAD,
    count_unread,
    count_views,
    decode_row_cursor,
    encode_cursor,
    list_alerts,
    list_threads,
    row_cursor,
    search_thread_ids,
)
from app.inbox.queries.messages import (
    find_by_client_id,
    find_chat_address,
    find_provider_id,
    find_retry,
    get_message,
    list_messages,
    list_newer,
    lock_message,
)
from app.inbox.queries.people import count_messages, find_staff_name, get_merge, list_merges
from app.inbox.queries.threads import (
    find_present_thread,
    follow_thread,
    get_thread,
    hold_thread,
    lock_thread,
    raise_missing,
)

__all__ = [
    "UNREAD",
    "count_messages",
    "count_unread",
    "count_views",
    "decode_row_cursor",
    "encode_cursor",
    "find_begun",
    "find_by_client_id",
    "find_chat_address",
    "find_present_thread",
    "find_provider_id",
    "find_retry",
    "find_staff_name",
    "follow_thread",
    "get_merge",
    "get_message",
    "get_thread",
    "hold_thread",
    "list_alerts",
    "list_begun",
    "list_drafts",
    "list_merges",
    "list_messages",
    "list_newer",
    "list_saved_replies",
    "list_threads",
    "lock_message",
    "lock_thread",
    "raise_missing",
    "row_cursor",
    "search_thread_ids",
]
