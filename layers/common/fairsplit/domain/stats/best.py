"""Which of several independent normal quantities is the greatest, by quadrature in one dimension."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from fairsplit.domain.stats.kernel import normal_density, normal_tail

REACH = 9.0  # standard deviations on either side; what lies farther out holds 1e-19
PANEL = 3.0  # standard deviations of the narrowest that bends there
HALF_RULE = (  # Gauss and Legendre's 16 nodes, of which these are the positive ones, and their weights
    (0.0950125098376374402, 0.1894506104550684963),
    (0.2816035507792589132, 0.1826034150449235889),
    (0.4580167776572273863, 0.1691565193950025382),
    (0.6178762444026437484, 0.1495959888165767321),
    (0.7554044083550030339, 0.1246289712555338720),
    (0.8656312023878317439, 0.0951585116824927848),
    (0.9445750230732325761, 0.0622535239386478929),
    (0.9894009349916499326, 0.0271524594117540949),
)
RULE = tuple((sign * node, weight) for node, weight in HALF_RULE for sign in (-1, 1))


class Candidate(NamedTuple):
    """A normal quantity; sd > 0, and none of those compared may be 1e10 times as wide as another."""

    mean: float
    sd: float


def chances_to_be_greatest(candidates: Sequence[Candidate]) -> list[float]:
    """The chance of each to be the greatest: ∫ φᵢ(x)·Πⱼ Φⱼ(x) dx over all others j, to 1e-10.

    Those out of reach of the one that lies highest have 0.
    """
    highest = max(candidate.mean for candidate in candidates)
    shifted = [Candidate(mean - highest, sd) for mean, sd in candidates]
    low = max(mean - REACH * sd for mean, sd in shifted)
    high = max(mean + REACH * sd for mean, sd in shifted)
    running = [number for number, (mean, sd) in enumerate(shifted) if mean + REACH * sd > low]
    rivals = [shifted[number] for number in running]
    found = [0.0] * len(candidates)
    for start, end in pairwise(_panels(rivals, low, high)):
        half = (end - start) / 2
        for node, weight in RULE:
            densities = _densities(rivals, start, half * (1 + node))
            for number, density in zip(running, densities, strict=True):
                found[number] += half * weight * density
    return found


def _panels(rivals: Sequence[Candidate], low: float, high: float) -> list[float]:
    """Where panels begin and end: each so short that none of the distribution functions bends much within it."""
    ends = [low]
    while ends[-1] < high:
        here = ends[-1]
        ends.append(min(high, *(_next_end(rival, here) for rival in rivals)))
    return ends


def _next_end(rival: Candidate, here: float) -> float:
    """How far a panel that begins here may go for this one: it is flat out of its reach."""
    if here < rival.mean - REACH * rival.sd:
        return rival.mean - REACH * rival.sd
    return here + PANEL * rival.sd if here < rival.mean + REACH * rival.sd else math.inf


def _densities(rivals: Sequence[Candidate], start: float, step: float) -> list[float]:
    """For each of them the density of being the greatest, with that value: start + step.

    The two are added last, so that a narrow one far from 0 loses no digits.
    """
    scores = [((start - mean) + step) / sd for mean, sd in rivals]
    below = [normal_tail(-score) for score in scores]
    before, product = [], 1.0
    for chance in below:
        before.append(product)
        product *= chance
    densities, product = [0.0] * len(rivals), 1.0
    for number in range(len(rivals) - 1, -1, -1):
        densities[number] = normal_density(scores[number]) / rivals[number].sd * before[number] * product
        product *= below[number]
    return densities
