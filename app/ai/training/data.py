"""The labelled messages: `messages/*.jsonl` to learn from, and `dev.jsonl`, the yardstick."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.ai.labels import Intent, Sentiment, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).parent
MESSAGES = FOLDER / "messages"
DEV = FOLDER / "dev.jsonl"


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled message, in the form of the files."""

    id: str
    channel: str
    received_at: datetime
    text: str
    intent: Intent
    alt_intents: tuple[Intent, ...] = ()
    sentiment: Sentiment
    urgent: bool
    escalate: bool
    entities: dict[str, list[str | dict[str, str | None]]] = {}

    def unlabelled(self) -> Text:
        """What a classifier may see."""
        return Text(channel=self.channel, text=self.text, received_at=self.received_at)


def load(*files: Path) -> list[Labelled]:
    """Read messages; a line that is not one is named."""
    decode = msgspec.json.Decoder(Labelled).decode
    found = []
    for file in files:
        for number, line in enumerate(file.read_bytes().splitlines(), 1):
            if line.strip():
                try:
                    found.append(decode(line))
                except msgspec.DecodeError as error:
                    raise ValueError(f"{file.name}, line {number}: {error}") from error
    return found


def written() -> list[Labelled]:
    """The messages written to learn from, without repetitions and without those of the yardstick."""
    seen = {_same(message.text) for message in load(DEV)}
    return list(_once(load(*sorted(MESSAGES.glob("*.jsonl"))), seen))


def dev() -> list[Labelled]:
    """The yardstick."""
    return load(DEV)


def _once(messages: Iterable[Labelled], seen: set[str]) -> Iterable[Labelled]:
    for message in messages:
        same = _same(message.text)
        if same not in seen:
            seen.add(same)
            yield message


def _same(text: str) -> str:
    return " ".join(text.casefold().split())


def digest(messages: Iterable[Labelled]) -> str:
    """SHA-256 of what is learnt from messages."""
    content = msgspec.json.encode([msgspec.to_builtins(message) for message in messages])
    return hashlib.sha256(content).hexdigest()
