"""What a tier of triage offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ai.labels import Text, Tier, Triage


DISPUTED = 0.6
"""Confidence where the tiers differ: too little for the gate, so that no tier alone has anything sent."""


class Classifier(Protocol):
    """Reads messages. It answers for every text that it is given, in their order, or raises; it keeps nothing."""

    tier: Tier

    async def classify(self, texts: Sequence[Text]) -> list[Triage]:
        """Read some messages."""
        ...
