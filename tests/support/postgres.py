"""A real PostgreSQL for the tests: one server a session, one migrated template, a copy of it wherever one is wanted."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from app.config import ROOT, Settings, load
from app.kit.embedded_postgres import EmbeddedPostgres
from app.kit.processes import is_alive

PREFIX = "orasync-tests-"
TEMPLATE = "orasync_template"
# Not PYTHONDONTWRITEBYTECODE: without bytecode of the libraries every start of a process takes two seconds more.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
SECRETS = {
    "SECRET_KEY": "a-secret-for-tests-of-decent-length",
    "ENCRYPTION_KEYS": "k1:" + b64encode(b"1" * 32).decode(),
}


class Database:
    """One database of the server, and what a process must be told to use it."""

    def __init__(self, server: EmbeddedPostgres, name: str, folder: Path) -> None:
        self.server = server
        self.name = name
        self.folder = folder
        self.owner_dsn = server.dsn(database=name)
        self.app_dsn = server.dsn("orasync_app", name)

    @property
    def environment(self) -> dict[str, str]:
        """All that a process of the product is told; nothing of the caller's own configuration leaks in."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {
            **kept,
            **SECRETS,
            # Every clinic begins with a sign-up: at full cost, hashing passwords took a tenth of the tests' time.
            "PASSWORD_MEMORY": "1",
            "DATABASE_URL": self.app_dsn,
            "DATABASE_OWNER_URL": self.owner_dsn,
            "VAR_DIR": str(self.folder),
        }

    @property
    def settings(self) -> Settings:
        """The same as settings."""
        return load(self.environment)

    def sql(self, text: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Run a statement as the superuser, past row level security, and return its rows."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            cursor = connection.execute(text, arguments or None)
            return cursor.fetchall() if cursor.description else []

    def drop(self) -> None:
        """Remove it, whoever is still connected."""
        with psycopg.connect(self.server.dsn(database="postgres"), autocommit=True) as connection:
            connection.execute(f"drop database if exists {self.name} with (force)")


class Databases:
    """The server of this test session. ``TEST_DATABASE_BIN`` names the binaries of another PostgreSQL to run."""

    def __init__(self) -> None:
        # Not pytest's own folder: as root the server runs as somebody else, who may not enter that.
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.folder.chmod(0o755)
        (self.folder / "owner").write_text(str(os.getpid()))
        binaries = os.environ.get("TEST_DATABASE_BIN")
        self.server = EmbeddedPostgres(
            self.folder / "postgres",
            database="postgres",
            bin_dir=Path(binaries) if binaries else None,
            durable=False,
            options={"max_connections": "400"},
        )

    def start(self) -> None:
        """Start the server and migrate the template."""
        clear_up()
        self.server.start()
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(f"create database {TEMPLATE}")
        template = Database(self.server, TEMPLATE, self.folder)
        # By its own command: a fixture may be asked for while an event loop runs.
        subprocess.run([sys.executable, "-m", "app.cli", "migrate"], cwd=ROOT, env=template.environment, check=True)

    def make(self) -> Database:
        """A copy of the template: 50 ms instead of a migration."""
        name = f"test_{uuid4().hex[:12]}"
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
        folder = self.folder / name
        folder.mkdir()
        return Database(self.server, name, folder)

    def stop(self) -> None:
        """Stop the server and remove everything."""
        with contextlib.suppress(Exception):
            self.server.stop()
        shutil.rmtree(self.server.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def clear_up() -> None:
    """Stop and remove what test sessions left that were killed: their servers outlive them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            if not is_alive(int((folder / "owner").read_text())):
                server = EmbeddedPostgres(folder / "postgres")
                server.stop()
                shutil.rmtree(server.home, ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)
