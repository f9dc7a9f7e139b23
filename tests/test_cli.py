"""`orasync up` as a person starts it: all comes up, comes back, ends in order; what goes wrong is one sentence."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from app.config import ROOT
from app.kit.embedded_postgres import EmbeddedPostgres

COMMAND = [sys.executable, "-m", "app.cli"]
CONFIGURED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PUBLIC_URL", "PORT", "HOST")


class Running:
    """`orasync up` in a folder of its own."""

    def __init__(self, var_dir, *options):
        self.environment = {name: value for name, value in os.environ.items() if name not in CONFIGURED}
        self.environment["VAR_DIR"] = str(var_dir)
        self.lines = []
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--no-demo", "--port", "0", *options],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self.reader.start()
        self.port = int(self.wait_for(r"Open http://localhost:(\d+)")[1])

    def wait_for(self, pattern, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.said()):
                return found
            assert self.process.poll() is None or not self.reader.is_alive(), self.said()
            threading.Event().wait(0.02)
        raise AssertionError(f"{pattern} was never said:\n{self.said()}")

    def said(self):
        return "".join(self.lines)

    def answers(self, path="/health/live"):
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def children(self):
        """Process ids by what they run: web, worker, postgres."""
        found = {}
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        for line in listed.stdout.splitlines():
            pid, _, arguments = line.strip().partition(" ")
            kind = next((kind for kind in ("postgres", "worker", "web") if re.search(rf"\b{kind}\b", arguments)), None)
            if kind:
                found.setdefault(kind, []).append(int(pid))
        return found

    def until(self, reached, seconds=20):
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, self.said()
            threading.Event().wait(0.05)

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(40)
        self.reader.join(5)
        return code


@pytest.fixture(scope="module")
def var_dir():
    place = Path(tempfile.mkdtemp(prefix="orasync-test-"))
    place.chmod(0o755)
    yield place
    EmbeddedPostgres(place / "postgres").stop()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def running(var_dir):
    running = Running(var_dir, "--web-replicas", "2")
    yield running
    if running.process.poll() is None:
        running.end()


@pytest.mark.skipif(not shutil.which("ps"), reason="ps is not installed")
def test_whatever_is_killed_comes_back(running):
    assert running.answers() == 200
    before = running.children()
    assert {kind: len(pids) for kind, pids in before.items()} == {"postgres": 1, "worker": 1, "web": 2}
    for pid in [*before["postgres"], *before["worker"], *before["web"]]:
        os.kill(pid, signal.SIGKILL)
    running.until(
        lambda: {kind: len(pids) for kind, pids in running.children().items()} == {"postgres": 1, "worker": 1, "web": 2}
    )
    running.until(lambda: running.answers("/health/ready") == 200)
    assert not {pid for pids in running.children().values() for pid in pids} & {
        pid for pids in before.values() for pid in pids
    }


@pytest.mark.soak  # the journey of a rolling restart shows it under load
def test_a_rolling_restart_refuses_nobody(running):
    refused, done = [], threading.Event()

    def ask():
        while not done.is_set():
            if running.answers() != 200:
                refused.append(time.monotonic())

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        running.process.send_signal(signal.SIGHUP)
        running.until(lambda: running.said().count("restarting web") == 2, 60)
        threading.Event().wait(1)
    finally:
        done.set()
        asking.join()
    assert refused == []


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.soak)])
def test_it_ends_in_order_and_leaves_nothing_behind(running, var_dir, how):
    began = time.monotonic()
    assert running.end(how) == 0
    assert time.monotonic() - began < 20
    assert running.answers() is None
    assert not EmbeddedPostgres(var_dir / "postgres").is_running()


def test_a_killed_parent_leaves_a_database_that_the_next_one_adopts(var_dir):
    first = Running(var_dir)
    database = EmbeddedPostgres(var_dir / "postgres").pid()
    first.end(signal.SIGKILL)
    first.until(lambda: first.answers() is None)
    second = Running(var_dir)
    assert EmbeddedPostgres(var_dir / "postgres").pid() == database
    assert second.end() == 0
    assert EmbeddedPostgres(var_dir / "postgres").pid() is None


def test_a_second_parent_in_the_same_folder_is_told_so(running):
    done = subprocess.run(
        [*COMMAND, "up", "--port", "0"],
        cwd=ROOT,
        env=running.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"already runs from {running.environment['VAR_DIR']} (process {running.process.pid})" in done.stderr


def run(*arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in CONFIGURED}
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_taken_port_is_said_in_words(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("up", "--port", str(port), VAR_DIR=str(tmp_path))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_configuration_is_said_whole_and_without_a_traceback(tmp_path):
    done = run("doctor", VAR_DIR=str(tmp_path), PORT="x", LOG_FORMAT="xml")
    assert done.returncode == 1
    assert "PORT must be" in done.stderr
    assert "LOG_FORMAT must be" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_part_alone_says_that_the_database_does_not_run(tmp_path):
    for part in ("web", "worker"):
        done = run(part, VAR_DIR=str(tmp_path))
        assert done.returncode == 1
        assert "`orasync up` starts everything" in done.stderr


def test_a_database_that_does_not_answer_is_said_without_its_password(tmp_path):
    done = run(
        "migrate",
        VAR_DIR=str(tmp_path),
        DATABASE_URL="postgresql://owner:canary@127.0.0.1:1/orasync",
        SECRET_KEY="a-secret-of-decent-length",
        ENCRYPTION_KEYS="k1:" + "MTEx" * 10 + "MTE=",
    )
    assert done.returncode == 1
    assert "the database does not let us in" in done.stderr
    assert "canary" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_doctor_says_what_is_simulated_and_why(running):
    done = run(
        "doctor",
        VAR_DIR=running.environment["VAR_DIR"],
        OPENAI_API_KEY="test_key",
        TWILIO_ACCOUNT_SID="AC1",
        COLUMNS="200",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"practice run\s+openai\s+OPENAI_API_KEY is a placeholder", done.stdout)
    assert re.search(r"practice run\s+twilio\s+TWILIO_AUTH_TOKEN is not set", done.stdout)
    assert "held by row level security" in done.stdout
    nobody = {"REDIS_URL": "redis://127.0.0.1:1/0", "QDRANT_URL": "http://127.0.0.1:1"}
    broken = run("doctor", VAR_DIR=running.environment["VAR_DIR"], **nobody)
    assert broken.returncode == 1
    assert re.search(r"broken\s+redis", broken.stdout)
    assert re.search(r"broken\s+vectors", broken.stdout)
