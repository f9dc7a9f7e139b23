"""`orasync verify-audit`, `orasync rotate-keys`, `orasync restored`."""

from __future__ import annotations

import asyncio
import sys

import click
from rich.console import Console
from rich.progress import track

from app.events.service import connected
from app.kit import database
from app.kit.crypto import CannotOpenError
from app.ops import upkeep

OUT = Console(highlight=False)


@click.command()
@click.option("--clinic", "slug", help="Only this clinic's; without it, every clinic's.")
def verify_audit(slug: str | None) -> None:
    """Recompute the chains of the activity log and of the event log; exits 1 where one does not hold."""
    verdicts = asyncio.run(_verify(slug))
    for one in verdicts:
        if one.is_whole:
            OUT.print(f"[green]whole [/] {one.slug}: {one.entries} acts, {one.events} events")
            continue
        for what, number in (("activity log", one.bad_entry), ("event log", one.bad_event)):
            if number is not None:
                OUT.print(f"[red]broken[/] {one.slug}: the {what} does not fit from #{number} on")
    if not all(one.is_whole for one in verdicts):
        OUT.print("Somebody changed what can only grow. Compare with a backup before anything else is written.")
        sys.exit(1)


async def _verify(slug: str | None) -> list[upkeep.Verdict]:
    async with connected("verify"):
        clinic_ids = await upkeep.list_clinics()
        if slug is not None:
            clinic_id = await database.fetchval("select find_clinic($1)", slug)
            if clinic_id is None:
                raise click.ClickException(f"There is no clinic {slug!r}.")
            clinic_ids = [clinic_id]
        found = []
        for clinic_id in track(clinic_ids, "Checking", console=OUT, transient=True, disable=not OUT.is_terminal):
            found += [one async for one in upkeep.verify_chains([clinic_id])]
        return found


@click.command()
def rotate_keys() -> None:
    """Wrap every clinic's data key with the first of ENCRYPTION_KEYS. Safe while everything runs, and to repeat."""
    try:
        changed, clinics = asyncio.run(_rotate())
    except CannotOpenError as error:
        raise click.ClickException(f"A clinic's key is {error}. Name that key in ENCRYPTION_KEYS, too.") from error
    OUT.print(f"{changed} of {clinics} clinics changed to the first key. 0 are left on others: those can go now.")


async def _rotate() -> tuple[int, int]:
    async with connected("rotate"):
        return await upkeep.rotate_keys()


@click.command()
def restored() -> None:
    """Say that the database was put back from a backup: before web and worker start again."""
    doubted = asyncio.run(_restored())
    OUT.print("Every clinic's log has a new epoch: open tabs will load their state again.")
    OUT.print(
        f"{doubted} messages that the backup held as waiting are looked up at their providers first; none leaves again."
    )


async def _restored() -> int:
    async with connected("restored"):
        return await upkeep.note_restore()


COMMANDS = [verify_audit, rotate_keys, restored]
