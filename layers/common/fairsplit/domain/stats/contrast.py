"""What is compared: the control's estimate and the difference of the treatment from it, with all their variances."""

from __future__ import annotations

from dataclasses import dataclass

from fairsplit.domain.stats.estimates import Estimate
from fairsplit.domain.stats.notes import NO_DENOMINATOR, NO_UNITS, NO_VARIANCE, TOO_FEW_UNITS, Note


@dataclass(frozen=True, slots=True)
class Contrast:
    """A treatment against the control; None where a number cannot be told.

    `control` is the control's estimate ā and `difference` b̄ − ā. `control_variance`, `treatment_variance` and
    `covariance` are those of ā and b̄; the covariance is not 0 where both are adjusted by one coefficient. `spreads`
    are the two independent parts that the difference's variance consists of, with their degrees of freedom.
    """

    units: int
    control: float | None
    difference: float | None
    control_variance: float | None = None
    treatment_variance: float | None = None
    covariance: float = 0.0
    spreads: tuple[tuple[float, int], ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def treatment(self) -> float | None:
        """The treatment's estimate."""
        return None if self.control is None or self.difference is None else self.control + self.difference

    @property
    def variance(self) -> float | None:
        """The difference's variance; None where there are too few units, 0 where nothing varies."""
        return sum(part for part, _ in self.spreads) if self.spreads else None


def contrast(control: Estimate, treatment: Estimate) -> Contrast:
    """Two estimates as they are."""
    units = control.units + treatment.units
    difference = treatment.minus(control)
    if difference is None:
        note = NO_DENOMINATOR if control.units and treatment.units else NO_UNITS
        return Contrast(units, control.value, None, notes=(note,))
    if control.variance is None or treatment.variance is None:
        return Contrast(units, control.value, difference, notes=(TOO_FEW_UNITS,))
    return Contrast(
        units,
        control.value,
        difference,
        control.variance,
        treatment.variance,
        spreads=((control.variance, control.units - 1), (treatment.variance, treatment.units - 1)),
        notes=() if control.variance or treatment.variance else (NO_VARIANCE,),
    )
