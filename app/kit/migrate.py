"""Migrations and logins: who owns the tables, who serves, and the check that keeps the two apart.

Three roles: the owner runs migrations and nothing else; `orasync_app` serves and works, below row level security;
`orasync_door` cannot log in and owns the few SECURITY DEFINER functions that look across clinics.
"""

import asyncio
import math
import os
from contextlib import asynccontextmanager, contextmanager, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import asyncpg
import psycopg
from psycopg import sql

from app.kit.database import ENGINE
from app.kit.embedded_postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.config import Settings

APP_ROLE = "orasync_app"
DOOR_ROLE = "orasync_door"
# Any number will do, as long as everybody who migrates takes the same.
LOCK = 727001

# What the queue's tables are for: rows come and go, the shape is the owner's.
QUEUE_GRANTS = f"""
grant select, insert, update, delete on saq_jobs, saq_stats to {APP_ROLE};
grant select on saq_versions to {APP_ROLE};
grant usage on sequence saq_jobs_lock_key_seq to {APP_ROLE};
"""

# A role is above row level security when it may switch it off or step aside from it: superusers, BYPASSRLS, owners of
# the tables, members of any such role, and members of the door's role, whose policies see every clinic.
BYPASS_SQL = f"""
select current_user::text as login,
    (select string_agg(r.rolname, ', ') from pg_roles r
      where (r.rolsuper or r.rolbypassrls or r.rolname = '{DOOR_ROLE}')
        and pg_has_role(current_user, r.oid, 'member')) as above,
    (select string_agg(c.relname, ', ' order by c.relname) from pg_class c
      where c.relrowsecurity and pg_has_role(current_user, c.relowner, 'member')) as owned,
    (select r.rolcreaterole from pg_roles r where r.rolname = current_user)
      or (select pg_has_role(current_user, d.datdba, 'member') from pg_database d
        where d.datname = current_database()) as manages
"""  # noqa: S608 - the role is a constant


class UnsafeLoginError(Exception):
    """The application's login could look past row level security; it must not serve."""


class MigrationError(Exception):
    """The migrations did not finish; the text says which and why."""


def embedded(settings: "Settings") -> EmbeddedPostgres:
    """The embedded server of these settings, running or not."""
    return EmbeddedPostgres(settings.var_dir / "postgres")


def owner_dsn(settings: "Settings") -> str:
    """The login that owns the tables."""
    if settings.embedded:
        return embedded(settings).dsn()
    return settings.database_owner_url or settings.database_url or ""


def app_dsn(settings: "Settings") -> str:
    """The login the application uses: the one given, or `orasync_app` of the same database if that is an owner's."""
    if settings.embedded:
        return embedded(settings).dsn(APP_ROLE)
    if settings.database_url is None:
        return _as_app_role(settings, settings.database_owner_url or "")
    if settings.database_owner_url or urlsplit(settings.database_url).username == APP_ROLE:
        return settings.database_url
    if _is_owner(settings.database_url, settings.connect_timeout):
        return _as_app_role(settings, settings.database_url)
    return settings.database_url


def _is_owner(dsn: str, patience: float) -> bool:
    """Whether the only login we were given is one that migrates; the server knows, its name does not tell."""
    try:
        with psycopg.connect(dsn, connect_timeout=math.ceil(patience)) as connection:
            row = connection.execute(BYPASS_SQL).fetchone()
    except psycopg.OperationalError:
        # Nobody answers yet: whoever connects next waits, and is refused if this is an owner's login after all.
        return False
    return row is not None and any(row[1:])


async def refuse_bypass(connection: asyncpg.Connection) -> None:
    """Raise UnsafeLoginError when this connection's login could look past row level security."""
    role = await connection.fetchrow(BYPASS_SQL)
    if role["above"]:
        why = f"it is or may become {role['above']}"
    elif role["owned"]:
        why = f"it owns {role['owned']}"
    else:
        return
    raise UnsafeLoginError(
        f"The application must not use the database login {role['login']}: {why}, so row level security would not "
        "hold. Give that login as DATABASE_OWNER_URL, run `orasync migrate`, and leave DATABASE_URL out or give it a "
        "login of its own."
    )


async def migrate(settings: "Settings") -> list[str]:
    """Bring the database up to date; returns what was applied. Safe at any time, and by several processes at once."""
    dsn = owner_dsn(settings)
    async with _locked(dsn) as connection:
        try:
            await _make_roles(connection, settings)
        except psycopg.errors.InsufficientPrivilege as error:
            raise MigrationError(f"the owner's login may not make {APP_ROLE} and {DOOR_ROLE}: {error}") from error
        applied = await _run_migrations(dsn)
        await _make_queue(dsn)
        await connection.execute(QUEUE_GRANTS)
    return applied


@asynccontextmanager
async def _locked(dsn: str) -> "AsyncIterator[psycopg.AsyncConnection[Any]]":
    """A connection of its own that holds the lock: it goes with the connection, however the process ends."""
    try:
        connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise MigrationError(f"the database does not let us in: {error}") from None
    async with connection:
        await connection.execute("set statement_timeout = 0")
        await connection.execute("select pg_advisory_lock(%s)", (LOCK,))
        yield connection


