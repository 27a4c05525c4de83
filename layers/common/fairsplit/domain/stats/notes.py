"""Why a number is missing, or what to know of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """A stable code, and a sentence for people."""

    code: str
    detail: str


TOO_FEW_UNITS = Note("too_few_units", "Each variant needs two units before a difference can be judged.")
NO_UNITS = Note("no_units", "A variant has no units yet.")
NO_VARIANCE = Note("no_variance", "All units of both variants have the same value.")
NO_SPREAD = Note("no_variance", "All units of this variant have the same value: nothing tells how wide an interval is.")
NO_DENOMINATOR = Note("no_denominator", "The denominator of a variant sums to 0.")
LIFT_NOT_ESTIMABLE = Note(
    "lift_not_estimable", "The control's mean cannot be told from 0, so a relative interval has no bounds."
)
FEW_CONVERSIONS = Note(
    "few_conversions", "There are too few conversions for the usual test: the exact one beside it decides."
)
CONTROL_MEAN_ZERO = Note("control_mean_zero", "The control's mean is 0: there is no relative difference.")
TOO_FEW_CONVERSIONS = Note(
    "too_few_conversions",
    "There are too few conversions for this method. The frequentist one has an exact test for them; or wait for more.",
)
CUPED_NOT_FOR_RATIOS = Note(
    "cuped_not_for_ratios", "Ratios are not adjusted by CUPED: this is the unadjusted comparison."
)
CUPED_NOTHING_BEFORE = Note(
    "cuped_no_pre_period",
    "What is known from before the assignments tells nothing of this metric: this is the unadjusted comparison.",
)
