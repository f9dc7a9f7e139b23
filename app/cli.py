"""The command `orasync`: `up` runs everything under one parent; `web`, `worker` and `migrate` run one part each.

Features add their own commands: a module `commands.py` with a list `COMMANDS`, imported only when one is asked for.
"""

import asyncio
import errno
import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING

import click
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from app.config import PROVIDERS, ConfigError, Settings, reset_settings, settings
from app.features import parts
from app.kit.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from app.kit.supervisor import CannotStartError, Program, Supervisor, die_with_parent, tell_ready

if TYPE_CHECKING:
    import uvicorn

OUT = Console(highlight=False, soft_wrap=True)
DEMO_CLINIC = "clinic-123"
# New connections wait here while the web processes start or restart.
BACKLOG = 2048


class Commands(click.Group):
    """The commands below and every feature's; a feature is imported only when its command is not found here."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Everything, for `--help`."""
        return [*super().list_commands(ctx), *sorted(self._of_features())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command of our own, else a feature's."""
        return super().get_command(ctx, cmd_name) or self._of_features().get(cmd_name)

    @staticmethod
    def _of_features() -> dict[str, click.Command]:
        return {command.name: command for module in parts("commands") for command in module.COMMANDS if command.name}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--parent", type=int, hidden=True, help="End together with this process.")
@click.pass_context
def orasync(ctx: click.Context, parent: int | None) -> None:
    """Orasync, the live front desk for clinics."""
    if parent is not None:
        die_with_parent(parent)
    if ctx.invoked_subcommand not in (*CORE, *WITHOUT_DATABASE) and settings().embedded:
        # A feature's command: whoever has not started Orasync gets the database for as long as the command runs.
        ctx.with_resource(embedded(settings()).running())


def main() -> None:
    """Run a command; what goes wrong in a known way is one sentence, not a traceback."""
    try:
        orasync.main(prog_name="orasync", standalone_mode=True)
    except (ConfigError, EmbeddedPostgresError, CannotStartError) as error:
        sys.exit(f"orasync: {error}")


def embedded(told: Settings) -> EmbeddedPostgres:
    """The embedded server of these settings."""
    return EmbeddedPostgres(told.var_dir / "postgres")


# up


@orasync.command()
@click.option("--demo/--no-demo", default=None, help="Demo clinic and its traffic; on with the embedded database.")
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (PORT); 0 takes a free one.")
@click.option(
    "--web-replicas", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes on one port."
)
def up(demo: bool | None, host: str | None, port: int | None, web_replicas: int) -> None:
    """Start everything: the database if none is configured, migrations, web, worker and the demo."""
    began = time.monotonic()
    told = settings()
    with listening(host or told.host, told.port if port is None else port) as listener:
        os.environ["HOST"], os.environ["PORT"] = listener.getsockname()[0], str(listener.getsockname()[1])
        reset_settings()
        told = settings()
        server = embedded(told) if told.embedded else None
        with alone(told) if server else only_this_process():
            supervisor = Supervisor(
                say=partial(OUT.print, style="yellow"), each_tick=Watch(server) if server else lambda: None
            )
            supervisor.listen_to_signals()
            try:
                if server:
                    server.start()
                    OUT.print(f"[dim]Database ready ({time.monotonic() - began:.1f} s)")
                apply_migrations(told)
                with_demo = told.embedded or told.demo_mode if demo is None else demo
                serve(supervisor, listener, web_replicas, with_demo=with_demo, began=began)
                supervisor.run()
            finally:
                OUT.print("[dim]Stopping ...")
                # The web goes first: it tells the browsers to come back, and nothing new arrives for the worker.
                supervisor.stop("web", "demo traffic", "worker")
                supervisor.stop()
                if server:
                    server.stop()


def serve(supervisor: Supervisor, listener: socket.socket, replicas: int, *, with_demo: bool, began: float) -> None:
    """Start web, worker and demo, and greet once somebody can sign in."""
    demo = demo_clinic() if with_demo and find_spec("app.simulator.commands") else None
    web = Program("web", child("web", "--fd", str(listener.fileno())), os.environ, (listener.fileno(),), "--ready-fd")
    first = supervisor.start_and_wait(web)
    if first is None or supervisor.stopping:
        return
    for _ in range(replicas - 1):
        supervisor.start(web)
    supervisor.start(Program("worker", child("worker"), os.environ))
    sign_in = sign_in_lines(demo) if demo else []
    if sign_in:
        supervisor.start(
            Program("demo traffic", child("simulate", "--clinic", DEMO_CLINIC, "--rate", "0.1"), os.environ)
        )
    greet(settings(), sign_in, time.monotonic() - began)


def child(*arguments: str) -> tuple[str, ...]:
    """The command line of a part of this program that must not outlive us."""
    return (sys.executable, "-m", "app.cli", "--parent", str(os.getpid()), *arguments)


def greet(told: Settings, sign_in: list[str], seconds: float) -> None:
    """Say where to go and what to type, and whether anything reaches real people."""
    lines = [f"[bold]Open [link={told.public_url}]{told.public_url}[/link][/bold]", *sign_in, ""]
    live = [name for name in PROVIDERS if told.is_live(name)]
    lines.append(
        f"Live providers: {', '.join(live)}." if live else "Every provider is simulated: nothing leaves this machine."
    )
    lines.append("[dim]`orasync doctor` says more. Ctrl-C stops everything.")
    OUT.print(
        Panel(
            "\n".join(lines),
            title=f"Orasync is ready ({seconds:.1f} s)",
            expand=False,
            padding=(1, 2),
            border_style="green",
        )
    )


def demo_clinic() -> "subprocess.Popen[str]":
    """Start making the demo clinic, unless it exists; it prints how to sign in."""
    return subprocess.Popen(child("demo"), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)


def sign_in_lines(demo: "subprocess.Popen[str]") -> list[str]:
    """Wait for the demo clinic and return what it printed; without it everything else still works."""
    said = demo.communicate()[0]
    if demo.returncode != 0:
        OUT.print("The demo clinic could not be made; the reason is above", style="red")
        return []
    return said.strip().splitlines()


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The one listening socket; every web process accepts on it, so a restart refuses nobody."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"Port {port} is taken by another program. Stop that one, or choose another port: "
                f"`PORT={port + 1} make run` or `orasync up --port {port + 1}`."
            ) from None
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
    with listener:
        yield listener


