"""What the inbox needs running in a web process: the batcher."""

from __future__ import annotations

from app.events.service import Batcher
from app.inbox.service.inbound import COLUMNS, use_batcher

_running: list[Batcher] = []


async def start(dsn: str) -> None:
    """Start the batcher on a connection of its own."""
    batcher = Batcher(dsn, "ingest_batch", COLUMNS)
    await batcher.start()
    use_batcher(batcher)
    _running.append(batcher)


async def stop() -> None:
    """Store what is pending and stop."""
    use_batcher(None)
    while _running:
        await _running.pop().stop()
