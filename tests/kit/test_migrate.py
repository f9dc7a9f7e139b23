"""Migrations may run at any time and side by side; the application never uses a login above row level security."""

import os
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from pathlib import Path
from uuid import uuid4

import asyncpg
import psycopg
import pytest

from app.config import ROOT, load
from app.kit import migrate
from app.kit.embedded_postgres import EmbeddedPostgres
from app.kit.queue import make_queue

SECRETS = {"SECRET_KEY": "a-secret-of-decent-length", "ENCRYPTION_KEYS": "k1:" + b64encode(b"1" * 32).decode()}
# Superusers through the folder, everybody else by password: as on a server of one's own.
HBA = "local all postgres trust\nlocal all all scram-sha-256\n"


@pytest.fixture(scope="module")
def server():
    place = Path(tempfile.mkdtemp(prefix="orasync-test-"))
    place.chmod(0o755)
    hba = place / "pg_hba.conf"
    hba.write_text(HBA)
    server = EmbeddedPostgres(place / "postgres", durable=False, options={"hba_file": str(hba)})
    server.start()
    yield server
    server.stop()
    shutil.rmtree(place)


@pytest.fixture
def database(server):
    """An empty database of its own for each test."""
    name = f"orasync_{uuid4().hex[:12]}"
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield name
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def told(server, database):
    """What a deployment says that knows only an owner's address."""
    return load({**SECRETS, "DATABASE_URL": server.dsn(database=database)})


def login(server, database, name, attributes=""):
    with psycopg.connect(server.dsn(database=database), autocommit=True) as connection:
        connection.execute(f"drop role if exists {name}")
        connection.execute(f"create role {name} login password 'pw' {attributes}")
    return server.dsn(f"{name}:pw", database)


async def refused(dsn):
    connection = await asyncpg.connect(dsn)
    try:
        await migrate.refuse_bypass(connection)
    except migrate.UnsafeLoginError as error:
        return str(error)
    finally:
        await connection.close()
    return None


async def test_migrating_twice_changes_nothing_the_second_time(told):
    files = [path for path in (ROOT / "piccolo_migrations").glob("*.py") if path.name != "__init__.py"]
    assert len(await migrate.migrate(told)) == len(files)
    assert await migrate.migrate(told) == []
    assert await migrate.pending(told) == []


async def test_the_two_roles_have_no_powers(told):
    await migrate.migrate(told)
    connection = await asyncpg.connect(migrate.owner_dsn(told))
    rows = await connection.fetch(
        "select rolname::text, rolcanlogin, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb"
        " from pg_roles where rolname like 'orasync%' order by 1"
    )
    await connection.close()
    assert [tuple(row) for row in rows if row[0] in ("orasync_app", "orasync_door")] == [
        ("orasync_app", True, False),
        ("orasync_door", False, False),
    ]


def test_several_processes_may_migrate_an_empty_database_at_once(server, database):
    environment = {**os.environ, **SECRETS, "DATABASE_URL": server.dsn(database=database)}
    command = [sys.executable, "-m", "app.cli", "migrate"]
    started = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=100)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said


async def test_with_only_an_owners_address_the_application_uses_its_own_login(told):
    await migrate.migrate(told)
    dsn = migrate.app_dsn(told)
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("select current_user") == "orasync_app"
    await migrate.refuse_bypass(connection)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("create table mine (n int)")
    await connection.close()


async def test_the_password_of_that_login_follows_from_the_secret_key(told, server, database):
    await migrate.migrate(told)
    other = load({**SECRETS, "SECRET_KEY": "another-secret-of-length", "DATABASE_URL": server.dsn(database=database)})
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(migrate.app_dsn(other))


async def test_an_application_login_of_ones_own_is_used_and_let_in(server, database):
    dsn = login(server, database, "front_desk_app")
    told = load({**SECRETS, "DATABASE_URL": dsn, "DATABASE_OWNER_URL": server.dsn(database=database)})
    await migrate.migrate(told)
    assert migrate.app_dsn(told) == dsn
    assert migrate.app_dsn(load({**SECRETS, "DATABASE_URL": dsn})) == dsn
    assert await refused(dsn) is None
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("select count(*) from saq_jobs") == 0
    await connection.close()


async def test_an_owner_without_superpowers_can_migrate(server, database):
    dsn = login(server, database, "plain_owner", "createrole")
    with psycopg.connect(server.dsn(database=database), autocommit=True) as connection:
        # As on a rented server: roles are the server's, and this owner gets to give ours away.
        for role in (migrate.APP_ROLE, migrate.DOOR_ROLE):
            connection.execute(
                f"do $$ begin create role {role} {'login' if role == migrate.APP_ROLE else 'nologin'};"
                " exception when duplicate_object then null; end $$"
            )
            connection.execute(f"grant {role} to plain_owner with admin option")
        connection.execute(f"alter database {database} owner to plain_owner")
        connection.execute("alter schema public owner to plain_owner")
    told = load({**SECRETS, "DATABASE_URL": dsn})
    await migrate.migrate(told)
    assert migrate.app_dsn(told) != dsn
    assert await refused(migrate.app_dsn(told)) is None
    with psycopg.connect(server.dsn(database=database), autocommit=True) as connection:
        # It may not add pgvector either; how near facts are is computed all the same.
        found = connection.execute(
            "select fact_likeness('{0.6,0.8}', '{1,0}')::numeric(5, 4)::text, count(*) from pg_extension "
            "where extname = 'vector'"
        )
        assert found.fetchall() == [("0.6000", 0)]
        connection.execute("reassign owned by plain_owner to postgres")


@pytest.mark.parametrize("attributes", ["superuser", "bypassrls", "in role orasync_door", "in role keeper"])
async def test_logins_above_row_level_security_are_refused(told, server, database, attributes):
    await migrate.migrate(told)
    with psycopg.connect(server.dsn(database=database), autocommit=True) as connection:
        connection.execute("do $$ begin create role keeper; exception when duplicate_object then null; end $$")
        connection.execute("create table guarded (n int)")
        connection.execute("alter table guarded owner to keeper")
        connection.execute("alter table guarded enable row level security")
    assert "must not use the database login above_it" in await refused(login(server, database, "above_it", attributes))
    assert await refused(login(server, database, "below_it")) is None


async def test_the_application_may_use_the_queue_it_may_not_create(told):
    await migrate.migrate(told)
    queue = make_queue(migrate.app_dsn(told))
    await queue.connect()
    try:
        assert await queue.enqueue("run_job", timeout=5, key="one") is not None
        assert await queue.count("queued") == 1
    finally:
        await queue.disconnect()


async def test_a_database_that_does_not_answer_is_not_taken_for_an_owners(tmp_path):
    nobody = f"postgresql://someone@/orasync?host={tmp_path}&port=5432"
    assert migrate.app_dsn(load({**SECRETS, "DATABASE_URL": nobody})) == nobody
