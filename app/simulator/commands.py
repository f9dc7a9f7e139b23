"""`orasync simulate` and `orasync demo`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from app.channels.service import SimulatedAdapter, WeatherStation, list_channels, load_channel, simulated_folder
from app.config import settings
from app.events.service import connected
from app.kit import database
from app.kit.weather import Weather
from app.simulator import seed as demo_clinic
from app.simulator.people import make_person
from app.simulator.traffic import Counts, Traffic

OUT = Console(highlight=False)
SPEAKS = {"sms", "whatsapp", "email"}
REGULARS = 40


@click.command()
@click.option("--clinic", "slug", required=True, help="The clinic's short name, such as clinic-123.")
@click.option("--rate", type=click.FloatRange(0.001, 2000), default=5, show_default=True, help="Messages a second.")
@click.option(
    "--weather",
    type=click.FloatRange(0, 10),
    default=0,
    show_default=True,
    help="How badly the simulated providers behave: they duplicate, delay, reorder, lose and refuse.",
)
@click.option("--seconds", type=click.FloatRange(min=0), help="Stop after so many seconds; without it, Ctrl-C stops.")
@click.option("--seed", type=int, help="Repeat a run: same patients, same weather.")
def simulate(slug: str, rate: float, weather: float, seconds: float | None, seed: int | None) -> None:
    """Have made-up patients write to a clinic, signed, through its real webhooks."""
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    try:
        counts = asyncio.run(_simulate(slug, rate, Weather(weather, seed), seconds))
    except KeyboardInterrupt:
        return
    if seconds is not None or OUT.is_terminal:  # beside `orasync up` nobody waits for it
        OUT.print(_summary(counts, seed))


async def _simulate(slug: str, rate: float, weather: Weather, seconds: float | None) -> Counts:
    async with connected("simulate"):
        clinic_id = await database.fetchval("select find_clinic($1)", slug)
        if clinic_id is None:
            raise click.ClickException(f"There is no clinic {slug!r}.")
        channels = [
            channel.id
            for channel in await list_channels(clinic_id)
            if channel.kind in SPEAKS and isinstance((await load_channel(channel.id)).adapter, SimulatedAdapter)
        ]
        if not channels:
            raise click.ClickException(
                f"{slug} has no number connected as a practice run; connect one in Settings, Channels. "
                "Real numbers are left alone."
            )
        regulars = (
            demo_clinic.regulars()
            if slug == demo_clinic.SLUG
            else [make_person(i, weather.seed) for i in range(REGULARS)]
        )
        traffic = Traffic(channels, rate=rate, weather=weather, seed=weather.seed, regulars=regulars)
        station = WeatherStation(simulated_folder())
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        if weather.dial:
            station.set(weather)
        try:
            with Live(console=OUT, auto_refresh=False) if OUT.is_terminal else contextlib.nullcontext() as live:
                running = asyncio.create_task(traffic.run(seconds, stop))
                while not running.done():
                    await asyncio.wait([running], timeout=0.5)
                    if live is not None:
                        live.update(_summary(traffic.counts, weather.seed), refresh=True)
                await running
        finally:
            if weather.dial:
                station.clear()
        return traffic.counts


def _summary(counts: Counts, seed: int) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in (
        ("written", counts.written),
        ("delivered", counts.delivered),
        ("delivered twice", counts.doubled),
        ("came late", counts.late),
        ("answers to staff", counts.answers),
        ("refused", counts.refused),
        ("given up", counts.lost),
    ):
        table.add_row(name, str(value))
    table.add_row("[dim]seed", f"[dim]{seed}")
    return table


@click.command()
def demo() -> None:
    """Make the demo clinic, unless it is there, and say how to sign in."""
    password, known = _password()
    made = asyncio.run(_demo(password))
    if not made and not known:
        password = "the one made with the clinic, in var/demo_password of that machine"  # noqa: S105
    names = ", ".join(email for key, (_, email, _) in demo_clinic.STAFF.items() if key != "you")
    click.echo(f"Sign in as {demo_clinic.OWNER_EMAIL}, password {password}")
    click.echo(f"Colleagues to try beside it: {names} (same password)")


async def _demo(password: str) -> bool:
    async with connected("simulate"):
        return await demo_clinic.seed_demo(password)


def _password() -> tuple[str, bool]:
    """Return the demo's password and whether it was made before; kept so that every start shows the same."""
    path: Path = settings().var_dir / "demo_password"
    if path.exists():
        return path.read_text().strip(), True
    path.parent.mkdir(parents=True, exist_ok=True)
    made = f"smile-{secrets.token_hex(4)}"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(made)
    return made, False


COMMANDS = [simulate, demo]
