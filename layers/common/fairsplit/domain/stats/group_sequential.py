"""Group-sequential bounds: a planned number of units, looked at on the way, with the error spent as they come in.

Lan & DeMets (1983), "Discrete sequential boundaries for clinical trials", with a spending function of the
O'Brien–Fleming type; the bounds by recursive integration (Armitage, McPherson & Rowe 1969; Jennison & Turnbull 2000,
chapter 19).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from fairsplit.domain.stats.kernel import normal_quantile, normal_tail

Fractions = tuple[float, ...]
SMALLEST_STEP = 0.01 - 1e-9  # of the planned units: what brings less is no look
FARTHEST = 37.0  # the largest bound: beyond it a tail is no number any more
EDGE = 8.5  # standard deviations beyond which the density holds nothing that is ever spent
POINTS_PER_SPREAD = 3.5  # of the integration, for each standard deviation of a step
FEWEST_POINTS = 60
NODES_EVERY = 0.1  # of the curve of bounds, by the root of z(1 − α/2): from 0, where α = 1, to 2.8, where it is 5e-15
MOST_NODES = 29
MOST_STEPS = 60  # of the search for a p-value
AROUND = 6  # nodes that one value of the curve goes by


class Density(NamedTuple):
    """The density of the score where no bound was crossed, at points of its upper half, each with its weight."""

    points: list[float]
    masses: list[float]
    information: float


def spent(fraction: float, alpha: float) -> float:
    """What one side may have spent when that share of the information is in: 2(1 − Φ(z(1−α/4)/√t)); α/2 at the end."""
    return 2 * normal_tail(normal_quantile(alpha / 4) / math.sqrt(fraction))


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
    """The critical value of |z| at each of the looks that count. 0 < alpha < 1, two-sided.

    Between two looks the score S = z·√t moves by a normal step of variance t − t'. By symmetry its upper half will do.
    """
    found: list[float] = []
    density: Density | None = None
    before = 0.0
    counted = counted_looks(fractions)
    for fraction in counted:
        until = spent(fraction, alpha)
        bound = _bound(density, fraction, max(0.0, until - before))
        found.append(bound)
        if fraction < counted[-1]:
            density = _beyond(density, fraction, bound)
        before = until
    return found


@dataclass(frozen=True, slots=True)
class Curve:
    """The bounds of all looks for any alpha: exact at nodes, between them by Lagrange's polynomial.

    It goes by the root of z(1 − α/2), because near α = 1 the bounds do. A node is computed when it is first asked for.
    """

    fractions: Fractions
    nodes: dict[int, list[float]] = field(default_factory=dict)

    def bound(self, look: int, quantile: float) -> float:
        """The bound of a look, by its number from 0 on, for the alpha with that z(1 − α/2)."""
        place = math.sqrt(quantile) / NODES_EVERY
        first = min(max(0, math.floor(place) - AROUND // 2 + 1), MOST_NODES - AROUND)
        around = range(first, first + AROUND)
        total = 0.0
        for number in around:
            share = 1.0
            for other in around:
                if other != number:
                    share *= (place - other) / (number - other)
            total += share * self._node(number)[look]
        return total

    def _node(self, number: int) -> list[float]:
        if number not in self.nodes:
            self.nodes[number] = bounds(self.fractions, 2 * normal_tail((number * NODES_EVERY) ** 2))
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
    """The least alpha whose bound at a look is reached (Jennison & Turnbull 2000, chapter 9), not below 5e-15.

    It is below alpha just when |z| is above `critical_value` at alpha, for both go by one curve.
    """
    curve = curve_of(fractions)
    size, end = abs(z), ((MOST_NODES - 1) * NODES_EVERY) ** 2
    low, high = 0.0, min(size, end)  # a bound is never below the quantile that one look would have
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


def _bound(density: Density | None, fraction: float, to_spend: float) -> float:
    """The z at which the chance to cross on one side is what may be spent, by Newton's method."""
    if to_spend <= normal_tail(FARTHEST):
        return FARTHEST
    if density is None:
        return normal_quantile(to_spend)
    root = math.sqrt(fraction)
    low, high = 0.0, FARTHEST
    z = min(high, normal_quantile(to_spend))
    for _ in range(100):
        chance, slope = _crossing(density, fraction, z * root)
        if chance > to_spend:
            low = z
        else:
            high = z
        if chance <= 0 or slope <= 0:
            step = (low + high) / 2
        else:  # Newton's method on the log of the tail
            step = z + math.log(chance / to_spend) * chance / (slope * root)
        following = step if low < step < high else (low + high) / 2
        if abs(following - z) <= 1e-12:
            return following
        z = following
    return z


def _crossing(density: Density, fraction: float, score: float) -> tuple[float, float]:
    """The chance that the score, having crossed nothing, is above this one now; and its density there."""
    sd = math.sqrt(fraction - density.information)
    chance = slope = 0.0
    for point, mass in zip(density.points, density.masses, strict=True):
        near, far = (score - point) / sd, (score + point) / sd
        chance += mass * (normal_tail(near) + normal_tail(far))
        slope += mass * (math.exp(-0.5 * near * near) + math.exp(-0.5 * far * far))
    return chance, slope / (sd * math.sqrt(2 * math.pi))


def _beyond(density: Density | None, fraction: float, bound: float) -> Density:
    """The density behind a look at which the bound was not crossed."""
    root = math.sqrt(fraction)
    last = 0.0 if density is None else density.information
    sd = math.sqrt(fraction - last)
    points, weights = _grid(min(bound, EDGE) * root, sd)
    if density is None:
        values = [math.exp(-0.5 * (point / sd) ** 2) for point in points]
    else:
        pairs = list(zip(density.points, density.masses, strict=True))
        scale = 0.5 / (sd * sd)
        exp = math.exp
        values = [
            sum(mass * (exp(-scale * (one - other) ** 2) + exp(-scale * (one + other) ** 2)) for other, mass in pairs)
            for one in points
        ]
    constant = 1 / (sd * math.sqrt(2 * math.pi))
    masses = [weight * value * constant for weight, value in zip(weights, values, strict=True)]
    return Density(points, masses, fraction)


def _grid(end: float, sd: float) -> tuple[list[float], list[float]]:
    """Simpson's points and weights from 0 to `end`, dense enough for a kernel of that spread."""
    half = max(FEWEST_POINTS, math.ceil(POINTS_PER_SPREAD * end / sd)) // 2 + 1
    step = end / (2 * half)
    weights = [step / 3 * (2 if number % 2 == 0 else 4) for number in range(2 * half + 1)]
    weights[0] = weights[-1] = step / 3
    return [number * step for number in range(2 * half + 1)], weights
