"""The job queue of this process: SAQ on Redis, or on the tables that `migrate` made in PostgreSQL."""

from saq import Queue
from saq.queue.postgres import PostgresQueue


class PreparedPostgresQueue(PostgresQueue):
    """SAQ's queue for a login that may not create tables: SAQ tries to at every start, even where they exist."""

    async def init_db(self) -> None:
        """Leave the tables to `migrate`, which makes them as their owner."""


def make_queue(url: str, name: str = "orasync") -> Queue:
    """The queue at a `redis://` or `postgresql://` address, not connected yet."""
    if url.startswith(("postgresql://", "postgres://")):
        return PreparedPostgresQueue.from_url(url, name=name)
    return Queue.from_url(url, name=name)
