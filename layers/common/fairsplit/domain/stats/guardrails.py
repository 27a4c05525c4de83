"""Guardrails: whether a treatment is worse than the control by no more than a margin."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from fairsplit.domain.stats.estimates import Estimate
from fairsplit.domain.stats.kernel import t_quantile, t_tail
from fairsplit.domain.stats.lift import fieller
from fairsplit.domain.stats.means import degrees_of_freedom


@dataclass(frozen=True, slots=True)
class Guardrail:
    """The verdict. `p_value` is one-sided, of no loss beyond the margin; `bound` is the worst lift that is plausible.

    `pass`: the loss is below the margin, shown at α/2. `fail`: it is above, shown at α/2. `undecided`: neither is.
    """

    status: str
    p_value: float
    bound: float | None


def guardrail(
    control: Estimate, treatment: Estimate, *, margin: float, direction: str, alpha: float
) -> Guardrail | None:
    """Non-inferiority by Welch's test against the control shifted by the margin, one-sided at α/2.

    `margin` is a share of the control's size, `direction` the better one: increase or decrease. For an increase
    t = (b̄ − (1−M)·ā)/√(Vb + (1−M)²·Va), with a numerator d + M·|ā|; for a decrease mirrored. The bound is Fieller's
    with the same quantile, so it lies within the margin just when the status is `pass`.

    Returns None where there are too few units, nothing varies, or the control's mean is 0.
    """
    delta = treatment.minus(control)
    if not control.value or delta is None or control.variance is None or treatment.variance is None:
        return None
    worse = -1.0 if direction == "increase" else 1.0
    scale = 1 + worse * math.copysign(margin, control.value)
    shifted = replace(control, unit_variance=control.variance * control.units * scale * scale)
    variance = control.variance * scale * scale + treatment.variance
    if variance == 0:
        return None
    df = degrees_of_freedom(shifted, treatment, variance)
    critical = t_quantile(alpha / 2, df)
    t = (margin * abs(control.value) - worse * delta) / math.sqrt(variance)
    status = "pass" if t > critical else "fail" if t < -critical else "undecided"
    bounds = fieller(control.value, delta, control.variance, treatment.variance, critical)
    return Guardrail(status, t_tail(t, df), (bounds[0] if worse < 0 else bounds[1]) if bounds else None)
