"""The question how many units an experiment needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from fairsplit.domain.errors import Fault
from fairsplit.domain.experiment import Share, Units, Value
from fairsplit.domain.reading_models import raise_all, read_model

Above = Annotated[int | float, Field(gt=0)]


class PowerQuestion(Value):
    """The change to be found, and how surely.

    `baseline` is the control's mean, `variance` that of one unit. `mde` is a fraction of the baseline, or where it is
    absolute has the baseline's own unit; below 0 it is a fall. `expected_units` are what a sequential comparison is
    tuned for. `correlation` is that of a unit's value with its value from before, which CUPED uses.
    """

    kind: Literal["conversion", "count", "mean", "ratio"]
    baseline: int | float
    mde: int | float
    mde_type: Literal["relative", "absolute"] = "relative"
    alpha: Share = 0.05
    power: Share = 0.8
    variants: Annotated[int, Field(ge=2, le=10)] = 2
    variance: Above | None = None
    daily_units: Above | None = None
    method: Literal["frequentist", "sequential"] = "frequentist"
    expected_units: Units = 5_000
    correlation: Annotated[int | float, Field(ge=0, lt=1)] = 0

    @property
    def difference(self) -> float:
        """The change in the baseline's own unit."""
        return float(self.mde) * (abs(float(self.baseline)) if self.mde_type == "relative" else 1.0)


def read_power(body: Mapping[str, Any]) -> PowerQuestion:
    """The question of a client's JSON.

    Raises:
        InvalidError: rules are broken; each has its entry.
    """
    question = read_model(PowerQuestion, body)
    raise_all(list(_broken_rules(question)))
    return question


def _broken_rules(question: PowerQuestion) -> Iterator[Fault]:
    if question.mde == 0:
        yield Fault(("mde",), "out_of_range", "Send the smallest change that matters: above 0, or below 0 for a fall.")
    if question.kind == "conversion":
        yield from _rules_of_conversions(question)
        return
    if question.variance is None:
        message = f"A metric of kind {question.kind} needs the variance of one unit."
        yield Fault(("variance",), "required", message)
    if question.baseline == 0 and question.mde_type == "relative":
        message = "Nothing is relative to 0: send another baseline, or an absolute mde."
        yield Fault(("baseline",), "out_of_range", message)
    if question.kind == "ratio" and question.correlation:
        message = "Ratios are not adjusted by what was before: leave it out."
        yield Fault(("correlation",), "not_for_this_kind", message)


def _rules_of_conversions(question: PowerQuestion) -> Iterator[Fault]:
    baseline = float(question.baseline)
    changed = baseline + question.difference
    if not 0 < baseline < 1:
        yield Fault(
            ("baseline",), "out_of_range", "Send the conversion rate as a fraction between 0 and 1: 0.2 is 20 %."
        )
    elif not 0 < changed < 1:
        kind = "a relative" if question.mde_type == "relative" else "an absolute"
        message = (
            f"With {kind} mde of {question.mde:g} a rate of {baseline:g} becomes {changed:g}; "
            "it has to stay between 0 and 1."
        )
        yield Fault(("mde",), "out_of_range", message)
    if question.variance is not None:
        message = "The variance of a conversion follows from its rate: leave it out."
        yield Fault(("variance",), "not_for_this_kind", message)
