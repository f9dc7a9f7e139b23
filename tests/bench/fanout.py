"""One 600-byte event to 1,000 sockets: the product's hub beside C and beside socket.io; deaf sockets; idle sockets."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx

from tests.bench import tools
from tests.bench.product import HERE, BenchError, free_port, stop
from tests.bench.report import OUT, Measure, middle, spread

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.product import Site, Web
    from tests.bench.seed import Clinic

GROUP = "Push: one 600-byte event to 1,000 sockets"
DEAF = "Deaf sockets: 20 of 21 stop reading"
SOCKETS = 1_000
CPU_BARS = (
    ("1 outstanding", "sat:1", 1.6, 1.3),
    ("4 outstanding", "sat:4", 0.9, 0.65),
    ("burst of 16", "sat:16", 0.3, 0.15),
    ("paced, 5 a second", "pace:5", 1.25, 1.1),
)
Run = Callable[[str], dict[str, Any]]


@contextlib.contextmanager
def floor() -> Iterator[Run]:
    """The C floor."""
    port = free_port()
    child = subprocess.Popen([tools.compiled("wsload"), "server", str(port), "600"])
    time.sleep(0.3)
    try:
        yield lambda mode: tools.websockets(port, "/", SOCKETS, mode, f"pid={child.pid}")
    finally:
        child.kill()
        child.wait()


@contextlib.contextmanager
def socket_io(modules: Path) -> Iterator[Run]:
    """The peer."""
    port = free_port()
    child = subprocess.Popen(
        ["node", str(HERE / "peers" / "socketio.js"), str(port)],
        env={**tools.path_environment(), "NODE_PATH": str(modules)},
    )
    time.sleep(1.0)
    try:
        yield lambda mode: tools.websockets(
            port, "/socket.io/?EIO=4&transport=websocket", SOCKETS, mode, f"pid={child.pid}", "sio"
        )
    finally:
        stop(child)


@contextlib.contextmanager
def hub(site: Site, clinic: Clinic) -> Iterator[Web]:
    """The product with the bench's door into the hub; its poll of the log would miss the events pushed here."""
    with site.web(app="tests.bench.fan_app", name="fan", BENCH_CLINIC=str(clinic.id), POLL_SECONDS="3600") as web:
        yield web


def key_file(site: Site, clinics: list[Clinic], name: str = "keys") -> str:
    """The clinics' keys, for the load generator."""
    path = site.folder / name
    path.write_text("".join(f"{clinic.key}\n" for clinic in clinics))
    return str(path)


def measure(site: Site, clinic: Clinic, *, full: bool) -> list[Measure]:
    """The push rows: floor, product and peer take turns."""
    repeats, seconds = (5, 2.0) if full else (2, 1.0)
    keys = key_file(site, [clinic])
    modules = tools.node_modules()
    got: dict[tuple[str, str], list[dict[str, Any]]] = {}
    modes = {name: f"{mode}:{seconds if mode.startswith('sat') else seconds + 1}" for name, mode, _, _ in CPU_BARS}
    for _ in range(repeats):
        with floor() as run:
            for name, mode in modes.items():
                got.setdefault(("floor", name), []).append(run(mode))
        with hub(site, clinic) as web:
            for name, mode in modes.items():
                done = tools.websockets(
                    web.port, "/ws", SOCKETS, mode, f"pid={web.pid}", "ask=/bench/ask", f"keys={keys}"
                )
                if done["disorder"] or done["closed"]:
                    raise BenchError(f"{name}: {done['disorder']} frames out of order, {done['closed']} sockets closed")
                got.setdefault(("product", name), []).append(done)
        if modules:
            with socket_io(modules) as run:
                for name, mode in modes.items():
                    got.setdefault(("socket.io", name), []).append(run(mode))
        OUT.print(
            "[dim]  push: "
            + ", ".join(
                f"{name} {got['product', name][-1]['cpu_us'] / got['floor', name][-1]['cpu_us']:.2f}" for name in modes
            )
        )

    def ratios(field: str, name: str, other: str) -> list[float]:
        return [
            a[field] / b[field]
            for a, b in zip(got["product", name], got.get((other, name), []), strict=False)
            if b[field] > 0
        ]

    found = []
    for name, _, bar, aim in CPU_BARS:
        values = ratios("cpu_us", name, "floor")
        note = f"{middle([d['cpu_us'] for d in got['product', name]]):.2f} us; {spread(values)}"
        found.append(
            Measure(
                group=GROUP,
                name=f"CPU per delivery / C floor, {name}",
                value=middle(values),
                bar=bar,
                aim=aim,
                note=note,
            )
        )
    for field, name, what, bar, aim, more in (
        ("per_second", "4 outstanding", "deliveries/s / socket.io, 4 outstanding", 1.2, 1.5, True),
        ("per_second", "burst of 16", "deliveries/s / socket.io, burst of 16", 5.0, 12.0, True),
        ("p99_ms", "paced, 5 a second", "paced p99 / socket.io", 1.0, 0.75, False),
    ):
        values = ratios(field, name, "socket.io")
        note = spread(values) if modules else "socket.io needs node, npm and the npm registry"
        found.append(
            Measure(group=GROUP, name=what, value=middle(values), bar=bar, aim=aim, more_is_better=more, note=note)
        )
    return found


