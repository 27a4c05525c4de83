"""Group-sequential tests: a planned number of units, looked at on the way, with the error spent as they come in.

Bounds are by alpha `spending`; a p-value is repeated (Jennison & Turnbull 2000, chapter 9): the least alpha whose bound
is reached. One curve of bounds by alpha gives both, so that they never disagree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

from fairsplit.domain.stats.kernel import normal_quantile, normal_tail
from fairsplit.domain.stats.spending import FARTHEST, spending_bounds

Fractions = tuple[float, ...]
SMALLEST_STEP = 0.01 - 1e-9  # of the planned units: what brings less is no look
NODES_EVERY = 0.1  # of the curve of bounds, by the root of z(1 − α/2): from 0, where α = 1, to 2.8, where it is 5e-15
MOST_NODES = 29
END = ((MOST_NODES - 1) * NODES_EVERY) ** 2
MOST_STEPS = 60  # of the search for a p-value
AROUND = 6  # nodes that one value of the curve goes by


def counted_looks(fractions: Fractions) -> Fractions:
    """The looks that count: none that brings hardly anything more, and none behind the planned end.

    A look that brings less than one percent of the plan is left out, but for one that reaches the end.
    """
    counted: list[float] = []
    for fraction in fractions:
        last = counted[-1] if counted else 0.0
        if last < 1 and (fraction >= last + SMALLEST_STEP or fraction >= 1):
            counted.append(min(1.0, fraction))
    return tuple(counted)


def bounds(fractions: Fractions, alpha: float) -> list[float]:
    """The critical value of |z| at each of the looks that count. 0 < alpha < 1, two-sided."""
    return spending_bounds(counted_looks(fractions), alpha)


@dataclass(frozen=True, slots=True)
class Curve:
    """The bounds of all looks for any alpha: exact at nodes, between them by Lagrange's polynomial.

    It goes by the root of z(1 − α/2), because near α = 1 the bounds do. A node is computed when it is first asked for.
    Where a node has reached the farthest bound the curve is straight, and behind the last node bounds are
    proportional to z(1 − α/2): too large there, never too small.
    """

    fractions: Fractions
    nodes: dict[int, list[float]] = field(default_factory=dict)

    def bound(self, look: int, quantile: float) -> float:
        """The bound of a look, by its number from 0 on, for the alpha with that z(1 − α/2)."""
        if quantile >= END:
            return min(FARTHEST, self._node(MOST_NODES - 1)[look] * quantile / END)
        place = math.sqrt(quantile) / NODES_EVERY
        below = min(math.floor(place), MOST_NODES - 2)
        first = min(max(0, below - AROUND // 2 + 1), MOST_NODES - AROUND)
        around = range(first, first + AROUND)
        if self._node(around[-1])[look] >= FARTHEST:
            around = range(below, below + 2)
        return sum(self._node(number)[look] * _share(place, number, around) for number in around)

    def _node(self, number: int) -> list[float]:
        if number not in self.nodes:
            self.nodes[number] = spending_bounds(self.fractions, 2 * normal_tail((number * NODES_EVERY) ** 2))
        return self.nodes[number]


@lru_cache(maxsize=64)
def curve_of(fractions: Fractions) -> Curve:
    """The curve of looks that count."""
    return Curve(fractions)


def critical_value(fractions: Fractions, look: int, alpha: float) -> float:
    """The critical value of |z| at a look, by its number from 0 on, as the curve of bounds has it.

    The fractions are those of the looks that count.
    """
    return curve_of(fractions).bound(look, normal_quantile(alpha / 2))


def repeated_p(fractions: Fractions, look: int, z: float) -> float:
    """The least alpha whose bound at a look is reached (Jennison & Turnbull 2000, chapter 9), not below 1e-299.

    It is below alpha just when |z| is above `critical_value` at alpha, for both go by one curve.
    """
    curve = curve_of(fractions)
    size = abs(z)
    if size >= FARTHEST:
        return 2 * normal_tail(FARTHEST)
    low, high = 0.0, size  # a bound is never below the quantile that one look would have
    below, above = (curve.bound(look, quantile) - size for quantile in (low, high))
    if below >= 0:  # the bound is not reached even where alpha is 1
        return 1.0
    if above <= 0:
        return 2 * normal_tail(high)
    guess, last = high, 0.0
    for _ in range(MOST_STEPS):  # the Illinois algorithm (Dowell & Jarratt 1971)
        guess = low - below * (high - low) / (above - below)
        gap = curve.bound(look, guess) - size
        if abs(gap) <= 1e-13 * size or not low < guess < high:
            break
        again = gap * last > 0
        if gap > 0:
            high, above, below = guess, gap, below / 2 if again else below
        else:
            low, below, above = guess, gap, above / 2 if again else above
        last = gap
    return min(1.0, 2 * normal_tail(guess))


def _share(place: float, number: int, around: range) -> float:
    """The weight of a node in Lagrange's polynomial."""
    return math.prod((place - other) / (number - other) for other in around if other != number)
