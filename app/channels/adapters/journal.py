"""The simulated provider's memory: JSON lines in daily files under ``var/simulated``, on disk before anybody is told.

One line an act: ``accepted`` (a message was taken, with where to report), ``refused``, ``called`` (a report was
delivered). Several processes append to one file: each line is one write under a file lock. What is here is what the
"provider" knows: it answers look-ups from it, and tests take it as the judge of what was really sent.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from app.kit import clock

KEEP_DAYS = 7
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Journal:
    """The journal in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, *, durable: bool = True, **line: Any) -> None:
        """Write one line and, if it must last, wait until it is on the disk. Blocks for some milliseconds."""
        now = clock.now()
        data = _encode({"at": now.timestamp(), **line}) + b"\n"
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file(now.date()), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            os.write(handle, data)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)

    def read(self, since: dt.datetime) -> Iterator[dict[str, Any]]:
        """Yield the lines written since then, oldest first."""
        for path in self.files(since.date()):
            for line in _whole_lines(path, 0)[0]:
                if line["at"] >= since.timestamp():
                    yield line

    def files(self, since: dt.date) -> list[Path]:
        """Return the files from that day on, oldest first."""
        first = self._file(since).name
        return sorted(path for path in self.folder.glob("journal-*.jsonl") if path.name >= first)

    def tidy(self) -> None:
        """Remove files older than a week."""
        oldest = self._file(clock.now().date() - dt.timedelta(days=KEEP_DAYS)).name
        for path in self.folder.glob("journal-*.jsonl"):
            if path.name < oldest:
                path.unlink(missing_ok=True)

    def _file(self, day: dt.date) -> Path:
        return self.folder / f"journal-{day:%Y-%m-%d}.jsonl"


class Follower:
    """Reads what was appended since it looked last."""

    def __init__(self, journal: Journal, since: dt.datetime) -> None:
        self._journal = journal
        self._since = since
        self._positions: dict[Path, int] = {}

    def read(self) -> list[dict[str, Any]]:
        """Return new whole lines, oldest first."""
        found: list[dict[str, Any]] = []
        for path in self._journal.files(max(self._since, clock.now() - dt.timedelta(days=1)).date()):
            lines, self._positions[path] = _whole_lines(path, self._positions.get(path, 0))
            found += [line for line in lines if line["at"] >= self._since.timestamp()]
        return found


def moment(line: dict[str, Any]) -> dt.datetime:
    """Return when a line was written."""
    return dt.datetime.fromtimestamp(line["at"], dt.UTC)


def _whole_lines(path: Path, position: int) -> tuple[list[dict[str, Any]], int]:
    try:
        with path.open("rb") as handle:
            handle.seek(position)
            data = handle.read()
    except FileNotFoundError:
        return [], 0
    end = data.rfind(b"\n") + 1  # a line being written right now is read at the next look
    return [_decode(line) for line in data[:end].splitlines()], position + end
