"""One metric of a treatment against the control: everything that results say of it."""

from __future__ import annotations

from dataclasses import dataclass

from fairsplit.domain.stats.estimates import ESTIMATES, Estimate, interval
from fairsplit.domain.stats.guardrails import Guardrail, guardrail
from fairsplit.domain.stats.lift import Lift, lift
from fairsplit.domain.stats.means import Difference, difference
from fairsplit.domain.stats.notes import (
    FEW_CONVERSIONS,
    NO_DENOMINATOR,
    NO_SPREAD,
    NO_UNITS,
    TOO_FEW_UNITS,
    Note,
)
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.stats.small_counts import Exact, exact


@dataclass(frozen=True, slots=True)
class Comparison:
    """The absolute and the relative difference, and all notes on them; the exact test where counts are small."""

    control: Estimate
    treatment: Estimate
    absolute: Difference
    relative: Lift
    exact: Exact | None = None
    method: str = "welch_t"

    @property
    def p_value(self) -> float | None:
        """The one to judge by."""
        return self.exact.p_value if self.exact else self.absolute.p_value

    def guardrail(self, *, margin: float, direction: str, alpha: float) -> Guardrail | None:
        """Whether the treatment loses no more than the margin, see `guardrails`."""
        return guardrail(self.control, self.treatment, margin=margin, direction=direction, alpha=alpha)

    @property
    def notes(self) -> tuple[Note, ...]:
        few = (FEW_CONVERSIONS,) if self.exact else ()
        return tuple(dict.fromkeys((*self.absolute.notes, *self.relative.notes, *few)))


@dataclass(frozen=True, slots=True)
class Description:
    """One variant's estimate with its interval. `variance` is that of one unit's value."""

    mean: float | None
    variance: float | None
    ci: tuple[float, float] | None
    notes: tuple[Note, ...] = ()


def compare(control: Sample, treatment: Sample, *, kind: str, alpha: float) -> Comparison:
    """Compare two variants by Welch's test, and small counts by an exact one too.

    `kind` is the metric's; 0 < alpha < 1, two-sided.
    """
    one, other = ESTIMATES[kind](control), ESTIMATES[kind](treatment)
    absolute = difference(one, other, alpha)
    return Comparison(
        one,
        other,
        absolute,
        lift(one, other, absolute),
        exact(control, treatment, alpha) if kind == "conversion" else None,
    )


def describe(sample: Sample, *, kind: str, alpha: float) -> Description:
    """A variant's own estimate: its mean, or of a ratio the ratio."""
    estimate = ESTIMATES[kind](sample)
    return Description(estimate.value, estimate.unit_variance, interval(estimate, alpha), _notes(estimate))


def _notes(estimate: Estimate) -> tuple[Note, ...]:
    if not estimate.units:
        return (NO_UNITS,)
    if estimate.value is None:
        return (NO_DENOMINATOR,)
    if estimate.unit_variance is None:
        return (TOO_FEW_UNITS,)
    return () if estimate.unit_variance else (NO_SPREAD,)
