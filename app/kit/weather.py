"""Bad weather on a dial from 0 to 10: how often simulated providers duplicate, delay, reorder, lose and refuse (N10).

Every decision is drawn from the seed and a key of its own ("callback SM1 delivered"), not from one running sequence: so
a run with the same seed meets the same weather, whatever order things happen in.
"""

from __future__ import annotations

import random
from typing import Literal

import msgspec

Trouble = Literal["duplicate", "delay", "lose", "refuse", "hang", "drop_connection"]

# The chance of each at dial 10. Losing is rarer than the rest: a lost report leaves a message at "sent" for good.
_AT_WORST: dict[Trouble, float] = {
    "duplicate": 0.5,
    "delay": 0.6,
    "lose": 0.15,
    "refuse": 0.2,
    "hang": 0.06,
    "drop_connection": 0.06,
}
LONGEST_DELAY = 12.0
"""Seconds that a delivery can be late at dial 10; others overtake it meanwhile."""


class Weather(msgspec.Struct, frozen=True):
    """The state of the dial; 0 is a fine day."""

    dial: float = 0
    seed: int = 0

    def draw(self, key: str) -> random.Random:
        """Return the random numbers that belong to a key."""
        return random.Random(f"{self.seed}:{key}")  # noqa: S311 - weather, not secrets

    def has(self, trouble: Trouble, key: str) -> bool:
        """Say whether this trouble meets the thing named by the key."""
        return self.dial > 0 and self.draw(f"{trouble}:{key}").random() < _AT_WORST[trouble] * self.dial / 10

    def delay(self, key: str) -> float:
        """Return by how many seconds the thing named by the key is late."""
        if not self.has("delay", key):
            return 0.0
        return self.draw(f"how late:{key}").uniform(0.2, LONGEST_DELAY) * self.dial / 10
