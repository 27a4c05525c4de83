"""The relative difference, with the interval of Fieller (1954)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fairsplit.domain.stats.contrast import Contrast
from fairsplit.domain.stats.notes import CONTROL_MEAN_ZERO, LIFT_NOT_ESTIMABLE, Note


@dataclass(frozen=True, slots=True)
class Lift:
    """The difference over the control's size."""

    estimate: float | None
    ci: tuple[float, float] | None = None
    notes: tuple[Note, ...] = ()


def lift(found: Contrast, critical: float | None) -> Lift:
    """L = d/|ā|, with the interval of `fieller` for the quantile that the difference's own was made with.

    So the interval leaves out 0 just when the difference's does.
    """
    if found.control is None or found.difference is None:
        return Lift(None)
    if found.control == 0:
        return Lift(None, notes=(CONTROL_MEAN_ZERO,))
    estimate = found.difference / abs(found.control)
    if critical is None:
        return Lift(estimate)
    bounds = fieller(found, critical)
    return Lift(estimate, bounds) if bounds else Lift(estimate, notes=(LIFT_NOT_ESTIMABLE,))


def is_told_from_0(found: Contrast, c: float) -> bool:
    """Whether the control is farther from 0 than c standard errors: else a lift can be anything."""
    return found.control is not None and found.control**2 > c * c * (found.control_variance or 0.0)


def fieller(found: Contrast, c: float) -> tuple[float, float] | None:
    """The bounds of {L : |d − L·ā| ≤ c·√(Vb + (1+L)²·Va − 2(1+L)·Cab)}; None where it is unbounded or has no width.

    With A = ā² − c²Va, B = ā·d + c²(Va − Cab), C = d² − c²V and D = B² − AC they are (B ± √D)/A, mirrored for a
    negative ā. D is formed as c²·(ā²·Vb + (ā + d)²·Va − 2·Cab·ā·(ā + d) − c²·(Va·Vb − Cab²)), where nothing large
    cancels.
    """
    mean, delta, variance = found.control, found.difference, found.variance
    va, vb, cab = found.control_variance, found.treatment_variance, found.covariance
    if mean is None or delta is None or variance is None or va is None or vb is None:
        return None
    square = c * c
    leading = mean * mean - square * va
    middle = mean * delta + square * (va - cab)
    other = mean + delta
    inside = mean * mean * vb + other * other * va - 2 * cab * mean * other - square * (va * vb - cab * cab)
    if leading <= 0 or inside <= 0:
        return None
    root = c * math.sqrt(inside)
    last = delta * delta - square * variance
    far = middle + math.copysign(root, middle)
    bounds = sorted((far / leading, last / far if far else 0.0))
    if not all(map(math.isfinite, bounds)):  # c² is beyond any float
        return None
    return (bounds[0], bounds[1]) if mean > 0 else (-bounds[1], -bounds[0])
