"""Alpha spending: the bounds that spend the error of a test as the planned units come in.

Lan & DeMets (1983), "Discrete sequential boundaries for clinical trials", with a spending function of the
O'Brien–Fleming type; the bounds by recursive integration (Armitage, McPherson & Rowe 1969; Jennison & Turnbull 2000,
chapter 19).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from functools import cache
from typing import NamedTuple

from fairsplit.domain.stats.kernel import normal_quantile, normal_tail

FARTHEST = 37.0  # the largest bound: beyond it a tail is no number any more
EDGE = 10.0  # standard deviations beyond which the density holds nothing that is ever spent
REACH = 8.5  # standard deviations of a step beyond which it carries nothing
FEWEST_POINTS = 20  # of the integration
POINTS_PER_SPREAD = 1.25  # more for each standard deviation of a step
MOST_STEPS = 100  # of the search for a bound; about four will do
MOST_SPREADS = 100.0  # a step still narrower is a last one, and all that crosses comes from near the bound


class Density(NamedTuple):
    """The density of the score where no bound was crossed: the masses at points of its upper half, behind a look."""

    points: list[float]
    masses: list[float]
    information: float
    bound: float


def spent(fraction: float, alpha: float) -> float:
    """What one side may have spent when that share of the information is in: 2(1 − Φ(z(1−α/4)/√t)); α/2 at the end."""
    return 2 * normal_tail(normal_quantile(alpha / 4) / math.sqrt(fraction))


def spending_bounds(fractions: tuple[float, ...], alpha: float) -> list[float]:
    """The critical value of |z| at each look, at rising fractions of at most 1. 0 < alpha < 1, two-sided.

    Between two looks the score S = z·√t moves by a normal step of variance t − t'. By symmetry its upper half will do.
    """
    found: list[float] = []
    density: Density | None = None
    before = 0.0
    for number, fraction in enumerate(fractions):
        until = spent(fraction, alpha)
        bound = _bound(density, fraction, max(0.0, until - before))
        found.append(bound)
        if number + 1 < len(fractions):
            density = _beyond(density, fraction, bound, math.sqrt(fractions[number + 1] - fraction))
        before = until
    return found


def _bound(density: Density | None, fraction: float, to_spend: float) -> float:
    """The z at which the chance to cross on one side is what may be spent, by Newton's method."""
    if to_spend <= normal_tail(FARTHEST):
        return FARTHEST
    if density is None:
        return normal_quantile(to_spend)
    root = math.sqrt(fraction)
    low, high = 0.0, min(FARTHEST, normal_quantile(to_spend))  # where nothing could have crossed before
    z = min(high, density.bound * math.sqrt(density.information / fraction))
    for _ in range(MOST_STEPS):
        chance, slope = _crossing(density, fraction, z * root)
        if chance > to_spend:
            low = z
        else:
            high = z
        is_within = chance > 0 and slope > 0  # not so far out that nothing is left
        following = z + math.log(chance / to_spend) * chance / (slope * root) if is_within else low
        if abs(following - z) <= 1e-8:  # the next step would be rounding: each doubles the digits that are right
            return following
        z = following if low < following < high else (low + high) / 2
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


def _beyond(density: Density | None, fraction: float, bound: float, following_sd: float) -> Density:
    """The density behind a look at which the bound was not crossed, dense enough for the step that follows."""
    sd = math.sqrt(fraction - (0.0 if density is None else density.information))
    points, weights = _grid(min(bound, EDGE) * math.sqrt(fraction), sd, following_sd)
    scale = -0.5 / (sd * sd)
    if density is None:
        values = [math.exp(scale * point * point) for point in points]
    else:
        values = [_carried(density, point, REACH * sd, scale) for point in points]
    constant = 1 / (sd * math.sqrt(2 * math.pi))
    masses = [weight * value * constant for weight, value in zip(weights, values, strict=True)]
    return Density(points, masses, fraction, bound)


def _carried(density: Density, point: float, reach: float, scale: float) -> float:
    """What comes to a point from those within reach, on its own side and from their mirror images."""
    points, masses, exp = density.points, density.masses, math.exp
    near = slice(bisect_left(points, point - reach), bisect_right(points, point + reach))
    mirrored = slice(bisect_right(points, reach - point))
    own = sum(
        mass * exp(scale * (point - other) * (point - other))
        for other, mass in zip(points[near], masses[near], strict=True)
    )
    return own + sum(
        mass * exp(scale * (point + other) * (point + other))
        for other, mass in zip(points[mirrored], masses[mirrored], strict=True)
    )


def _grid(end: float, sd: float, following_sd: float) -> tuple[list[float], list[float]]:
    """Points and weights from 0 to `end`, dense enough for steps of that spread to here and from here."""
    if end <= MOST_SPREADS * following_sd:
        return _panel(0.0, end, min(sd, following_sd))
    edge = end - EDGE * following_sd
    (points, weights), (more_points, more_weights) = _panel(0.0, edge, sd), _panel(edge, end, following_sd)
    return points + more_points, weights + more_weights


def _panel(start: float, end: float, sd: float) -> tuple[list[float], list[float]]:
    """Gauss–Legendre's points and weights, dense enough for a kernel of that spread."""
    half, middle = (end - start) / 2, (start + end) / 2
    nodes, weights = gauss_legendre(8 * math.ceil((FEWEST_POINTS + POINTS_PER_SPREAD * (end - start) / sd) / 8))
    return [middle + half * node for node in nodes], [half * weight for weight in weights]


@cache
def gauss_legendre(size: int) -> tuple[list[float], list[float]]:
    """Nodes, rising, and weights of the quadrature on −1 to 1 (Abramowitz & Stegun 25.4.29), by Newton's method."""
    nodes, weights = [], []
    for number in range(size, 0, -1):
        node = math.cos(math.pi * (number - 0.25) / (size + 0.5))
        for _ in range(100):
            value, slope = _legendre(size, node)
            node -= value / slope
            if abs(value / slope) <= 1e-15:
                break
        slope = _legendre(size, node)[1]
        nodes.append(node)
        weights.append(2 / ((1 - node * node) * slope * slope))
    return nodes, weights


def _legendre(degree: int, x: float) -> tuple[float, float]:
    """Legendre's polynomial of that degree at x, and its derivative."""
    before, value = 1.0, x
    for n in range(2, degree + 1):
        before, value = value, ((2 * n - 1) * x * value - (n - 1) * before) / n
    return value, degree * (x * value - before) / (x * x - 1)
