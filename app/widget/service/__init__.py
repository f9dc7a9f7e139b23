"""The front door of the chat."""

from app.widget.service.files import FILE_BYTES, link_to, send_file
from app.widget.service.presence import left_since, note_presence, prune, seen_words
from app.widget.service.visiting import (
    READ_BURST,
    READS_A_MINUTE,
    Visitor,
    answer_words,
    authenticate,
    find_chat,
    find_thread,
    limit,
    mark,
    owners_of,
    read,
    send,
    start_visitor,
)

__all__ = [
    "FILE_BYTES",
    "READS_A_MINUTE",
    "READ_BURST",
    "Visitor",
    "answer_words",
    "authenticate",
    "find_chat",
    "find_thread",
    "left_since",
    "limit",
    "link_to",
    "mark",
    "note_presence",
    "owners_of",
    "prune",
    "read",
    "seen_words",
    "send",
    "send_file",
    "start_visitor",
]
