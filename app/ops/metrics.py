"""The numbers at ``/metrics``. Counted where it happens by ``prometheus_client``; gauges are read when asked."""

from __future__ import annotations

from prometheus_client import Gauge, generate_latest

from app.kit import database
from app.kit.errors import Unavailable

STUCK = Gauge("orasync_needs_attention", "Rows that should not stay where they are", ["what"])
SOCKETS = Gauge("orasync_sockets", "Open websockets of this process")
ROOMS = Gauge("orasync_rooms", "Clinics with open websockets in this process")


async def render_metrics() -> bytes:
    """Return the text format of Prometheus."""
    try:
        for row in await database.fetch("select what, count from stuck_counts()"):
            STUCK.labels(row["what"]).set(row["count"])
    except Unavailable:
        STUCK.labels("database_away").set(1)
    else:
        STUCK.labels("database_away").set(0)
    return generate_latest()
