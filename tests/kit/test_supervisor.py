"""One parent: children come back when they die, leave in order, and never outlive it."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from app.config import ROOT
from app.kit.processes import is_program
from app.kit.supervisor import CannotStartError, Program, Supervisor

SERVES = "import os, sys, time; os.write(int(sys.argv[2]), b'1'); time.sleep(60)"
SLEEPS = "import time; time.sleep(60)"
ENDS = "raise SystemExit(3)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


def program(name, code, **more):
    return Program(name, (sys.executable, "-c", code), os.environ, **more)


@pytest.fixture
def supervisor():
    said = []
    supervisor = Supervisor(say=said.append)
    supervisor.said = said
    yield supervisor
    for child in supervisor.children:
        child.process.kill()
        child.process.wait()
        child.close()


def run_until(supervisor, reached):
    """Let the supervisor run beside the test, as its loop does, until something is true."""
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline, supervisor.said
        supervisor.each_tick()
        supervisor._bury()
        supervisor._revive()
        threading.Event().wait(0.01)


def test_a_killed_child_comes_back(supervisor):
    first = supervisor.start(program("worker", SLEEPS)).process.pid
    os.kill(first, signal.SIGKILL)
    run_until(supervisor, lambda: supervisor.children and supervisor.children[0].process.pid != first)
    assert supervisor.said == ["worker ended (SIGKILL); starting it again"]


def test_a_child_that_keeps_dying_is_started_ever_more_rarely(supervisor):
    supervisor.start(program("worker", ENDS))
    began = time.monotonic()
    run_until(supervisor, lambda: len(supervisor.said) == 4)
    assert time.monotonic() - began > 0.2 + 0.5 + 1
    assert supervisor.said[0] == "worker ended (exit status 3); starting it again"


def test_ready_means_the_child_said_so(supervisor):
    child = supervisor.start_and_wait(program("web", SERVES, ready_option="--ready"))
    assert child.process.poll() is None
    with pytest.raises(CannotStartError, match="web did not start in 2 attempts"):
        supervisor.start_and_wait(program("web", ENDS, ready_option="--ready"), attempts=2)


def test_stop_goes_by_name_and_insists_in_the_end(supervisor):
    worker = supervisor.start(program("worker", SLEEPS))
    read, write = os.pipe()
    stubborn = supervisor.start(
        program("web", f"import os; os.write({write}, b'1');" + STUBBORN, pass_fds=(write,), grace=0.3)
    )
    os.read(read, 1)
    os.close(read)
    os.close(write)
    time.sleep(0.1)  # until it ignores the signal: the pipe was written just before
    supervisor.stop("web")
    assert stubborn.process.returncode == -signal.SIGKILL
    assert worker.process.poll() is None
    supervisor.stop()
    assert worker.process.returncode == -signal.SIGTERM
    assert supervisor.children == []


def test_a_rolling_restart_keeps_the_old_one_until_the_new_one_serves(supervisor):
    old = supervisor.start_and_wait(program("web", SERVES, ready_option="--ready"))
    supervisor._restart_in_turn()
    assert old.process.returncode == -signal.SIGTERM
    assert [child.process.poll() for child in supervisor.children] == [None]

    failing = supervisor.start(program("worker", SLEEPS, ready_option="--never"))
    object.__setattr__(failing.program, "arguments", (sys.executable, "-c", ENDS))
    supervisor._restart_in_turn()
    assert failing.process.poll() is None
    assert "the old one goes on" in supervisor.said[-1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent ended")
def test_children_do_not_outlive_a_killed_parent(tmp_path):
    child = "import os, sys; sys.path.insert(0, '.'); from app.kit.supervisor import die_with_parent;"
    child += "die_with_parent(os.getppid()); print(os.getpid(), flush=True); import time; time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    started = subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pid = int(started.stdout.readline())
    started.kill()
    started.wait()
    # The pipe closes when the last process that holds it is gone.
    assert started.stdout.read() == ""
    started.stdout.close()
    assert not is_program(pid, b"python")