@contextmanager
def alone(told: Settings) -> Iterator[None]:
    """Keep two parents from looking after one embedded database; the lock goes with the process."""
    told.var_dir.mkdir(parents=True, exist_ok=True)
    with (told.var_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"Orasync already runs from {told.var_dir} ({holder(lock)}). "
                "Stop it there, or set VAR_DIR to another folder."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
        yield


@contextmanager
def only_this_process() -> Iterator[None]:
    """With a database of one's own, any number of parents may run."""
    yield


def holder(lock: IO[str]) -> str:
    """Who wrote the lock file."""
    lock.seek(0)
    return lock.read().strip() or "another process"


class Watch:
    """Starts the embedded database again when it ends; called several times a second."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self._next_try = 0.0

    def __call__(self) -> None:
        """Look once; a start that fails is tried again after a second."""
        if self.server.pid() is not None or time.monotonic() < self._next_try:
            return
        OUT.print("The database ended; starting it again", style="yellow")
        try:
            self.server.start()
        except EmbeddedPostgresError as error:
            self._next_try = time.monotonic() + 1
            OUT.print(str(error), style="red")


# web, worker, migrate


@orasync.command()
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (PORT).")
@click.option("--fd", type=int, hidden=True, help="Serve on this open socket.")
@click.option("--ready-fd", type=int, hidden=True, help="Write to this pipe once serving.")
def web(host: str | None, port: int | None, fd: int | None, ready_fd: int | None) -> None:
    """Serve pages, API, webhooks and sockets."""
    told = settings()
    need_database(told)
    if fd is not None:
        run_web(told, socket.socket(fileno=fd), ready_fd)
        return
    with listening(host or told.host, told.port if port is None else port) as listener:
        OUT.print(f"Serving on {listener.getsockname()[0]}, port {listener.getsockname()[1]}")
        run_web(told, listener, ready_fd)


def run_web(told: Settings, listener: socket.socket, ready_fd: int | None) -> None:
    """Run uvicorn on the socket until SIGTERM."""
    import uvicorn  # noqa: PLC0415 - the parent of `up` must not load what only its children use

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if ready_fd is not None and self.started:
                tell_ready(ready_fd)

    Server(web_config(told)).run(sockets=[listener])


def web_config(told: Settings) -> "uvicorn.Config":
    """How the web is served; the reasons are in DECISIONS.md."""
    import uvicorn  # noqa: PLC0415 - see run_web

    from app.kit.http_protocol import protocol_class  # noqa: PLC0415 - see run_web

    return uvicorn.Config(
        "app.asgi:create_app",
        factory=True,
        loop="uvloop",
        http=protocol_class(
            header_timeout=told.header_timeout, body_timeout=told.body_timeout, unread_timeout=told.request_timeout
        ),
        ws="app.realtime.protocol:HubProtocol",
        ws_per_message_deflate=False,
        ws_max_size=65536,
        ws_ping_interval=told.ping_seconds,
        ws_ping_timeout=told.pong_seconds,
        backlog=BACKLOG,
        access_log=False,
        server_header=False,
        log_config=None,
        proxy_headers=bool(told.trusted_proxies),
        forwarded_allow_ips=list(told.trusted_proxies),
        timeout_graceful_shutdown=10,
    )


@orasync.command()
def worker() -> None:
    """Run jobs: send messages, react to events, keep the schedules."""
    need_database(settings())
    # By name: the worker is a program beside the app, which uses it and which the app never imports.
    import_module("workers.main").main()


@orasync.command()
def migrate() -> None:
    """Bring the database up to date; safe at any time, also by several processes at once."""
    told = settings()
    if not told.embedded:
        apply_migrations(told)
        return
    with embedded(told).running():
        apply_migrations(told)


def apply_migrations(told: Settings) -> None:
    """Run the migrations and say which."""
    from app.kit.migrate import MigrationError  # noqa: PLC0415 - Piccolo costs 0.2 s, and `web` goes without
    from app.kit.migrate import migrate as run  # noqa: PLC0415

    try:
        applied = asyncio.run(run(told))
    except (MigrationError, OSError) as error:
        raise click.ClickException(f"The database could not be brought up to date: {error}") from None
    OUT.print(f"[dim]Database migrated: {', '.join(applied)}" if applied else "[dim]Database up to date")
    doubted = asyncio.run(_look_for_restore())
    if doubted is not None:
        OUT.print(
            "[yellow]This database was restored or moved since the last start. Open tabs will load their state again; "
            f"{doubted} waiting messages are looked up at their providers before anything is sent."
        )


async def _look_for_restore() -> int | None:
    from app.events.service import connected  # noqa: PLC0415 - `web` goes without
    from app.ops.upkeep import note_restore_if_any  # noqa: PLC0415

    async with connected("migrate"):
        return await note_restore_if_any()


def need_database(told: Settings) -> None:
    """Refuse to start a part whose embedded database nobody runs."""
    if told.embedded and not embedded(told).is_running():
        raise click.ClickException(
            "The embedded database does not run. `orasync up` starts everything; "
            "to run the parts one by one, set DATABASE_URL to a PostgreSQL of your own."
        )


# doctor


@orasync.command()
def doctor() -> None:
    """Check configuration, database, Redis and providers, and say what is simulated and why."""
    from app.kit import checkup  # noqa: PLC0415 - only this command needs Redis and Piccolo

    told = settings()
    findings = asyncio.run(checkup.examine(told))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for finding in findings:
        table.add_row("[green]good" if finding.good else "[red]broken", finding.what, finding.says)
    OUT.print(table)
    OUT.print()
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name in PROVIDERS:
        why = told.simulated_because(name)
        table.add_row(
            "[green]live" if why is None else "[yellow]practice run",
            name.replace("_", " "),
            why or "credentials are set",
        )
    OUT.print(table)
    OUT.print(
        "\nA practice run does everything except call the provider: messages get states, orders get credits, and each "
        "is marked. These are the program's own credentials; a clinic that stored its own uses those."
    )
    if not all(finding.good for finding in findings):
        sys.exit(1)


CORE = tuple(command.name for command in (up, web, worker, migrate, doctor))
WITHOUT_DATABASE = ("triage",)

if __name__ == "__main__":
    main()
