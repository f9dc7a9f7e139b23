"""The front door of the log."""

from app.events.announce import (
    JOBS_TOPIC,
    LIVE_TOPIC,
    LOG_TOPIC,
    announce,
    announce_jobs,
    announce_live,
    bus,
    on_commit,
    parse_hint,
    use_bus,
)
from app.events.batch import Batcher, Stored
from app.events.connected import connected
from app.events.log import EVENT_TYPES, SEQ, Event, Logged, LogState, event_type
from app.events.reading import LARGEST_READ, Head, log_heads, log_state, read_log, read_logs, verify_log
from app.events.registry import REACTIONS, reacts_to
from app.events.work import Work, retrying, unit_of_work

__all__ = [
    "EVENT_TYPES",
    "JOBS_TOPIC",
    "LARGEST_READ",
    "LIVE_TOPIC",
    "LOG_TOPIC",
    "REACTIONS",
    "SEQ",
    "Batcher",
    "Event",
    "Head",
    "LogState",
    "Logged",
    "Stored",
    "Work",
    "announce",
    "announce_jobs",
    "announce_live",
    "bus",
    "connected",
    "event_type",
    "log_heads",
    "log_state",
    "on_commit",
    "parse_hint",
    "reacts_to",
    "read_log",
    "read_logs",
    "retrying",
    "unit_of_work",
    "use_bus",
    "verify_log",
]
