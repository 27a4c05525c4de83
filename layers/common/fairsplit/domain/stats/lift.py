"""The relative difference, with the interval of Fieller (1954)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fairsplit.domain.stats.estimates import Estimate
from fairsplit.domain.stats.means import Difference
from fairsplit.domain.stats.notes import CONTROL_MEAN_ZERO, LIFT_NOT_ESTIMABLE, Note


@dataclass(frozen=True, slots=True)
class Lift:
    """The difference over the control's size."""

    estimate: float | None
    ci: tuple[float, float] | None = None
    notes: tuple[Note, ...] = ()


def lift(control: Estimate, treatment: Estimate, absolute: Difference) -> Lift:
    """L = d/|ā| with {L : |d − L·ā| ≤ c·√(Vb + (1+L)²Va)}, c being the difference's own quantile.

    So the interval leaves out 0 just when the difference's does. With A = ā² − c²Va, B = ā·d + c²Va,
    C = d² − c²(Va + Vb) and D = B² − AC the bounds are (B ± √D)/A; D is formed as
    c²·(ā²·Vb + (ā + d)²·Va − c²·Va·Vb), where nothing large cancels.
    """
    if control.value is None or absolute.estimate is None:
        return Lift(None)
    if control.value == 0:
        return Lift(None, notes=(CONTROL_MEAN_ZERO,))
    estimate = absolute.estimate / abs(control.value)
    if absolute.critical is None or control.variance is None or treatment.variance is None:
        return Lift(estimate)
    bounds = fieller(control.value, absolute.estimate, control.variance, treatment.variance, absolute.critical)
    return Lift(estimate, bounds) if bounds else Lift(estimate, notes=(LIFT_NOT_ESTIMABLE,))


def fieller(mean: float, delta: float, va: float, vb: float, c: float) -> tuple[float, float] | None:
    """The bounds of delta/|mean|; None where the set is unbounded or has no width."""
    square = c * c
    leading = mean * mean - square * va
    middle = mean * delta + square * va
    inside = mean * mean * vb + (mean + delta) * (mean + delta) * va - square * va * vb
    if leading <= 0 or inside <= 0:
        return None
    root = c * math.sqrt(inside)
    last = delta * delta - square * (va + vb)
    far = middle + math.copysign(root, middle)
    bounds = sorted((far / leading, last / far if far else 0.0))
    return (bounds[0], bounds[1]) if mean > 0 else (-bounds[1], -bounds[0])
