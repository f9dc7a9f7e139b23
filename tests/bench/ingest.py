"""Real Twilio webhooks over HTTP beside pgbench writing the same rows, one commit each (performance.md section 2)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench import tools
from tests.bench.product import HERE, BenchError
from tests.bench.report import OUT, Measure, middle, spread
from tests.bench.seed import CONTACTS, make_patients
from tests.bench.webhooks import Texter

if TYPE_CHECKING:
    from tests.bench.product import Site, Web
    from tests.bench.seed import Clinic

GROUP = "Ingest: signed webhook -> committed -> 200"
BODY = (
    "hello could please move my appointment cleaning tooth pain tomorrow morning friday thanks doctor visit "
    "insurance price"
)
RUNS = ((50, 32), (1, 32), (50, 64))
BARS = {(50, 32): (0.6, 0.8), (1, 32): (2.3, 3.0), (50, 64): (0.9, 1.25)}
WARM_SECONDS = 0.5


class Load:
    """The signed requests for some clinics, each sent once, and the floor's script for the same patients."""

    def __init__(self, site: Site, clinics: list[Clinic], count: int) -> None:
        self.site = site
        self.file = site.folder / f"requests_{len(clinics)}.bin"
        self.used = 0
        Texter(clinics, seed=len(clinics)).write(self.file, count)
        target = make_patients(site, clinics)
        self.script = site.folder / f"floor_{len(clinics)}.sql"
        self.script.write_text((HERE / "floor" / "message.sql").read_text().replace("TARGET", target))

    def send(self, web: Web, connections: int, seconds: float) -> dict[str, Any]:
        """Send for a while."""
        done = tools.requests(web.port, self.file, connections, seconds, skip=self.used)
        self.used += done["requests"]
        return done

    def floor(self, connections: int, seconds: int) -> float:
        """Commits per second of pgbench: PostgreSQL alone, one statement each."""
        return pgbench(self.site, self.script, connections, seconds)


def pgbench(site: Site, script: Path, connections: int, seconds: int) -> float:
    """Run one script and return transactions per second."""
    done = subprocess.run(
        [
            site.program("pgbench"),
            "-h",
            str(site.server.socket_dir),
            "-p",
            "5432",
            "-U",
            "postgres",
            "-n",
            "-M",
            "prepared",
            "-c",
            str(connections),
            "-j",
            "1",
            "-T",
            str(seconds),
            "-D",
            f"contacts={CONTACTS}",
            "-D",
            f"body={BODY}",
            "-D",
            "raw=" + "x" * 760,
            "-f",
            str(script),
            site.server.database,
        ],
        # The best that PostgreSQL can do: without this it plans the statement anew each time, at twice the price.
        env={**tools.path_environment(), "PGOPTIONS": "-c plan_cache_mode=force_generic_plan"},
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise BenchError(f"pgbench: {done.stderr.strip()[-500:]}")
    return float(found[1])


def measure(site: Site, web: Web, fifty: list[Clinic], one: list[Clinic], *, full: bool) -> list[Measure]:
    """All ingest rows; product and floor take turns."""
    repeats, seconds = (5, 4) if full else (2, 2)
    need = 12_000 * (seconds + 1) * repeats // (1 if full else 2)
    loads = {50: Load(site, fifty, 2 * need if full else need), 1: Load(site, one, need)}
    rates: dict[tuple[int, int], list[dict[str, Any]]] = {run: [] for run in RUNS}
    floors: dict[tuple[int, int], list[float]] = {run: [] for run in RUNS}
    for repeat in range(repeats):
        for run in RUNS if repeat % 2 == 0 else RUNS[::-1]:
            clinics, connections = run
            load = loads[clinics]
            load.send(web, connections, WARM_SECONDS)
            cpu = web.cpu_seconds()
            done = load.send(web, connections, seconds)
            done["cpu_us"] = 1e6 * (web.cpu_seconds() - cpu) / done["requests"]
            rates[run].append(done)
            floors[run].append(load.floor(connections, seconds))
            OUT.print(
                f"[dim]  {clinics} clinics, {connections} connections: {done['per_second']:.0f}/s, floor "
                f"{floors[run][-1]:.0f}/s"
            )
    check_logs(site)
    found = []
    for run, (bar, aim) in BARS.items():
        ratios = [done["per_second"] / floor for done, floor in zip(rates[run], floors[run], strict=True)]
        note = (
            f"{middle([d['per_second'] for d in rates[run]]):.0f}/s, p99 "
            f"{middle([d['p99_ms'] for d in rates[run]]):.1f} ms, "
            f"web {middle([d['cpu_us'] for d in rates[run]]):.0f} us CPU each; floor {middle(floors[run]):.0f}/s; "
            f"{spread(ratios)}"
        )
        name = f"requests/s / pgbench, {run[1]} connections, {run[0]} clinic{'s' if run[0] > 1 else ''}"
        found.append(
            Measure(group=GROUP, name=name, value=middle(ratios), bar=bar, aim=aim, more_is_better=True, note=note)
        )
    both = [a["per_second"] / b["per_second"] for a, b in zip(rates[1, 32], rates[50, 32], strict=True)]
    found.append(
        Measure(
            group=GROUP,
            name="1-clinic rate / 50-clinic rate",
            value=middle(both),
            bar=0.85,
            aim=0.95,
            more_is_better=True,
            note=spread(both),
        )
    )
    return found


def check_logs(site: Site) -> None:
    """Whatever the rate: every message has one event, every log is without a gap."""
    rows = site.sql(
        "select (select count(*) from message where direction = 'in') - (select count(*) from event where type = "
        "'message.created'), "
        "(select count(*) from (select clinic_id from event group by 1 having count(*) <> max(seq) or min(seq) <> 1) x)"
    )
    if rows[0] != (0, 0):
        raise BenchError(
            f"The logs are wrong after the load: messages without an event {rows[0][0]}, clinics with a gap "
            f"{rows[0][1]}."
        )
