"""What the inbox needs running in a web process: the batcher."""

from __future__ import annotations

from app.events.service import Batcher
from app.inbox.mailboxes import Mailboxes
from app.inbox.service.inbound import COLUMNS, use_batcher

_running: list[Batcher] = []
_reading: list[Mailboxes] = []


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


async def start_mailboxes(dsn: str) -> None:
    """Begin to read the clinics' own mailboxes (worker only)."""
    mailboxes = Mailboxes(dsn)
    mailboxes.start()
    _reading.append(mailboxes)


async def stop_mailboxes() -> None:
    """Stop reading them."""
    while _reading:
        await _reading.pop().stop()
