"""What was measured beside what has to be reached: on the screen, and in BENCHMARKS.md."""

from __future__ import annotations

import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

# In a pipe or a log nobody wraps for a narrow screen.
OUT = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
PAGE = Path(__file__).resolve().parents[2] / "BENCHMARKS.md"
BEGIN, END = "<!-- results: written by `make bench` -->", "<!-- end of results -->"


class Measure(msgspec.Struct, kw_only=True):
    """One row. ``value`` is a ratio inside this run, or a size in ``unit``; None: not measured, ``note`` says why."""

    group: str
    name: str
    value: float | None
    bar: float | None = None
    aim: float | None = None
    more_is_better: bool = False
    unit: str = ""
    note: str = ""

    @property
    def verdict(self) -> str:
        """Aim reached, bar reached, missed, or nothing to compare with."""
        if self.value is None:
            return "not measured"
        if self.bar is None:
            return ""
        if self.aim is not None and self._reaches(self.aim):
            return "aim reached"
        return "bar reached" if self._reaches(self.bar) else "MISSED"

    def _reaches(self, mark: float) -> bool:
        assert self.value is not None
        return self.value >= mark if self.more_is_better else self.value <= mark

    @property
    def cells(self) -> tuple[str, str, str, str, str, str]:
        """The row as text."""
        sign = ">=" if self.more_is_better else "<="

        def mark(value: float | None) -> str:
            return "" if value is None else f"{sign} {value:g}{self._unit}"

        shown = "-" if self.value is None else f"{_round(self.value)}{self._unit}"
        return self.name, shown, mark(self.bar), mark(self.aim), self.verdict, self.note

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""


def _round(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def middle(values: Sequence[float]) -> float | None:
    """The median, or None of nothing."""
    return statistics.median(values) if values else None


def spread(values: Sequence[float]) -> str:
    """What the repeats said, for the note."""
    return f"repeats {', '.join(_round(v) for v in values)}" if len(values) > 1 else ""


def show(measures: Sequence[Measure]) -> None:
    """Print the table."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title, justify in (
        ("measure", "left"),
        ("value", "right"),
        ("bar", "right"),
        ("aim", "right"),
        ("verdict", "left"),
        ("", "left"),
    ):
        table.add_column(title, justify=justify, no_wrap=bool(title))  # type: ignore[arg-type]
    colors = {"aim reached": "green", "bar reached": "green", "MISSED": "red", "not measured": "yellow"}
    group = ""
    for one in measures:
        if one.group != group:
            group = one.group
            table.add_row(f"[bold]{group}")
        name, value, bar, aim, verdict, note = one.cells
        table.add_row(f"  {name}", value, bar, aim, f"[{colors.get(verdict, 'default')}]{verdict}", f"[dim]{note}")
    OUT.print(table)


def machine() -> str:
    """The machine, in a line."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return (
        f"{os.cpu_count()} cores ({model[1].strip() if model else platform.machine()}), "
        f"{int(memory[1]) / 1024**2:.0f} GiB"
        if memory
        else ""
    ) + f", {platform.system()} {platform.release()}, CPython {platform.python_version()}"


def load_now() -> float:
    """The load average of the last minute: a busy machine makes every figure worse, and the ratios noisy."""
    return os.getloadavg()[0]


def write(measures: Sequence[Measure], *, command: str, facts: Sequence[str], seconds: float) -> None:
    """Put the table between the marks of BENCHMARKS.md and leave what people wrote around it."""
    lines = [
        BEGIN,
        "",
        f"`{command}`, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, {seconds / 60:.1f} min. {machine()}.",
        "",
        *(f"- {fact}" for fact in facts),
        "",
        "| | value | bar | aim | verdict | |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    group = ""
    for one in measures:
        if one.group != group:
            group = one.group
            lines.append(f"| **{group}** | | | | | |")
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in one.cells) + " |")
    lines += ["", END]
    text = PAGE.read_text() if PAGE.exists() else _INTRODUCTION
    before, found, rest = text.partition(BEGIN)
    after = rest.partition(END)[2] if found else ""
    PAGE.write_text(before.rstrip() + "\n\n" + "\n".join(lines) + (after or "\n"))


_INTRODUCTION = """# Benchmarks

`make bench` starts the real product (its own embedded PostgreSQL with fsync on, real `orasync web` and `orasync worker`
processes) beside the floors and peers and writes the table below: a short profile of a few minutes, or everything with
`FULL=1`. Believe the ratios: both sides of each are measured in the same run, one after the other and again, and the
median counts. Absolute figures swing twofold on shared machines.

What stands beside what:

- **Push**: one 600-byte event to 1,000 sockets. The floor is a C program that calls send() once a client
  (`tests/bench/native/wsload.c`); the peer is socket.io on Node. The event enters the product's hub where a committed
  event enters it; the sockets are the product's own, behind Litestar, signed in with a connection key.
- **Ingest**: signed Twilio forms of 20 fields over HTTP, answered 200 after the commit. The floor is pgbench on the
  same server, with one statement a commit that writes the same rows to the same tables
  (`tests/bench/floor/message.sql`), as a superuser, so without row level security, with a plan that is made once.
- **Lists**: the product's own queries through its own login; one size against another.

Lifted for the benches, and only there: rate limits (`RATE_LIMITS=false`) and the clinics' undo time (0). The hub's poll
of the log is slowed for the push rows, because their events are not in the log.

"""
