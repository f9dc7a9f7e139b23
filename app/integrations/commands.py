"""`orasync key create`."""

from __future__ import annotations

import asyncio

import click
from rich.console import Console

from app.events.service import connected
from app.integrations import service
from app.integrations.schemas import KeyDraft, NewKey
from app.kit import database
from app.kit.principal import SCOPES, system

OUT = Console(highlight=False, stderr=True)


class Scopes(click.ParamType):
    """Scopes with commas or blanks between them."""

    name = "scopes"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """Refuse what is no scope and say which there are."""
        scopes = value.replace(",", " ").split()
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or not scopes:
            self.fail(f"{' '.join(unknown) or 'Nothing'} is no scope. There are: {' '.join(SCOPES)}", param, ctx)
        return scopes


@click.group()
def key() -> None:
    """Connection keys, for programs that read or write a clinic's data."""


@key.command()
@click.option("--clinic", "slug", required=True, help="The clinic's short name, such as clinic-123.")
@click.option("--name", required=True, help="What the key is for; shown in Settings, Connection keys.")
@click.option("--scopes", multiple=True, required=True, type=Scopes(), help=f"Any of: {', '.join(SCOPES)}.")
@click.argument("more", nargs=-1, type=Scopes(), metavar="[SCOPE]...")
def create(slug: str, name: str, scopes: tuple[list[str], ...], more: tuple[list[str], ...]) -> None:
    """Make a key and print it. It is shown this once."""
    if not 1 <= len(name.strip()) <= 120:
        raise click.BadParameter("A name has 1 to 120 characters.", param_hint="--name")
    made = asyncio.run(_create(slug, name, [scope for group in (*scopes, *more) for scope in group]))
    OUT.print(f"[green]Key {made.name!r} for {slug}[/], scopes {', '.join(made.scopes)}. It is not shown again:")
    click.echo(made.key)
    OUT.print(f"[dim]Send it as `Authorization: Bearer`, or as `x-api-key` beside `x-client-code: {made.client_code}`.")


async def _create(slug: str, name: str, scopes: list[str]) -> NewKey:
    async with connected("key"):
        clinic_id = await database.fetchval("select find_clinic($1)", slug)
        if clinic_id is None:
            raise click.ClickException(f"There is no clinic {slug!r}.")
        return await service.create_key(system(clinic_id, "Command line"), KeyDraft(name, scopes))  # type: ignore[arg-type]


COMMANDS = [key]
