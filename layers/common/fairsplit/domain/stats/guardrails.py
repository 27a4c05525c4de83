"""Guardrails: whether a treatment is worse than the control by no more than a margin."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fairsplit.domain.stats.contrast import Contrast
from fairsplit.domain.stats.difference import degrees_of_freedom
from fairsplit.domain.stats.lift import fieller
from fairsplit.domain.stats.yardsticks import Yardstick


@dataclass(frozen=True, slots=True)
class Guardrail:
    """The verdict. `p_value` is one-sided, of no loss beyond the margin; `bound` is the worst lift that is plausible.

    `pass`: the loss is below the margin, shown at α/2. `fail`: it is above, shown at α/2. `undecided`: neither is.
    """

    status: str
    p_value: float
    bound: float | None


def guardrail(found: Contrast, yardstick: Yardstick, *, margin: float, direction: str) -> Guardrail | None:
    """Non-inferiority against the control shifted by the margin, one-sided at α/2.

    `margin` is a share of the control's size, `direction` the better one: increase or decrease. For an increase
    t = (b̄ − (1−M)·ā)/√(Vb + (1−M)²·Va − 2(1−M)·Cab), with a numerator d + M·|ā|; for a decrease mirrored. The bound is
    Fieller's with the same quantile, so it lies within the margin just when the status is `pass`.

    Returns None where there are too few units, nothing varies, or the control's mean is 0.
    """
    va, vb = found.control_variance, found.treatment_variance
    if not found.control or not found.variance or found.difference is None or va is None or vb is None:
        return None
    worse = -1.0 if direction == "increase" else 1.0
    scale = 1 + worse * math.copysign(margin, found.control)
    variance = vb + scale * scale * va - 2 * scale * found.covariance
    if variance <= 0:
        return None
    (part, df), other = found.spreads
    freedom = degrees_of_freedom(((part * scale * scale, df), other))
    critical = yardstick.critical(freedom)
    t = (margin * abs(found.control) - worse * found.difference) / math.sqrt(variance)
    status = "pass" if t > critical else "fail" if t < -critical else "undecided"
    bounds = fieller(found, critical)
    bound = (bounds[0] if worse < 0 else bounds[1]) if bounds else None
    return Guardrail(status, yardstick.one_sided(t, freedom), bound)
