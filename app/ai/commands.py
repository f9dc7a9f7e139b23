"""`orasync triage`: messages as JSON lines in, readings as JSON lines out."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

import click
import msgspec

from app.ai.adapters.choosing import available_tiers, choose_classifier
from app.ai.answering import would_answer
from app.ai.labels import Text, Tier, Triage
from app.config import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.ai.adapters.base import Classifier

LONGEST_LINE = 1_000_000
"""Bytes of one line; a message has 15,000 characters at most."""
TELL_EVERY = 100
_MISSING: dict[Tier, str] = {
    "local": "the extra is not installed: pip install 'orasync[local-ai]'",
    "llm": "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set, or providers are simulated",
}


class Line(Text, frozen=True, kw_only=True):
    """A line that comes in. Labels and other fields beside these are left unread."""

    id: str


class Prediction(Triage, frozen=True, kw_only=True):
    """A line that goes out. ``ms``: milliseconds for this message alone."""

    id: str
    auto_reply: bool
    ms: float


@click.command()
@click.option(
    "--tier",
    type=click.Choice(["builtin", "local", "llm"]),
    help="What answers; without it, the best that is installed here.",
)
def triage(tier: Tier | None) -> None:
    """Sort messages: JSON lines on standard input (id, channel, received_at, text), one reading a line out.

    `auto_reply` says whether the assistant would answer by itself with every rule of the clinic on.
    """
    usable = available_tiers(settings())
    if tier is not None and tier not in usable:
        raise click.ClickException(f"The tier {tier!r} is not available: {_MISSING[tier]}.")
    if sys.stdin.isatty():
        click.echo("Reading messages from the keyboard, one JSON object a line; Ctrl-D ends.", err=True)
    asyncio.run(_answer(choose_classifier(settings(), tier or usable[-1])))


async def _answer(classifier: Classifier) -> None:
    out, encode = sys.stdout.buffer, msgspec.json.Encoder().encode
    number = 0
    began = time.monotonic()
    # The first message must not pay for what is loaded once.
    await classifier.classify([Text(channel="sms", text="", received_at=_ANY_DAY)])
    for number, line in enumerate(lines(sys.stdin.buffer), 1):
        out.write(encode(await predict(classifier, line)) + b"\n")
        if number % TELL_EVERY == 0:
            out.flush()
            click.echo(f"{number} messages, {time.monotonic() - began:.1f} s", err=True)
    out.flush()
    click.echo(f"{number} messages read by the tier {classifier.tier!r} in {time.monotonic() - began:.1f} s.", err=True)


_ANY_DAY = datetime(2026, 3, 4, 10, 15)  # noqa: DTZ001 - clinic-local, as in the lines


async def predict(classifier: Classifier, line: Line) -> Prediction:
    """Read one message and put it into the form of the output."""
    began = time.perf_counter()
    (found,) = await classifier.classify([line])
    ms = (time.perf_counter() - began) * 1000
    return Prediction(
        id=line.id,
        auto_reply=would_answer(found),
        ms=round(ms, 3),
        **{name: getattr(found, name) for name in found.__struct_fields__},
    )


def lines(source: BinaryIO) -> Iterator[Line]:
    """The messages of a stream; a line that is not one is named by its number."""
    decode = msgspec.json.Decoder(Line).decode
    for number, raw in enumerate(iter(lambda: source.readline(LONGEST_LINE), b""), 1):
        if not raw.strip():
            continue
        if len(raw) == LONGEST_LINE:
            raise click.ClickException(f"Line {number} is longer than {LONGEST_LINE:,} bytes.")
        try:
            yield decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise click.ClickException(f"Line {number} is not a message: {error}.") from None


COMMANDS = [triage]
