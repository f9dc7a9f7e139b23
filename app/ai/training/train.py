"""`python -m app.ai.training.train`: learn the built-in model from the labelled messages and write its file.

The same messages give the same file, byte for byte. Takes about a minute on one core and needs nothing installed.
"""

from __future__ import annotations

import hashlib
import math
import sys
import zlib
from array import array
from typing import TYPE_CHECKING

import msgspec

from app.ai.adapters.builtin.features import look_at
from app.ai.adapters.builtin.model import (
    FILE,
    FORMAT,
    LARGEST,
    OUTPUTS,
    Header,
    Slope,
    logistic,
    read,
    shipped,
    softmax,
)
from app.ai.labels import INTENTS, NEVER_AUTOMATIC, SENTIMENTS
from app.ai.training import data
from app.ai.training.learning import Sparse, separate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.ai.training.data import Labelled

NAME = "builtin-1"
COST, COST_OF_MOODS = 0.3, 0.1
"""What a message on the wrong side costs, against large weights; chosen by cross-validation."""
FOLDS, CALIBRATION_FOLDS = 5, 3


class Calibration(msgspec.Struct, frozen=True):
    """How scores become shares, learnt on messages that the scoring model has not seen."""

    intent_sharpness: float = 3.0
    sentiment_sharpness: float = 3.0
    urgent: Slope = Slope(3.0, 0.0)
    escalate: Slope = Slope(3.0, 0.0)
    person: Slope = Slope(3.0, 0.0)


def shipped_calibration() -> Calibration:
    """How far to trust scores, as the shipped file has it."""
    header = shipped().header
    return Calibration(*(getattr(header, name) for name in Calibration.__struct_fields__))


def main() -> None:
    """Train on everything and write the file."""
    messages = [*data.written(), *data.dev()]
    say(f"{len(messages)} messages")
    content = learn(messages, calibrate(messages))
    FILE.write_bytes(content)
    say(f"{FILE}: {len(content) / 1000:.0f} kB, {read(content).header.features} features")


def say(line: str) -> None:
    """Tell how far it is, beside what is written to standard output."""
    sys.stderr.write(line + "\n")


def features_of(messages: Sequence[Labelled]) -> list[dict[int, float]]:
    """What the model sees of each message."""
    return [look_at(message.unlabelled()).features for message in messages]


def wanted(message: Labelled, output: str) -> bool:
    """Whether a message is on the wanted side of an output."""
    if output in {"urgent", "escalate"}:
        return bool(getattr(message, output))
    if output == "person":
        return needs_person(message)
    return output in {message.intent, message.sentiment}


def needs_person(message: Labelled) -> bool:
    """Whether a message is one that the software must not answer by itself."""
    return message.escalate or message.intent in NEVER_AUTOMATIC


def folds(messages: Sequence[Labelled], count: int = FOLDS) -> list[list[int]]:
    """Positions of the messages in parts of equal mixture; the same message always lands in the same company."""

    def place(at: int) -> tuple[str, str, bytes]:
        message = messages[at]
        return message.intent, message.sentiment, hashlib.sha256(message.text.encode("utf-8", "replace")).digest()

    order = sorted(range(len(messages)), key=place)
    return [order[start::count] for start in range(count)]


def learn(messages: Sequence[Labelled], calibration: Calibration) -> bytes:
    """The content of a model file learnt from these messages."""
    table = Sparse(features_of(messages))
    columns, scales, offsets = [], [], []
    for output in OUTPUTS:
        cost = COST_OF_MOODS if output in SENTIMENTS else COST
        weights = separate(table.rows, [wanted(message, output) for message in messages], table.width, cost)
        plain = [weight * rarity for weight, rarity in zip(weights, table.rarity, strict=False)]
        scale = max(map(abs, plain), default=0.0) / LARGEST or 1.0
        columns.append([round(weight / scale) for weight in plain])
        scales.append(scale)
        offsets.append(weights[-1])
    rows = list(zip(*columns, strict=True))
    kept = [(key, row) for key, row in zip(table.keys, rows, strict=True) if any(row)]
    keys = array("I", [key for key, _ in kept])
    if sys.byteorder == "big":
        keys.byteswap()
    payload = keys.tobytes() + b"".join(array("b", row).tobytes() for _, row in kept)
    header = Header(
        format=FORMAT,
        name=NAME,
        outputs=OUTPUTS,
        features=len(kept),
        scales=tuple(scales),
        offsets=tuple(offsets),
        intent_sharpness=calibration.intent_sharpness,
        sentiment_sharpness=calibration.sentiment_sharpness,
        urgent=calibration.urgent,
        escalate=calibration.escalate,
        person=calibration.person,
        messages=len(messages),
        trained_on=data.digest(messages),
        weights=hashlib.sha256(payload).hexdigest(),
    )
    return msgspec.json.encode(header) + b"\n" + zlib.compress(payload, 9)


def calibrate(messages: Sequence[Labelled]) -> Calibration:
    """Learn how far scores can be trusted, by cross-validation."""
    scores: list[list[float]] = [[]] * len(messages)
    parts = folds(messages, CALIBRATION_FOLDS)
    for number, part in enumerate(parts, 1):
        say(f"part {number} of {len(parts)}")
        held_back = set(part)
        model = read(learn([m for at, m in enumerate(messages) if at not in held_back], Calibration()))
        for at in part:
            scores[at] = model.scores(look_at(messages[at].unlabelled()).features)
    intents, sentiments = len(INTENTS), len(INTENTS) + len(SENTIMENTS)
    return Calibration(
        intent_sharpness=_sharpness([s[:intents] for s in scores], [INTENTS.index(m.intent) for m in messages]),
        sentiment_sharpness=_sharpness(
            [s[intents:sentiments] for s in scores], [SENTIMENTS.index(m.sentiment) for m in messages]
        ),
        urgent=_slope([s[sentiments] for s in scores], [m.urgent for m in messages]),
        escalate=_slope([s[sentiments + 1] for s in scores], [m.escalate for m in messages]),
        person=_slope([s[sentiments + 2] for s in scores], [needs_person(m) for m in messages]),
    )


def _sharpness(scores: Sequence[Sequence[float]], right: Sequence[int]) -> float:
    """The sharpness under which the right answers were likeliest."""

    def surprise(sharpness: float) -> float:
        return -sum(
            math.log(max(softmax(list(row), sharpness)[at], 1e-9)) for row, at in zip(scores, right, strict=True)
        )

    return _lowest(surprise, 0.5, 12.0)


def _slope(scores: Sequence[float], right: Sequence[bool]) -> Slope:
    """Platt's two numbers, found one after the other."""

    def surprise(scale: float, offset: float) -> float:
        total = 0.0
        for score, is_right in zip(scores, right, strict=True):
            share = logistic(scale * score + offset)
            total -= math.log(max(share if is_right else 1 - share, 1e-9))
        return total

    scale, offset = 3.0, 0.0
    for _ in range(6):
        scale = _lowest(lambda x, at=offset: surprise(x, at), 0.2, 15.0)  # type: ignore[misc]
        offset = _lowest(lambda x, at=scale: surprise(at, x), -6.0, 6.0)  # type: ignore[misc]
    return Slope(round(scale, 4), round(offset, 4))


def _lowest(function: Callable[[float], float], low: float, high: float) -> float:
    """The place of the one lowest point of a function, by thirds."""
    for _ in range(40):
        third = (high - low) / 3
        if function(low + third) < function(high - third):
            high -= third
        else:
            low += third
    return round((low + high) / 2, 4)


if __name__ == "__main__":
    main()
