"""What a command that runs beside web and worker needs: the pool and the bus, for as long as it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import click

from app.config import settings
from app.events.announce import use_bus
from app.kit import database
from app.kit.migrate import app_dsn
from app.kit.pubsub import make_bus


@contextlib.asynccontextmanager
async def connected(name: str) -> AsyncIterator[None]:
    """Open the database and the bus, as the web and the worker do; ``name`` is what the database shows."""
    told = settings()
    dsn = app_dsn(told)
    try:
        limits = database.Limits(told.statement_timeout, told.lock_timeout, told.idle_transaction_timeout)
        await database.start(dsn, name=name, size=4, limits=limits)
        await database.fetchval("select find_clinic('')")
    except (asyncpg.PostgresError, *database.LOST) as error:
        raise click.ClickException(
            "The database is not ready. `orasync up` or `orasync migrate` prepares it."
        ) from error
    bus = make_bus(dsn, told.redis_url)
    use_bus(bus)
    await bus.start()
    try:
        yield
    finally:
        await asyncio.sleep(0.05)  # hints leave within a millisecond
        use_bus(None)
        await bus.stop()
        await database.stop()
