"""The shipped model: its file, and what it says of a message, in plain Python.

The file `model.bin` is one line of JSON (what it is, what it was trained on, how its scores become shares), a line
feed, and the packed weights: the numbers of the features, then a signed byte per feature and output.
`app.ai.training.train` writes it.
"""

from __future__ import annotations

import hashlib
import math
import sys
import zlib
from array import array
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from app.ai.labels import INTENTS, SENTIMENTS, Intent, Sentiment

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = Path(__file__).with_name("model.bin")
FORMAT = 2
OUTPUTS: tuple[str, ...] = (*INTENTS, *SENTIMENTS, "urgent", "escalate", "person")
LARGEST = 127  # of a signed byte
_LANE = 6
"""Bytes of a lane: 255 * _FINE * a thousand features of full value stay far below."""
_FINE = 1 << 16
_SHIFTED = bytes((byte + 128) % 256 for byte in range(256))


class ModelError(ValueError):
    """The file is not a model of this program: damaged, or written by another version."""


class Slope(msgspec.Struct, frozen=True):
    """How a score becomes a share: ``1 / (1 + exp(-(scale * score + offset)))``."""

    scale: float
    offset: float


class Header(msgspec.Struct, frozen=True):
    """What the first line of the file says."""

    format: int
    name: str
    outputs: tuple[str, ...]
    features: int
    scales: tuple[float, ...]
    """What one step of a weight is worth, per output."""
    offsets: tuple[float, ...]
    """What a message without any known feature scores, per output."""
    intent_sharpness: float
    sentiment_sharpness: float
    urgent: Slope
    escalate: Slope
    person: Slope
    messages: int
    trained_on: str
    """SHA-256 of the messages it was trained on."""
    weights: str
    """SHA-256 of the packed weights."""


class Shares(NamedTuple):
    """What the model believes of a message: calibrated shares."""

    intent: dict[Intent, float]
    sentiment: dict[Sentiment, float]
    urgent: float
    escalate: float
    person: float
    """That a person must see it: it is escalated, or its wish is one that is never answered automatically."""


class Model:
    """A model that was read. It keeps nothing about what it is asked."""

    def __init__(self, header: Header, keys: array[int], weights: bytes) -> None:
        self.header = header
        # One whole number per feature holds its weights side by side, each in a lane of its own and made positive:
        # adding up a message is then one multiplication a feature instead of one per feature and output.
        lanes = bytearray(_LANE * len(weights))
        lanes[::_LANE] = weights.translate(_SHIFTED)
        size = _LANE * len(OUTPUTS)
        self._rows = {key: int.from_bytes(lanes[at * size : (at + 1) * size], "little") for at, key in enumerate(keys)}

    def shares(self, features: dict[int, float]) -> Shares:
        """Weigh a message's features."""
        return to_shares(self.scores(features), self.header)

    def strangeness(self, words: Sequence[int]) -> float:
        """Share of these features, one a word, that were never seen."""
        rows = self._rows
        return sum(word not in rows for word in words) / len(words) if words else 0.0

    def scores(self, features: dict[int, float]) -> list[float]:
        """One raw score per output."""
        total = shift = 0
        rows = self._rows
        for key, value in features.items():
            row = rows.get(key)
            if row is not None:
                share = int(value * _FINE)
                total += row * share
                shift += share
        lanes = total.to_bytes(_LANE * len(OUTPUTS), "little")
        sums = [
            (int.from_bytes(lanes[at : at + _LANE], "little") - 128 * shift) / _FINE
            for at in range(0, len(lanes), _LANE)
        ]
        header = self.header
        return [sum_ * scale + offset for sum_, scale, offset in zip(sums, header.scales, header.offsets, strict=True)]


def to_shares(scores: list[float], header: Header) -> Shares:
    """Turn raw scores into calibrated shares."""
    intents, sentiments = len(INTENTS), len(INTENTS) + len(SENTIMENTS)
    return Shares(
        dict(zip(INTENTS, softmax(scores[:intents], header.intent_sharpness), strict=True)),
        dict(zip(SENTIMENTS, softmax(scores[intents:sentiments], header.sentiment_sharpness), strict=True)),
        logistic(header.urgent.scale * scores[sentiments] + header.urgent.offset),
        logistic(header.escalate.scale * scores[sentiments + 1] + header.escalate.offset),
        logistic(header.person.scale * scores[sentiments + 2] + header.person.offset),
    )


def softmax(scores: list[float], sharpness: float) -> list[float]:
    """Shares that sum to one."""
    top = max(scores)
    parts = [math.exp(sharpness * (score - top)) for score in scores]
    total = sum(parts)
    return [part / total for part in parts]


def logistic(x: float) -> float:
    """A share between 0 and 1."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, x))))


@cache
def shipped() -> Model:
    """The model in the repository, read once per process."""
    return read(FILE.read_bytes())


def read(content: bytes) -> Model:
    """Read a model file."""
    first, _, packed = content.partition(b"\n")
    try:
        header = msgspec.json.decode(first, type=Header)
        payload = zlib.decompress(packed)
    except (msgspec.DecodeError, zlib.error) as error:
        raise ModelError(f"not a model file: {error}") from error
    if header.format != FORMAT or header.outputs != OUTPUTS:
        raise ModelError(f"a model of another version of this program: format {header.format}")
    size = 4 * header.features
    if hashlib.sha256(payload).hexdigest() != header.weights or len(payload) != size + header.features * len(OUTPUTS):
        raise ModelError("the model file is damaged: its weights are not those that its first line names")
    keys = array("I")
    keys.frombytes(payload[:size])
    if sys.byteorder == "big":
        keys.byteswap()
    return Model(header, keys, payload[size:])
