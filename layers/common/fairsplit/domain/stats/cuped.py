"""CUPED: a difference with less noise, by what is known of each unit from before its assignment.

Deng, Xu, Kohavi & Walker (2013), "Improving the Sensitivity of Online Controlled Experiments by Utilizing
Pre-Experiment Data". Every variance is formed from whole numbers with one division at the end, so nothing cancels.
"""

from __future__ import annotations

from dataclasses import dataclass

from fairsplit.domain.stats.contrast import Contrast
from fairsplit.domain.stats.notes import NO_VARIANCE
from fairsplit.domain.stats.sample import Sample


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The coefficient θ, and by which share the variance of the difference fell."""

    theta: float
    variance_reduction: float


@dataclass(frozen=True, slots=True)
class Spread:
    """n·Σ products − Σ·Σ of one or more samples, for y with itself, x with itself and y with x; never rounded."""

    yy: int
    xx: int
    xy: int

    @classmethod
    def of(cls, sample: Sample) -> Spread:
        n = sample.units
        return cls(
            n * sample.sum_of_squares - sample.sum**2,
            n * sample.pre_sum_of_squares - sample.pre_sum**2,
            n * sample.pre_cross_product_sum - sample.sum * sample.pre_sum,
        )

    def residual(self, above: int, below: int) -> int:
        """The same of y − θ·x with θ = above/below, times below²."""
        return self.yy * below * below - 2 * self.xy * above * below + self.xx * above * above


def adjusted(control: Sample, treatment: Sample) -> tuple[Contrast, Adjustment] | None:
    """The contrast of y − θ·(x − x̄), with θ = cov(y, x)/var(x) over both variants and x̄ the mean of both.

    x is the value before the assignment, 0 for a unit that was not there. None where x tells nothing of y (then θ would
    be 0), or a variant has fewer than two units.

    With w the shares of the units, the adjusted estimates are ȳa − θ·wb·(x̄a − x̄b) and ȳb + θ·wa·(x̄a − x̄b). They
    share x̄, hence their covariance. The difference's own variance needs only the residuals: s²a(y − θx)/na +
    s²b(y − θx)/nb.
    """
    if min(control.units, treatment.units) < 2:
        return None
    pooled = Spread.of(control + treatment)
    above, below = pooled.xy, pooled.xx
    if not above:
        return None
    a, b = Spread.of(control), Spread.of(treatment)
    na, nb, both = control.units, treatment.units, control.units + treatment.units
    spreads = tuple((_variance(one.residual(above, below), n, below), n - 1) for one, n in ((a, na), (b, nb)))
    plain = _variance(a.yy, na, 1) + _variance(b.yy, nb, 1)
    theta = above / below
    scale = control.scale
    gap = (control.pre_sum * nb - treatment.pre_sum * na) / (na * nb * scale)  # x̄a − x̄b
    raw = (treatment.sum * na - control.sum * nb) / (na * nb * scale)
    # ȳa − θ·wb·x̄a has the residual variance for a coefficient of θ·wb; likewise ȳb with θ·wa.
    shared_a, shared_b = (_variance(one.xx, n, 1) for one, n in ((a, na), (b, nb)))
    wa, wb = na / both, nb / both
    own_a = _variance(a.residual(above * nb, below * both), na, below * both)
    own_b = _variance(b.residual(above * na, below * both), nb, below * both)
    cross_a, cross_b = (_variance(one.xy, n, 1) for one, n in ((a, na), (b, nb)))
    unit = scale * scale
    variance = (spreads[0][0] + spreads[1][0]) / unit
    found = Contrast(
        units=both,
        control=control.sum / (na * scale) - theta * wb * gap,
        difference=raw + theta * gap,
        control_variance=(own_a + (theta * wb) ** 2 * shared_b) / unit,
        treatment_variance=(own_b + (theta * wa) ** 2 * shared_a) / unit,
        covariance=(
            theta * wa * cross_a
            - theta * theta * wa * wb * shared_a
            + theta * wb * cross_b
            - theta * theta * wa * wb * shared_b
        )
        / unit,
        spreads=tuple((part / unit, df) for part, df in spreads),
        notes=() if variance else (NO_VARIANCE,),
    )
    return found, Adjustment(theta, 1 - variance * unit / plain if plain else 0.0)


def _variance(spread: int, n: int, below: int) -> float:
    """The variance of a mean from its spread, which is over below²."""
    return spread / (n * n * (n - 1) * below * below)
