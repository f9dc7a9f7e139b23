"""One parent for several processes: starts them, restarts what dies, stops them in order.

A child is told apart from its replacement by its process, not by its name: during a rolling restart both run. Children
live in sessions of their own, so Ctrl-C reaches only the parent, which then stops them one kind after the other.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
# A child that lived for so long is healthy: its next death starts at the shortest wait again.
_HEALTHY_SECONDS = 30.0
_WAITS = (0.2, 0.5, 1, 2, 5, 10)
_TICK = 0.1


class CannotStartError(Exception):
    """A program kept ending before it was ever ready."""


@dataclass(frozen=True)
class Program:
    """What to run. `ready_option` takes the number of a pipe that the program writes to once it serves."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    pass_fds: tuple[int, ...] = ()
    ready_option: str | None = None
    grace: float = 15.0


@dataclass
class Child:
    """One running process of a program."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    ready_pipe: int | None

    def close(self) -> None:
        """Give the ready pipe back."""
        if self.ready_pipe is not None:
            os.close(self.ready_pipe)
            self.ready_pipe = None


@dataclass
class Supervisor:
    """Runs programs until told to stop. `say` gets what a person should know; `each_tick` looks after anything else."""

    say: Callable[[str], None]
    each_tick: Callable[[], None] = lambda: None
    children: list[Child] = field(default_factory=list)
    _due: list[tuple[float, Program]] = field(default_factory=list)
    _deaths: dict[str, int] = field(default_factory=dict)
    _signals: list[int] = field(default_factory=list)

    def listen_to_signals(self) -> None:
        """SIGTERM and Ctrl-C stop, SIGHUP restarts one after the other; none of them ends the parent midway."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda received, _: self._signals.append(received))

    @property
    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return any(number != signal.SIGHUP for number in self._signals)

    def start(self, program: Program) -> Child:
        """Start one process of the program."""
        arguments = list(program.arguments)
        read_end = write_end = None
        if program.ready_option:
            read_end, write_end = os.pipe()
            arguments += [program.ready_option, str(write_end)]
        passed = (*program.pass_fds, *(() if write_end is None else (write_end,)))
        process = subprocess.Popen(
            arguments, env=dict(program.environment), pass_fds=passed, stdin=subprocess.DEVNULL, start_new_session=True
        )
        if write_end is not None:
            os.close(write_end)
        child = Child(program, process, time.monotonic(), read_end)
        self.children.append(child)
        return child

    def wait_ready(self, child: Child, seconds: float) -> bool:
        """Wait until the child serves. False when it ended, time ran out, or somebody asked to stop."""
        deadline = time.monotonic() + seconds
        while child.ready_pipe is not None and time.monotonic() < deadline and not self.stopping:
            self.each_tick()
            if select.select([child.ready_pipe], [], [], _TICK)[0]:
                said = os.read(child.ready_pipe, 1)
                child.close()
                return bool(said)
        return False

    def start_and_wait(self, program: Program, *, attempts: int = 3, seconds: float = 60) -> Child | None:
        """Start a program that must serve before anything goes on; None when somebody asked to stop meanwhile."""
        for _ in range(attempts):
            child = self.start(program)
            if self.wait_ready(child, seconds) or self.stopping:
                return child
            self._end([child], grace=2)
        raise CannotStartError(f"{program.name} did not start in {attempts} attempts; its last words are above.")

    def run(self) -> None:
        """Look after the children until a signal asks to stop."""
        while not self.stopping:
            if self._signals:
                self._signals.clear()
                self._restart_in_turn()
            self.each_tick()
            self._bury()
            self._revive()
            time.sleep(_TICK)

    def stop(self, *names: str) -> None:
        """Stop the programs of these names, one name after the other; without names all that are left."""
        self._due.clear()
        for name in names or dict.fromkeys(child.program.name for child in self.children):
            ending = [child for child in self.children if child.program.name == name]
            self._end(ending, grace=max((child.program.grace for child in ending), default=0))

    def _bury(self) -> None:
        for child in [child for child in self.children if child.process.poll() is not None]:
            self.children.remove(child)
            child.close()
            name = child.program.name
            if time.monotonic() - child.started > _HEALTHY_SECONDS:
                self._deaths[name] = 0
            wait = _WAITS[min(self._deaths.get(name, 0), len(_WAITS) - 1)]
            self._deaths[name] = self._deaths.get(name, 0) + 1
            self._due.append((time.monotonic() + wait, child.program))
            self.say(f"{name} ended ({_how(child.process.returncode)}); starting it again")

    def _revive(self) -> None:
        for entry in [entry for entry in self._due if entry[0] <= time.monotonic()]:
            self._due.remove(entry)
            self.start(entry[1])

    def _restart_in_turn(self) -> None:
        """Replace each child by a new process; the old one leaves when the new one serves, so nobody is refused."""
        for old in list(self.children):
            self.say(f"restarting {old.program.name}")
            new = self.start(old.program)
            if old.program.ready_option and not self.wait_ready(new, 60):
                self._end([new], grace=2)
                self.say(f"the new {old.program.name} did not become ready; the old one goes on")
                continue
            self._end([old], grace=old.program.grace)

    def _end(self, children: list[Child], *, grace: float) -> None:
        """Ask politely, wait, then insist. A second Ctrl-C insists at once."""
        asked = len(self._signals)
        for child in children:
            with suppress(ProcessLookupError):
                child.process.terminate()
        deadline = time.monotonic() + grace
        while any(child.process.poll() is None for child in children):
            if time.monotonic() > deadline or len(self._signals) > max(asked, 1):
                for child in children:
                    with suppress(ProcessLookupError):
                        child.process.kill()
            time.sleep(0.02)
        for child in children:
            child.close()
            if child in self.children:
                self.children.remove(child)


def _how(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def die_with_parent(parent: int) -> None:
    """Get SIGTERM when the process `parent` ends, however it ends: a killed parent leaves no orphans behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent process is gone")


def tell_ready(pipe: int) -> None:
    """Tell the parent that this process serves."""
    with suppress(OSError):
        os.write(pipe, b"1")
        os.close(pipe)