def measure_idle(site: Site, clinic: Clinic) -> list[Measure]:
    """What 1,000 sockets that do nothing cost in memory."""
    with hub(site, clinic) as web:
        tools.websockets(
            web.port, "/ws", 20, "idle:0.2", f"keys={key_file(site, [clinic])}"
        )  # what the first socket loads stays
        before = web.memory_mb()
        child = tools.start_websockets(web.port, "/ws", SOCKETS, "idle:2", f"keys={key_file(site, [clinic])}")
        time.sleep(1)
        after = web.memory_mb()
        tools.result_of(child)
    return [
        Measure(
            group=GROUP,
            name="memory of 1,000 idle sockets",
            value=after - before,
            bar=40,
            aim=28,
            unit="MB",
            note=f"{before:.0f} -> {after:.0f} MB",
        )
    ]


def measure_deaf(site: Site, clinic: Clinic, *, full: bool) -> list[Measure]:
    """Twenty sockets that stop reading must not be felt by the one that reads on."""
    repeats, seconds = (3, 6) if full else (1, 4)
    keys = key_file(site, [clinic])
    ratios, growth, offered = [], [], []
    for _ in range(repeats):
        with hub(site, clinic) as web:
            run = (web.port, "/ws", 21, f"pace:1500:{seconds}", "ask=/bench/ask", f"keys={keys}")
            tools.websockets(*run)  # warm; the first run grows the process for good
            healthy = tools.websockets(*run)
            before = web.memory_mb()
            with httpx.Client(base_url=web.url, timeout=10) as client:
                start = client.get("/bench/hub").json()
                child = tools.start_websockets(*run, "stall=20")
                time.sleep(seconds + 1)
                after, end = web.memory_mb(), client.get("/bench/hub").json()
                beside = tools.result_of(child)
        left = [at - start["offered"] for at in end["left_at"][len(start["left_at"]) :]]
        if len(left) < 20:
            raise BenchError(f"Only {len(left)} of 20 deaf sockets were dropped.")
        if beside["deliveries"] < beside["asked"]:
            raise BenchError("The healthy socket missed events.")
        ratios.append(beside["p99_ms"] / healthy["p99_ms"])
        growth.append(after - before)
        offered.append(max(left[:20]) / 1e6)
    return [
        Measure(
            group=DEAF,
            name="the healthy one's p99 / none deaf",
            value=middle(ratios),
            bar=2,
            aim=1.2,
            note=spread(ratios),
        ),
        Measure(group=DEAF, name="memory growth of the process", value=middle(growth), bar=5, aim=2, unit="MB"),
        Measure(
            group=DEAF, name="offered before a deaf socket is dropped", value=middle(offered), bar=1, aim=0.5, unit="MB"
        ),
    ]
