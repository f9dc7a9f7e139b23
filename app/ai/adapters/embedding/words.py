"""The built-in embedder: topics, words and pieces of words as a vector. No model, no extra, no network."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING, get_args
from zlib import crc32

from app.ai.adapters.embedding.about import About, about
from app.ai.adapters.embedding.topics import INSURERS, TOPICS
from app.ai.labels import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 512
_SUBJECT, _KIND, _WORD, _PIECE = 2.0, 1.3, 1.0, 0.25
_BODY = 0.3
"""What a word of the body counts beside one of the title: the title says what it is about."""
_PLACES = {name: place for place, name in enumerate([*TOPICS, *INSURERS, *get_args(Service)])}
"""Each topic has a place of its own; words share the rest, by their hash."""
_LISTS = crc32(repr((TOPICS, INSURERS, get_args(Service))).encode())


class WordEmbedder:
    """Finds texts about the same things, also in another of its languages."""

    name = f"words-1-{_LISTS:08x}"
    """With the lists: vectors of other lists say something else."""
    width = WIDTH

    async def questions(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed what was asked."""
        return [_vector(_features(about(text), 1.0)) for text in texts]

    async def passages(self, texts: Sequence[tuple[str, str]]) -> list[list[float]]:
        """Embed titles with their bodies, in a thread: long ones take milliseconds."""
        return await asyncio.to_thread(lambda: [self.passage(title, body) for title, body in texts])

    def passage(self, title: str, body: str) -> list[float]:
        """Embed one of them, in a third of a millisecond."""
        return _vector(chain(_features(about(body), _BODY), _features(about(title), 1.0)))

    def worth(self, likeness: float) -> float:
        """Return a likeness as the scale that scores are on."""
        return likeness


def _features(found: About, weight: float) -> Iterable[tuple[str, float]]:
    for subject in found.subjects:
        yield subject, _SUBJECT * weight
    for kind in found.kinds:
        yield kind, _KIND * weight
    for word in found.words:
        yield f"w {word}", _WORD * weight
        padded = f" {word} "
        for piece in {padded[at : at + 4] for at in range(len(padded) - 3)}:
            yield f"p {piece}", _PIECE * weight


def _vector(features: Iterable[tuple[str, float]]) -> list[float]:
    weights: dict[str, float] = {}
    for name, weight in features:
        weights[name] = max(weight, weights.get(name, 0.0))
    vector = [0.0] * WIDTH
    for name, weight in weights.items():
        if name in _PLACES:
            vector[_PLACES[name]] = weight
        else:
            number = crc32(name.encode("utf-8", "replace"))
            vector[len(_PLACES) + number % (WIDTH - len(_PLACES))] += weight if number & 0x10000 else -weight
    length = sum(x * x for x in vector) ** 0.5
    return [x / length for x in vector] if length else vector