async def _make_roles(connection: "psycopg.AsyncConnection[Any]", settings: "Settings") -> None:
    """Make both roles and let the application in. Roles belong to the whole server, so another database may race us."""
    for attempt in range(5):
        try:
            await _ensure_roles(connection, settings)
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation, psycopg.errors.InternalError):
            # InternalError is "tuple concurrently updated": another migration wrote the same role at that moment.
            if attempt == 4:
                raise
            await asyncio.sleep(0.1 * (attempt + 1))
        else:
            return


async def _ensure_roles(connection: "psycopg.AsyncConnection[Any]", settings: "Settings") -> None:
    cursor = await connection.execute(
        "select rolname::text from pg_roles where rolname = any(%s)", ([APP_ROLE, DOOR_ROLE],)
    )
    known = {row[0] for row in await cursor.fetchall()}
    if APP_ROLE not in known:
        await connection.execute(f"create role {APP_ROLE} login nosuperuser nobypassrls nocreatedb nocreaterole")
    if DOOR_ROLE not in known:
        await connection.execute(f"create role {DOOR_ROLE} nologin nosuperuser nobypassrls nocreatedb nocreaterole")
    if not settings.embedded:
        await _set_password(connection, settings.app_role_password)
    database = sql.Identifier(connection.info.dbname)
    await connection.execute(sql.SQL(f"grant connect on database {{}} to {APP_ROLE}").format(database))
    await connection.execute(f"grant usage on schema public to {APP_ROLE}, {DOOR_ROLE}")
    if not await _is_superuser(connection):
        # An owner that is no superuser gives functions away only to a role it belongs to and that may create them.
        await connection.execute(f"grant {DOOR_ROLE} to current_user")
        await connection.execute(f"grant create on schema public to {DOOR_ROLE}")
    login = urlsplit(settings.database_url or "").username
    if settings.database_owner_url and login and login not in (APP_ROLE, connection.info.user):
        await connection.execute(sql.SQL(f"grant {APP_ROLE} to {{}}").format(sql.Identifier(login)))


async def _is_superuser(connection: "psycopg.AsyncConnection[Any]") -> bool:
    cursor = await connection.execute("select rolsuper from pg_roles where rolname = current_user")
    row = await cursor.fetchone()
    return bool(row and row[0])


async def _set_password(connection: "psycopg.AsyncConnection[Any]", password: str) -> None:
    # Hashed here: the server's statement log must not hold the password.
    verifier = connection.pgconn.encrypt_password(password.encode(), APP_ROLE.encode(), b"scram-sha-256").decode()
    await connection.execute(sql.SQL(f"alter role {APP_ROLE} password {{}}").format(sql.Literal(verifier)))


async def pending(settings: "Settings") -> list[str]:
    """The migrations that were not applied yet."""
    from piccolo.apps.migrations.commands.base import BaseMigrationManager  # noqa: PLC0415

    with _as_owner(owner_dsn(settings)):
        manager = BaseMigrationManager()
        folder = manager.get_app_config(app_name="orasync").resolved_migrations_folder_path
        applied = await _applied()
        return [one for one in sorted(manager.get_migration_modules(folder)) if one not in applied]


async def _run_migrations(dsn: str) -> list[str]:
    # Imported here: Piccolo's migration code costs 0.1 s, and only who migrates has to pay for it.
    from piccolo.apps.migrations.commands.forwards import run_forwards  # noqa: PLC0415

    said = StringIO()
    try:
        with _as_owner(dsn), redirect_stdout(said):
            before = await _applied()
            result = await run_forwards(app_name="orasync")
            after = await _applied()
    except (asyncpg.PostgresError, OSError) as error:
        last = said.getvalue().strip().splitlines()[-1:]
        raise MigrationError(f"{' '.join(last)} {error}".strip()) from error
    if not result.success:
        raise MigrationError(result.message or said.getvalue())
    return [name for name in after if name not in before]


@contextmanager
def _as_owner(dsn: str) -> "Iterator[None]":
    """Let Piccolo's own calls use the owner's login, and put the process's own engine settings back afterwards."""
    # lock_timeout: the old version goes on serving, and everybody queues behind a migration that waits for a lock.
    kept, ENGINE.config = ENGINE.config, {"dsn": dsn, "server_settings": {"lock_timeout": "10s", "timezone": "UTC"}}
    pool, ENGINE.pool = ENGINE.pool, None
    os.environ.setdefault("PICCOLO_CONF", "piccolo_conf")
    try:
        yield
    finally:
        ENGINE.config, ENGINE.pool = kept, pool


async def _applied() -> list[str]:
    from piccolo.apps.migrations.tables import Migration  # noqa: PLC0415

    if not await Migration.table_exists().run():
        return []
    names: list[str] = await Migration.get_migrations_which_ran(app_name="orasync")
    return names


async def _make_queue(dsn: str) -> None:
    """Let SAQ make its tables as their owner: workers that start together would race, and may not create tables."""
    from saq.queue.postgres import PostgresQueue  # noqa: PLC0415 - with Redis nobody else needs it

    queue = PostgresQueue.from_url(dsn)
    await queue.connect()
    await queue.disconnect()


def _as_app_role(settings: "Settings", dsn: str) -> str:
    """The same server and database with the application's login and its derived password."""
    parts = urlsplit(dsn)
    where = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{APP_ROLE}:{quote(settings.app_role_password)}@{where}").geturl()
