"""The one clock. Stamps come from here or from the database; leases use the event loop's monotonic time."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Return the present instant, in UTC."""
    return dt.datetime.now(dt.UTC)


def iso(at: dt.datetime) -> str:
    """Return RFC 3339 in UTC with a trailing Z."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
