"""Conversions so rare, or so common, that Welch's test cannot be trusted: an exact test and a score interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fairsplit.domain.stats.kernel import normal_quantile
from fairsplit.domain.stats.sample import Sample

FEW = 5.0  # expected conversions, or expected failures, of either variant
NOTHING = -800.0  # the logarithm of a share that no float holds
SAME = 1e-7  # relative: tables whose probabilities differ by rounding alone are equally probable


@dataclass(frozen=True, slots=True)
class Exact:
    """The two-sided mid-p of Fisher's exact test, and an interval of the difference treatment − control."""

    p_value: float
    ci: tuple[float, float]
    method: str = "fisher_mid_p"


def exact(control: Sample, treatment: Sample, alpha: float) -> Exact | None:
    """The exact comparison of two conversions; None where counts are large enough without, or there is nothing to tell.

    They are too small where the pooled rate times the units, or its complement times them, is below 5 in any variant.
    Nothing can be told where a variant has no units, or all units of both did the same.
    """
    if not too_few(control, treatment):
        return None
    units, converted = _table(control, treatment)
    return Exact(fisher_mid_p(units, converted), newcombe(units, converted, alpha))


def too_few(control: Sample, treatment: Sample) -> bool:
    """Whether the counts are too small for methods that rely on the normal distribution, and can yet tell something."""
    units, converted = _table(control, treatment)
    return all(units) and sum(converted) not in {0, sum(units)} and expected_least(units, converted) < FEW


def _table(control: Sample, treatment: Sample) -> tuple[tuple[int, int], tuple[int, int]]:
    """The units, and how many of them converted, of both."""
    converted = control.sum // control.scale, treatment.sum // treatment.scale
    return (control.units, treatment.units), converted


def expected_least(units: tuple[int, int], converted: tuple[int, int]) -> float:
    """The smallest expected count of the two-by-two table, were the rates the same."""
    yes, everybody = sum(converted), sum(units)
    return min(yes, everybody - yes) * min(units) / everybody


def fisher_mid_p(units: tuple[int, int], converted: tuple[int, int]) -> float:
    """Two-sided mid-p of Fisher's exact test (Lancaster 1961): all tables less probable, and half of those as probable.

    Tables have the same margins; their hypergeometric probabilities follow one another by their ratio, in logarithms,
    so that none is lost far from the middle. They are followed from the most probable one as far as a float can tell
    them from 0: so many units take no longer than few.
    """
    weights = _log_weights(units, sum(converted))
    mine = weights.get(converted[0])
    if mine is None:
        return 0.0
    less = math.fsum(math.exp(one - mine) for one in weights.values() if one < mine - SAME)
    same = sum(1 for one in weights.values() if abs(one - mine) <= SAME)
    return min(1.0, (less + 0.5 * same) * math.exp(mine) / math.fsum(map(math.exp, weights.values())))


def _log_weights(units: tuple[int, int], yes: int) -> dict[int, float]:
    """By the conversions of the first: how probable a table is beside the most probable one, in logarithms."""
    one, other = units
    lowest, highest = max(0, yes - other), min(yes, one)
    mode = (yes + 1) * (one + 1) // (one + other + 2)
    weights = {mode: 0.0}
    k = mode
    while k < highest and weights[k] > NOTHING:
        ratio = (yes - k) * (one - k) / ((k + 1) * (other - yes + k + 1))
        weights[k + 1] = weights[k] + math.log(ratio)
        k += 1
    k = mode
    while k > lowest and weights[k] > NOTHING:
        ratio = (yes - k + 1) * (one - k + 1) / (k * (other - yes + k))
        weights[k - 1] = weights[k] - math.log(ratio)
        k -= 1
    return weights


def newcombe(units: tuple[int, int], converted: tuple[int, int], alpha: float) -> tuple[float, float]:
    """Hybrid score interval of the difference of two rates (Newcombe 1998, method 10)."""
    (rate_a, low_a, high_a), (rate_b, low_b, high_b) = (
        (k / n, *wilson(n, k, alpha)) for n, k in zip(units, converted, strict=True)
    )
    difference = rate_b - rate_a
    return (
        difference - math.hypot(rate_b - low_b, high_a - rate_a),
        difference + math.hypot(high_b - rate_b, rate_a - low_a),
    )


def wilson(units: int, converted: int, alpha: float) -> tuple[float, float]:
    """Score interval of one rate (Wilson 1927), cut to [0, 1] where rounding leaves it."""
    z = normal_quantile(alpha / 2)
    middle = (converted + z * z / 2) / (units + z * z)
    half = z * math.sqrt(converted * (units - converted) / units + z * z / 4) / (units + z * z)
    low = 0.0 if converted == 0 else max(0.0, middle - half)
    high = 1.0 if converted == units else min(1.0, middle + half)
    return low, high
