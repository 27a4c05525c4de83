"""A variant's estimate: the mean of a unit, or a ratio of two means, with the variance of that estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fairsplit.domain.stats.kernel import t_quantile
from fairsplit.domain.stats.sample import Sample


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimate above/below of `units` units; `unit_variance` is that of one unit, so its own is that over units.

    Numerator and denominator are kept whole, so that a difference of estimates is exact; `below` is 0 where there is
    no estimate, `unit_variance` None where it cannot be computed.
    """

    units: int
    above: int
    below: int
    unit_variance: float | None

    @property
    def value(self) -> float | None:
        """The estimate itself."""
        return self.above / self.below if self.below else None

    def minus(self, other: Estimate) -> float | None:
        """The difference, formed exactly and rounded once; None where either has no estimate."""
        if not self.below or not other.below:
            return None
        return (self.above * other.below - other.above * self.below) / (self.below * other.below)

    @property
    def variance(self) -> float | None:
        """The variance of the estimate itself."""
        return None if self.unit_variance is None or not self.units else self.unit_variance / self.units


def of_mean(sample: Sample) -> Estimate:
    """The mean of a unit's value and the sample variance."""
    return Estimate(sample.units, sample.sum, sample.units * sample.scale, sample.variance)


def of_ratio(sample: Sample) -> Estimate:
    """Σ numerator / Σ denominator, with the variance of the delta method (Deng, Knoblich & Lu 2018, eq. 4).

    The variance of one unit is n²/(n−1) · (Qm − 2R·Smd + R²·Qd) / Sd², with its bracket formed exactly as
    (Qm·Sd² − 2·Sm·Smd·Sd + Sm²·Qd) / Sd²: it is a sum of squares, and never negative.
    """
    n, above, below = sample.units, sample.sum, sample.denominator_sum
    if n < 2 or not below:
        return Estimate(n, above, below if n else 0, None)
    bracket = (
        sample.sum_of_squares * below * below
        - 2 * above * below * sample.cross_product_sum
        + above * above * sample.denominator_sum_of_squares
    )
    return Estimate(n, above, below, n * n * bracket / ((n - 1) * below**4))


ESTIMATES: dict[str, Callable[[Sample], Estimate]] = {
    "conversion": of_mean,
    "count": of_mean,
    "mean": of_mean,
    "ratio": of_ratio,
}


def interval(estimate: Estimate, alpha: float) -> tuple[float, float] | None:
    """Student's interval of one variant's estimate; None below two units, or without variance to judge by."""
    if estimate.value is None or not estimate.variance:
        return None
    half = t_quantile(alpha / 2, estimate.units - 1) * float(estimate.variance**0.5)
    return estimate.value - half, estimate.value + half
