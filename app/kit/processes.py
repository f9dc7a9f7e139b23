"""Questions about other processes of this machine."""

import os
from contextlib import suppress
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether the number belongs to a process, be it a zombie or somebody else's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_program(pid: int, name: bytes) -> bool:
    """Whether the process lives (a zombie does not) and its program's name holds `name`, if this system tells."""
    if not Path("/proc/self").exists():  # macOS
        return is_alive(pid)
    try:
        return name in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return False


def works_in(folder: Path) -> bool:
    """Whether any process has the folder as its working directory, as all of a server's processes do."""
    for process in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if process.readlink() == folder:
                return True
    return False
