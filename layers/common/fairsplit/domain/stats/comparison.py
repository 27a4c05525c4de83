"""One metric of a treatment against the control: everything that results say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fairsplit.domain.stats.beliefs import Belief, believe
from fairsplit.domain.stats.contrast import Contrast, contrast
from fairsplit.domain.stats.cuped import Adjustment, adjusted
from fairsplit.domain.stats.difference import Difference, difference
from fairsplit.domain.stats.estimates import ESTIMATES, Estimate, interval
from fairsplit.domain.stats.guardrails import Guardrail, guardrail
from fairsplit.domain.stats.kernel import normal_quantile
from fairsplit.domain.stats.lift import Lift, is_told_from_0, lift
from fairsplit.domain.stats.notes import (
    CUPED_NOT_FOR_RATIOS,
    CUPED_NOTHING_BEFORE,
    FEW_CONVERSIONS,
    LIFT_NOT_ESTIMABLE,
    NO_DENOMINATOR,
    NO_SPREAD,
    NO_UNITS,
    TOO_FEW_CONVERSIONS,
    TOO_FEW_UNITS,
    Note,
)
from fairsplit.domain.stats.plan import Plan, PlannedLook
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.stats.small_counts import Exact, exact, too_few
from fairsplit.domain.stats.yardsticks import AnyTime, PlannedLooks, Student, Yardstick


@dataclass(frozen=True, slots=True)
class Comparison:
    """The absolute and the relative difference, and all notes on them; the exact test where counts are small.

    `belief` is there by the Bayesian method alone, `adjustment` where CUPED was used.
    """

    contrast: Contrast
    yardstick: Yardstick
    absolute: Difference
    relative: Lift
    method: str
    exact: Exact | None = None
    belief: Belief | None = None
    adjustment: Adjustment | None = None
    own_notes: tuple[Note, ...] = ()

    @property
    def p_value(self) -> float | None:
        """The one to judge by."""
        return self.exact.p_value if self.exact else self.absolute.p_value

    def guardrail(self, *, margin: float, direction: str) -> Guardrail | None:
        """Whether the treatment loses no more than the margin, see `guardrails`."""
        return guardrail(self.contrast, self.yardstick, margin=margin, direction=direction)

    def with_note(self, note: Note) -> Comparison:
        """The same with one more note."""
        return replace(self, own_notes=(*self.own_notes, note))

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(dict.fromkeys((*self.absolute.notes, *self.relative.notes, *self.own_notes)))


@dataclass(frozen=True, slots=True)
class Description:
    """One variant's estimate with its interval. `variance` is that of one unit's value."""

    mean: float | None
    variance: float | None
    ci: tuple[float, float] | None
    notes: tuple[Note, ...] = ()


def compare(
    control: Sample, treatment: Sample, *, kind: str, plan: Plan, look: PlannedLook | None = None
) -> Comparison:
    """Compare two variants of a metric of that kind, by the plan's method.

    A sequential experiment is at one of its planned looks, or without any may be looked at at any time. Small counts of
    conversions are compared exactly where there is one look; the other methods have no answer to them.
    """
    found, adjustment, notes = _contrast(control, treatment, kind, plan)
    yardstick = _yardstick(found, plan, look)
    if kind == "conversion" and too_few(control, treatment):
        if plan.method != "frequentist":
            return _without_answer(found, yardstick, plan, (*notes, TOO_FEW_CONVERSIONS))
        notes = (*notes, FEW_CONVERSIONS)
    if plan.method == "bayesian":
        return _believed(found, yardstick, plan, adjustment, notes)
    absolute = difference(found, yardstick)
    return Comparison(
        found,
        yardstick,
        absolute,
        lift(found, absolute.critical),
        yardstick.method,
        exact(control, treatment, plan.alpha) if FEW_CONVERSIONS in notes else None,
        adjustment=adjustment,
        own_notes=notes,
    )


def describe(sample: Sample, *, kind: str, alpha: float) -> Description:
    """A variant's own estimate: its mean, or of a ratio the ratio."""
    estimate = ESTIMATES[kind](sample)
    return Description(estimate.value, estimate.unit_variance, interval(estimate, alpha), _notes(estimate))


def _contrast(
    control: Sample, treatment: Sample, kind: str, plan: Plan
) -> tuple[Contrast, Adjustment | None, tuple[Note, ...]]:
    """What is compared; how CUPED adjusted it, or why it did not where the plan asks for it."""
    plain = contrast(ESTIMATES[kind](control), ESTIMATES[kind](treatment))
    if not plan.cuped:
        return plain, None, ()
    if kind == "ratio":
        return plain, None, (CUPED_NOT_FOR_RATIOS,)
    found = adjusted(control, treatment)
    return (*found, ()) if found else (plain, None, (CUPED_NOTHING_BEFORE,) if plain.spreads else ())


def _yardstick(found: Contrast, plan: Plan, look: PlannedLook | None) -> Yardstick:
    if plan.method != "sequential":
        return Student(plan.alpha)
    if look is None:
        return AnyTime(plan.alpha, found.units, plan.expected_units)
    return PlannedLooks(plan.alpha, look.fractions, look.number)


def _without_answer(found: Contrast, yardstick: Yardstick, plan: Plan, notes: tuple[Note, ...]) -> Comparison:
    method = "normal_posterior" if plan.method == "bayesian" else yardstick.method
    absolute = Difference(found.difference, notes=found.notes)
    return Comparison(found, yardstick, absolute, lift(found, None), method, own_notes=notes)


def _believed(
    found: Contrast, yardstick: Yardstick, plan: Plan, adjustment: Adjustment | None, notes: tuple[Note, ...]
) -> Comparison:
    """The posterior; none where the control cannot be told from 0, for then it would be the prior alone."""
    absolute, relative = Difference(found.difference, notes=found.notes), lift(found, None)
    belief = None
    if found.control and not is_told_from_0(found, normal_quantile(plan.alpha / 2)):
        relative = Lift(relative.estimate, notes=(LIFT_NOT_ESTIMABLE,))
    else:
        belief = believe(found, plan.prior)
    if belief:
        absolute = Difference(belief.difference.mean, belief.difference.interval(plan.alpha))
        relative = Lift(belief.lift.mean, belief.lift.interval(plan.alpha))
    elif not (absolute.notes or relative.notes):
        notes = (*notes, NO_SPREAD)
    return Comparison(
        found,
        yardstick,
        absolute,
        relative,
        "normal_posterior",
        belief=belief,
        adjustment=adjustment,
        own_notes=notes,
    )


def _notes(estimate: Estimate) -> tuple[Note, ...]:
    if not estimate.units:
        return (NO_UNITS,)
    if estimate.value is None:
        return (NO_DENOMINATOR,)
    if estimate.unit_variance is None:
        return (TOO_FEW_UNITS,)
    return () if estimate.unit_variance else (NO_SPREAD,)
