"""The database: one pool a process, transactions that carry the clinic, and nothing that by-passes row level security.

Every tenant row is read and written inside :func:`transaction`, which sets ``app.clinic_id`` for exactly that
transaction. The module functions (:func:`fetch` and its kin) run on the current transaction when there is one, else on
a pool connection without a clinic; there the policies show no tenant row at all, so only the listed door functions
(see the migration ``doors``) answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from app.kit.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

POOL_SIZE = 15
ACQUIRE_SECONDS = 5.0
"""Longest wait for a connection of the pool: with all of them busy or lost it is better to say so."""
OVERTIME_SECONDS = 2.0
"""The server ends a statement after its time. Who hears nothing for so much longer has lost the server."""


class Limits(msgspec.Struct, frozen=True):
    """How long the server lets one of our connections run a statement, wait for a lock, idle in a transaction; s."""

    statement: float = 5
    lock: float = 2
    idle: float = 10


LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the line went in the middle of something: "another operation is in progress"
    ConnectionError,
    OSError,
    TimeoutError,
)
"""What asyncpg raises when the server is gone or not back yet; see :func:`as_unavailable`."""


def heed_cancel() -> None:
    """Raise ``CancelledError`` where asyncpg raised one of :data:`LOST` in the place of a cancellation.

    For loops that go on after such an error: they would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Transaction(PostgresTransaction):
    """Piccolo's transaction with four repairs.

    The connection goes back to the pool even when COMMIT fails (Piccolo 1.38 loses it), BEGIN and the clinic's setting
    travel in one round trip, a connection whose rollback fails is thrown away instead of being reused, and nobody waits
    longer than a moment for the rollback: on a half-open connection it would never come.
    """

    begin_sql: str = "begin"

    async def get_connection(self) -> Any:
        """Take a connection; raises ``TimeoutError`` when none is to be had."""
        if self.engine.pool:
            return await self.engine.pool.acquire(timeout=ACQUIRE_SECONDS)
        return await self.engine.get_new_connection()

    async def begin(self) -> None:
        """Open the transaction and set its clinic."""
        try:
            await self.connection.execute(self.begin_sql)
        except BaseException:
            await self._give_back(broken=True)
            raise

    async def commit(self) -> None:
        """Commit; marks the transaction as finished only when the server said so."""
        await self.connection.execute("commit")
        self._committed = True

    async def rollback(self) -> None:
        """Roll back."""
        async with asyncio.timeout(OVERTIME_SECONDS):
            await self.connection.execute("rollback")
        self._rolled_back = True

    async def __aexit__(self, exception_type: object, exception: object, traceback: object) -> bool:
        """Commit or roll back, and always give the connection back."""
        if self._parent is not None:
            return exception is None
        broken = True
        try:
            if exception is not None:
                if not self._rolled_back:
                    await self.rollback()
            elif not self._committed and not self._rolled_back:
                await self.commit()
            broken = False
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back(broken=broken)
        return False

    async def _give_back(self, *, broken: bool) -> None:
        if broken:
            self.connection.terminate()
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        elif not broken:
            await self.connection.close()


class Engine(PostgresEngine):
    """Piccolo's engine without its connection at import time, and with our transaction."""

    async def check_version(self) -> None:
        """Skip Piccolo's check, which would connect while modules are imported."""

    async def prep_database(self) -> None:
        """Skip: migrations make what is needed."""

    def transaction(self, allow_nested: bool = True) -> Transaction:  # noqa: FBT002 - Piccolo's signature
        """Return a transaction without a clinic (migrations, Piccolo's own calls)."""
        return Transaction(self, allow_nested)

    def open(self, begin_sql: str) -> Transaction:
        """Return a transaction that must not be nested and starts with ``begin_sql``."""
        opened = Transaction(self, allow_nested=False)
        opened.begin_sql = begin_sql
        return opened


ENGINE = Engine({})


async def _reset(connection: asyncpg.Connection) -> None:
    """Replace asyncpg's reset (a round trip at each release): settings here live only inside transactions."""
    if connection.is_in_transaction():
        await connection.execute("rollback")


