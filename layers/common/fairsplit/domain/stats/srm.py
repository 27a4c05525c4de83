"""Sample ratio mismatch: whether the variants got the shares of units that their weights promise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fairsplit.domain.stats.kernel import chi_square_tail

THRESHOLD = 0.001
CONCENTRATION = 100.0
SMALLEST_SHARE = 1e-12  # of all weights: what has less is expected to get no unit


@dataclass(frozen=True, slots=True)
class RatioMismatch:
    """The split's tests. `flagged` looks once (χ²), `alert` is safe to look at every day; p is None without units."""

    observed: Mapping[str, int]
    expected: Mapping[str, float]
    p_value: float | None
    sequential_p_value: float | None
    flagged: bool
    alert: bool


def ratio_mismatch(units: Mapping[str, int], weights: Mapping[str, float]) -> RatioMismatch:
    """Test the units by variant against the weights by variant (any scale). A unit where the weight is 0 flags.

    A weight below 1e-12 of all counts as 0.
    """
    everything = sum(weights.values())
    live = {key: weight for key, weight in weights.items() if weight > 0 and weight >= SMALLEST_SHARE * everything}
    whole, n = sum(live.values()), sum(units.get(key, 0) for key in live)
    shares = {key: weight / whole for key, weight in live.items()}
    observed = {key: units.get(key, 0) for key in weights}
    expected = {key: n * shares.get(key, 0.0) for key in weights}
    stray = any(observed[key] for key in weights if key not in live)
    if n <= 0 or len(live) < 2 or min(observed.values()) < 0:  # fewer than no units: the sums are damaged
        return RatioMismatch(observed, expected, None, None, stray, False)
    p_value = chi_square_p({key: observed[key] for key in live}, {key: expected[key] for key in live})
    sequential = sequential_p({key: observed[key] for key in live}, shares)
    return RatioMismatch(observed, expected, p_value, sequential, stray or p_value < THRESHOLD, sequential < THRESHOLD)


def chi_square_p(observed: Mapping[str, int], expected: Mapping[str, float]) -> float:
    """Pearson's χ² test of goodness of fit (Pearson 1900)."""
    statistic = math.fsum((observed[key] - expected[key]) ** 2 / expected[key] for key in expected)
    return chi_square_tail(statistic, len(expected) - 1)


def sequential_p(observed: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """The sequential multinomial test (Lindon & Malek 2020, arXiv:2011.03567): p = min(1, 1/BF), safe at every look.

    log BF = lnΓ(k) − lnΓ(k + n) + Σ[lnΓ(kθᵢ + xᵢ) − lnΓ(kθᵢ)] − Σ xᵢ ln θᵢ, with k = 100.
    """
    k, n = CONCENTRATION, sum(observed.values())
    parts = [math.lgamma(k), -math.lgamma(k + n)]
    for key, share in shares.items():
        x = observed[key]
        parts += [math.lgamma(k * share + x), -math.lgamma(k * share), -x * math.log(share)]
    return min(1.0, math.exp(min(0.0, -math.fsum(parts))))
