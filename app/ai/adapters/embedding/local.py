"""The embedder of the extra `local-ai`: multilingual-e5-small beside the built-in one.

Its nearest text is always some text, and of ours nearly all are near each other. So it does not judge alone: half of a
vector is what the built-in embedder sees, half is the model's, and each half has the same length.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from app.ai.adapters.embedding.words import WordEmbedder
from app.ai.adapters.local import WIDTH, embedded_fact

if TYPE_CHECKING:
    from collections.abc import Sequence

HALF = 0.5**0.5
LONGEST = 400
"""Characters of a fact that the model reads: what it is about stands in front, and each token costs a millisecond."""


class LocalEmbedder:
    """Finds texts with the same meaning. One at a time, in a thread: the loop is never blocked."""

    name = f"e5-{WordEmbedder.name}"
    width = WordEmbedder.width + WIDTH

    def __init__(self) -> None:
        self._words = WordEmbedder()

    async def questions(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed what was asked."""
        by_words = await self._words.questions(texts)
        by_model = [await asyncio.to_thread(embedded_fact, text, is_question=True) for text in texts]
        return [_joined(*pair) for pair in zip(by_words, by_model, strict=True)]

    async def passages(self, texts: Sequence[tuple[str, str]]) -> list[list[float]]:
        """Embed titles with their bodies."""
        by_words = await self._words.passages(texts)
        by_model = [
            await asyncio.to_thread(embedded_fact, f"{title}. {body}"[:LONGEST], is_question=False)
            for title, body in texts
        ]
        return [_joined(*pair) for pair in zip(by_words, by_model, strict=True)]

    def worth(self, likeness: float) -> float:
        """Return a likeness on the scale of the built-in embedder: the model's half is about 0.85 for any two texts."""
        return 2 * likeness - 0.85


def _joined(words: Sequence[float], model: Sequence[float]) -> list[float]:
    return [HALF * x for x in (*words, *model)]