async def start(dsn: str, *, name: str, size: int = POOL_SIZE, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
    """Open the pool of this process. ``name`` is what ``pg_stat_activity`` shows; ``size`` is connections."""
    ENGINE.config = {"dsn": dsn}
    await ENGINE.start_connection_pool(
        min_size=min(2, size),
        max_size=size,
        timeout=5,
        command_timeout=limits.statement + OVERTIME_SECONDS,
        reset=_reset,
        server_settings=server_settings(name, limits),
    )


def server_settings(name: str, limits: Limits) -> dict[str, str]:
    """Return what each of our connections sets: names, UTC, and limits in milliseconds."""
    return {
        "application_name": f"orasync {name}",
        "timezone": "UTC",
        "statement_timeout": str(int(1000 * limits.statement)),
        "lock_timeout": str(int(1000 * limits.lock)),
        "idle_in_transaction_session_timeout": str(int(1000 * limits.idle)),
    }


async def stop() -> None:
    """Close the pool; waiting at most 3 s for connections in use, then cutting them."""
    pool, ENGINE.pool = ENGINE.pool, None
    if pool is not None:
        try:
            async with asyncio.timeout(3):
                await pool.close()
        except TimeoutError:
            pool.terminate()


@contextlib.contextmanager
def as_unavailable() -> Any:
    """Turn a lost database into the 503 that callers understand, and leave every other error alone."""
    try:
        yield
    except (
        asyncpg.exceptions.QueryCanceledError,
        asyncpg.exceptions.LockNotAvailableError,
        asyncpg.exceptions.DeadlockDetectedError,
    ) as error:
        raise Unavailable("The clinic's records are busy. Please try again in a moment.") from error
    except (
        asyncpg.exceptions.CannotConnectNowError,
        asyncpg.exceptions.AdminShutdownError,
        asyncpg.exceptions.CrashShutdownError,
        asyncpg.exceptions.TooManyConnectionsError,
        *LOST,
    ) as error:
        raise Unavailable("The database is restarting. Nothing was lost; please try again.") from error


@contextlib.asynccontextmanager
async def transaction(clinic_id: UUID | None) -> AsyncIterator[asyncpg.Connection]:
    """Open one read-write transaction of one clinic and yield its connection.

    Raises Piccolo's ``TransactionError`` when one is open already: a use case owns its commit.
    """
    with as_unavailable():
        async with ENGINE.open("begin" + _clinic_setting(clinic_id)) as opened:
            yield opened.connection


@contextlib.asynccontextmanager
async def reading(clinic_id: UUID) -> AsyncIterator[asyncpg.Connection]:
    """Open a read-only snapshot of one clinic: everything read inside belongs to one moment."""
    with as_unavailable():
        current = ENGINE.current_transaction.get()
        if current is not None:
            yield current.connection
            return
        async with ENGINE.open(
            "begin isolation level repeatable read read only" + _clinic_setting(clinic_id)
        ) as opened:
            yield opened.connection


def _clinic_setting(clinic_id: UUID | None) -> str:
    # A UUID prints as hex digits and dashes only, so it can stand in the text; a parameter would cost a round trip.
    return "" if clinic_id is None else f"; select set_config('app.clinic_id', '{clinic_id}', true)"


async def fetch(sql: str, *arguments: object) -> list[asyncpg.Record]:
    """Return all rows."""
    current = ENGINE.current_transaction.get()
    if current is not None:
        return await current.connection.fetch(sql, *arguments)
    async with _borrowed() as connection:
        return await connection.fetch(sql, *arguments)


async def fetchrow(sql: str, *arguments: object) -> asyncpg.Record | None:
    """Return the first row, or None."""
    rows = await fetch(sql, *arguments)
    return rows[0] if rows else None


async def fetchval(sql: str, *arguments: object) -> Any:
    """Return the first column of the first row, or None."""
    row = await fetchrow(sql, *arguments)
    return row[0] if row is not None else None


async def execute(sql: str, *arguments: object) -> str:
    """Run a statement and return its command tag."""
    current = ENGINE.current_transaction.get()
    if current is not None:
        return await current.connection.execute(sql, *arguments)
    async with _borrowed() as connection:
        return await connection.execute(sql, *arguments)


@contextlib.asynccontextmanager
async def _borrowed() -> AsyncIterator[asyncpg.Connection]:
    """Take a connection of the pool for one statement. Whoever gave up waiting for its answer throws it away."""
    with as_unavailable():
        connection = await pool().acquire(timeout=ACQUIRE_SECONDS)
        try:
            yield connection
        except (TimeoutError, asyncio.CancelledError):
            connection.terminate()
            raise
        finally:
            await pool().release(connection)


def pool() -> asyncpg.Pool:
    """Return the pool of this process; raises ``Unavailable`` before :func:`start`."""
    if ENGINE.pool is None:
        raise Unavailable("The database is not connected yet.")
    return ENGINE.pool
