"""The difference of two estimates: Welch's test."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fairsplit.domain.stats.estimates import Estimate
from fairsplit.domain.stats.kernel import t_quantile, t_tail
from fairsplit.domain.stats.notes import NO_DENOMINATOR, NO_UNITS, NO_VARIANCE, TOO_FEW_UNITS, Note


@dataclass(frozen=True, slots=True)
class Difference:
    """treatment − control. `critical` is the quantile that the interval was made with."""

    estimate: float | None
    ci: tuple[float, float] | None = None
    p_value: float | None = None
    statistic: float | None = None
    df: float | None = None
    critical: float | None = None
    notes: tuple[Note, ...] = ()


def difference(control: Estimate, treatment: Estimate, alpha: float) -> Difference:
    """Welch's unequal-variances t-test (Welch 1947; degrees of freedom by Satterthwaite 1946).

    V = Va + Vb, t = d/√V, df = V²/(Va²/(na−1) + Vb²/(nb−1)); the interval is d ± t(1−α/2, df)·√V.
    """
    estimate = treatment.minus(control)
    if estimate is None:
        has_units = control.units and treatment.units
        return Difference(None, notes=(NO_DENOMINATOR if has_units else NO_UNITS,))
    if control.variance is None or treatment.variance is None:
        return Difference(estimate, notes=(TOO_FEW_UNITS,))
    variance = control.variance + treatment.variance
    if variance == 0:
        return Difference(estimate, notes=(NO_VARIANCE,))
    df = degrees_of_freedom(control, treatment, variance)
    error = math.sqrt(variance)
    critical = t_quantile(alpha / 2, df)
    statistic = estimate / error
    return Difference(
        estimate=estimate,
        ci=(estimate - critical * error, estimate + critical * error),
        p_value=2 * t_tail(abs(statistic), df),
        statistic=statistic,
        df=df,
        critical=critical,
    )


def degrees_of_freedom(control: Estimate, treatment: Estimate, variance: float) -> float:
    """Satterthwaite's approximation; an arm without variance leaves the other's n − 1."""
    shares = [(one.variance or 0.0) / variance for one in (control, treatment)]
    weights = [share * share / (one.units - 1) for share, one in zip(shares, (control, treatment), strict=True)]
    return 1 / sum(weights)
