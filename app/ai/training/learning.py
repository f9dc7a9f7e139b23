"""A linear classifier in plain Python: squared-hinge support vectors by dual coordinate descent.

The method is that of LIBLINEAR (Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM", 2008,
algorithm 1). Two thousand messages take seconds, so that no numeric library is needed to train.
"""

from __future__ import annotations

import math
import random
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 8
"""More change nothing that can be measured on held-back messages."""
ENOUGH = 0.02
"""A round whose largest step is smaller than this ends the search."""


class Sparse:
    """Messages as lists of columns and values; what only one message has is left out, a constant column is added."""

    def __init__(self, rows: Sequence[dict[int, float]], at_least: int = 2) -> None:
        count: dict[int, int] = {}
        for row in rows:
            for key in row:
                count[key] = count.get(key, 0) + 1
        self.keys = sorted(key for key, times in count.items() if times >= at_least)
        # What few messages have tells more (inverse document frequency); around 1 for what a handful of them has.
        self.rarity = [(math.log((1 + len(rows)) / (1 + count[key])) + 1) / 4 for key in self.keys]
        self._column = {key: at for at, key in enumerate(self.keys)}
        self.rows = [self.pack(row) for row in rows]

    def pack(self, row: dict[int, float]) -> tuple[list[int], list[float]]:
        """One message's columns and values."""
        column = self._column
        rarity = self.rarity
        known = sorted((at, value * rarity[at]) for key, value in row.items() if (at := column.get(key)) is not None)
        # The last column is the constant that becomes the offset.
        return [at for at, _ in known] + [len(self.keys)], [value for _, value in known] + [1.0]

    @property
    def width(self) -> int:
        """Number of columns with the constant one."""
        return len(self.keys) + 1


def separate(
    rows: Sequence[tuple[list[int], list[float]]], wanted: Sequence[bool], width: int, cost: float
) -> list[float]:
    """The weights that tell the wanted rows from the others; both kinds weigh the same in all."""
    hits = sum(wanted)
    weights = [0.0] * width
    if hits in {0, len(rows)}:
        weights[-1] = 1.0 if hits else -1.0
        return weights
    costs = {True: cost * len(rows) / (2 * hits), False: cost * len(rows) / (2 * (len(rows) - hits))}
    alphas = [0.0] * len(rows)
    slack = [1 / (2 * costs[bool(is_wanted)]) for is_wanted in wanted]
    norms = [sum(map(mul, values, values)) + extra for (_, values), extra in zip(rows, slack, strict=True)]
    order, shuffle = list(range(len(rows))), random.Random(7).shuffle  # noqa: S311 - an order, no secret
    get = weights.__getitem__
    for _ in range(ROUNDS):
        shuffle(order)
        largest = 0.0
        for i in order:
            columns, values = rows[i]
            sign = 1.0 if wanted[i] else -1.0
            slope = sign * sum(map(mul, map(get, columns), values)) - 1 + slack[i] * alphas[i]
            if alphas[i] == 0 and slope >= 0:
                continue
            largest = max(largest, abs(slope))
            new = max(alphas[i] - slope / norms[i], 0.0)
            step = (new - alphas[i]) * sign
            alphas[i] = new
            for column, value in zip(columns, values, strict=True):
                weights[column] += step * value
        if largest < ENOUGH:
            break
    return weights


def score(row: tuple[list[int], list[float]], weights: list[float]) -> float:
    """How far on the wanted side a row lies."""
    return sum(map(mul, map(weights.__getitem__, row[0]), row[1]))
