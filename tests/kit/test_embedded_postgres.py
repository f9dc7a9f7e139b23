"""The embedded server: one in a folder, private, back after every kind of end, for root and for normal users."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from app.config import ROOT
from app.kit import postgres_binaries
from app.kit.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has to hand the server to another user")
debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture
def place():
    """A folder the server's user can reach: pytest's own is private to whoever runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="orasync-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(place):
    server = EmbeddedPostgres(place / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


def ask(server, sql):
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_start_makes_the_database_and_start_again_adopts_it(server):
    assert ask(server, "select current_database()") == "orasync"
    other = EmbeddedPostgres(server.link)
    pid = server.pid()
    other.start()
    assert other.pid() == pid
    other.stop()
    assert not server.is_running()
    server.start()
    assert server.is_running()


def test_nobody_else_gets_in(server):
    assert ask(server, "show listen_addresses") == ""
    assert mode(server.data_dir) == mode(server.socket_dir) == mode(server.home) == 0o700


def test_committed_rows_survive_kill_9(place):
    server = EmbeddedPostgres(place / "postgres")
    with server.running():
        assert ask(server, "show fsync") == ask(server, "show synchronous_commit") == "on"
        ask(server, "create table kept (n int)")
        for n in range(3):
            ask(server, f"insert into kept values ({n})")
            os.kill(server.pid(), signal.SIGKILL)
            server.start()
        assert ask(server, "select count(*) from kept") == 3


def test_another_process_recovers_what_a_killed_one_left(server):
    os.kill(server.pid(), signal.SIGKILL)
    script = (
        "import sys; from pathlib import Path; from app.kit.embedded_postgres import EmbeddedPostgres\n"
        "EmbeddedPostgres(Path(sys.argv[1]), durable=False).start()"
    )
    subprocess.run([sys.executable, "-c", script, str(server.link)], cwd=ROOT, check=True)
    server.process.wait()
    assert server.is_running()
    assert ask(server, "select 1") == 1


def test_a_pid_file_that_names_somebody_else_means_nothing(server):
    server.stop()
    pid_file = server.data_dir / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{server.data_dir}\n0\n5432\n{server.socket_dir}\n\n0 0\nready\n")
    shutil.chown(pid_file, server.data_dir.owner())
    assert not server.is_running()
    assert server.pid() is None
    server.stop()
    server.start()
    assert ask(server, "select 1") == 1


def test_several_processes_may_start_it_at_once(place):
    script = (
        "import sys; from pathlib import Path; from app.kit.embedded_postgres import EmbeddedPostgres\n"
        "s = EmbeddedPostgres(Path(sys.argv[1]), durable=False); s.start(); print(s.pid())"
    )
    command = [sys.executable, "-c", script, str(place / "postgres")]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    pids = {process.communicate(timeout=60)[0] for process in started}
    EmbeddedPostgres(place / "postgres").stop()
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(pids) == 1


def test_a_deep_folder_gets_a_short_private_socket(place):
    server = EmbeddedPostgres(place / ("d" * 60) / ("e" * 60) / "postgres", durable=False)
    with server.running():
        assert len(str(server.socket_dir)) < 90
        assert mode(server.socket_dir) == 0o700
        assert ask(server, "select 1") == 1
    shutil.rmtree(server.socket_dir)


def test_a_half_made_cluster_is_made_again(place):
    server = EmbeddedPostgres(place / "postgres", durable=False)
    half = place / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    if os.getuid() == 0:
        shutil.chown(half, server._user().pw_uid)
    with server.running():
        assert ask(server, "select 1") == 1


def test_data_of_another_version_is_refused_in_words(server):
    server.stop()
    (server.data_dir / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 9, this is PostgreSQL \d+"):
        server.start()


@pytest.mark.debian_postgres
@pytest.mark.skipif(not debian, reason="Debian's PostgreSQL is not installed")
def test_other_binaries_work_too(place):
    server = EmbeddedPostgres(place / "postgres", bin_dir=debian[0], durable=False)
    with server.running():
        assert ask(server, "show server_version").startswith(f"{debian[0].parent.name}.")


@as_root
def test_root_hands_the_server_to_another_user(server):
    owner = Path(f"/proc/{server.pid()}").stat().st_uid
    assert owner != 0
    assert server.data_dir.stat().st_uid == owner


@as_root
def test_below_a_private_folder_of_root_the_data_is_placed_elsewhere(place, monkeypatch):
    monkeypatch.setattr(postgres_binaries, "SHARED", place / "shared")
    monkeypatch.setattr("app.kit.embedded_postgres.SHARED", place / "shared")
    private = place / "private"
    private.mkdir(mode=0o700)
    wheel = postgres_binaries.wheel_bin_dir()
    package = wheel.parents[1]
    for folder in (wheel.parent, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, private / folder.relative_to(package.parent), symlinks=True)
    binaries = private / package.name / wheel.parent.name / "bin"

    server = EmbeddedPostgres(private / "var" / "postgres", bin_dir=binaries, durable=False)
    with server.running():
        assert ask(server, "select 1") == 1
        assert mode(private) == 0o700
        assert server.home.parent == place / "shared"
        assert mode(server.home) == 0o700
    again = EmbeddedPostgres(private / "var" / "postgres", bin_dir=binaries, durable=False)
    assert again.home == server.home


@as_root
def test_a_socket_folder_somebody_else_made_first_is_refused(place):
    server = EmbeddedPostgres(place / ("d" * 60) / ("e" * 60) / "postgres", durable=False)
    trap = server.socket_dir
    trap.mkdir()
    os.chown(trap, 12345, 12345)
    try:
        with pytest.raises(EmbeddedPostgresError, match="belongs to another user"):
            server.start()
    finally:
        trap.rmdir()


def test_stop_waits_for_the_end_of_the_server(server):
    pid = server.pid()
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 10
    assert not Path(f"/proc/{pid}").exists()
    server.stop()
