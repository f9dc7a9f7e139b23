"""Crash points: ``ORASYNC_CRASH_AT=name:n`` ends the process, as ``kill -9`` would, at the n-th pass of a named point.

Tests use it to stop a process between any two steps of a promise; in production the setting is empty and a point
costs one comparison.
"""

from __future__ import annotations

import os

POINTS = (
    "ingest.before_commit",
    "ingest.after_commit",
    "work.before_commit",
    "work.after_commit",
    "send.after_claim",
    "send.before_call",
    "send.after_call",
    "send.after_outcome",
    "job.after_claim",
    "job.after_effect",
    "relay.after_take",
)

_name, _, _count = os.environ.get("ORASYNC_CRASH_AT", "").partition(":")
_left = int(_count or 1)


def crash_point(name: str) -> None:
    """End the process here when the environment asks for it. Exit status 137, like SIGKILL."""
    global _left  # noqa: PLW0603 - one counter a process
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os._exit(137)
