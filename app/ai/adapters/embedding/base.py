"""The port: what a text means, as a unit vector, so that the same in other words and languages is near it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Embedder(Protocol):
    """Turns texts into unit vectors. Questions and what may answer them are told apart: some models want to know."""

    name: str
    """With a version: vectors of two names cannot be compared."""
    width: int
    """Numbers in a vector."""

    async def questions(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed what was asked."""
        ...

    async def passages(self, texts: Sequence[tuple[str, str]]) -> list[list[float]]:
        """Embed titles with their bodies."""
        ...

    def worth(self, likeness: float) -> float:
        """Return what a likeness (the product of two vectors) says on the scale that all embedders share, 0 to 1."""
        ...
