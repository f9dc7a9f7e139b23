"""`python -m tests.bench [--full] [--only ingest,push,...]`: the product beside its floors and peers, in one run.

The exit code says whether everything could be measured, not whether a bar was reached: a busy machine misses bars.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable

from tests.bench import browser, channels, desk, endtoend, fanout, ingest, lists, report, startup, tools, triage
from tests.bench.product import ROOT, Site
from tests.bench.report import OUT, Measure
from tests.bench.seed import make_clinics, make_patients

PARTS = (
    "ingest",
    "hold",
    "unit",
    "push",
    "idle",
    "deaf",
    "endtoend",
    "reply",
    "channels",
    "triage",
    "lists",
    "browser",
    "setup",
)


def main() -> int:
    """Measure, show and write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--full", action="store_true", default=os.environ.get("FULL", "0") not in {"", "0"})
    parser.add_argument("--only", help=f"parts, separated by commas: {', '.join(PARTS)}")
    told = parser.parse_args()
    wanted = told.only.split(",") if told.only else list(PARTS)
    began, load = time.monotonic(), report.load_now()
    if load > (os.cpu_count() or 1):
        OUT.print(f"[yellow]This machine is busy (load {load:.1f}); the figures will be worse than they need be.")
    site = Site(ROOT / "var" / "bench")
    found: list[Measure] = []
    broken: list[str] = []

    def part(name: str, run: Callable[[], list[Measure]]) -> None:
        if name not in wanted:
            return
        OUT.print(f"{name} ...")
        try:
            found.extend(run())
        except Exception as error:  # noqa: BLE001 - one measurement that fails must not lose the others
            broken.append(name)
            found.append(Measure(group="Not measured", name=name, value=None, note=str(error)[:300].replace("\n", " ")))
            traceback.print_exc()

    try:
        site.start()
        site.sql("create database empty template orasync")
        disk = tools.fdatasync_ms(site)
        with site.web() as web:
            fifty, one = make_clinics(web, site, 50, prefix="fifty"), make_clinics(web, site, 1, prefix="one")
            make_patients(site, fifty)
            make_patients(site, one)
            part("ingest", lambda: ingest.measure(site, web, fifty, one, full=told.full))
            part("channels", lambda: channels.measure(site, web, one[0], full=told.full))
            part("hold", lambda: endtoend.measure_hold(site, web, fifty, full=told.full))
        part("unit", lambda: desk.measure_unit(site, fifty, one, full=told.full))
        part("push", lambda: fanout.measure(site, one[0], full=told.full))
        part("idle", lambda: fanout.measure_idle(site, one[0]))
        part("deaf", lambda: fanout.measure_deaf(site, one[0], full=told.full))
        part("endtoend", lambda: endtoend.measure(site, fifty, full=told.full))
        part("reply", lambda: desk.measure_reply(site, fifty[1], full=told.full))
        part("triage", lambda: triage.measure(site, fifty[2], full=told.full))
        part("browser", lambda: browser.measure(site, fifty, full=told.full))
        part("setup", lambda: startup.measure(site, full=told.full))
        part("lists", lambda: lists.measure(site, full=told.full))
    finally:
        site.close()
    seconds = time.monotonic() - began
    report.show(found)
    OUT.print(f"{len(found)} rows in {seconds / 60:.1f} min; missed: {sum(m.verdict == 'MISSED' for m in found)}")
    load_after = report.load_now()
    facts = [
        f"fdatasync {disk:.2f} ms; load average {load:.1f} at the start, {load_after:.1f} at the end (2 cores carry 2)",
        "lifted: rate limits, undo time" + ("" if told.full else "; short profile, `FULL=1 make bench` for all sizes"),
    ]
    if not told.only:
        report.write(found, command=("FULL=1 " if told.full else "") + "make bench", facts=facts, seconds=seconds)
        OUT.print("Written to BENCHMARKS.md")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
