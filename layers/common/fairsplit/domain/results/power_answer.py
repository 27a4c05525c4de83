"""How many units an experiment needs, and how many days they take."""

from __future__ import annotations

import math
from typing import Any

from fairsplit.domain.errors import Fault
from fairsplit.domain.reading_models import invalid
from fairsplit.domain.results.power_question import PowerQuestion
from fairsplit.domain.results.progress import MOST_UNITS
from fairsplit.domain.stats.power import at_any_time, of_mean, units_of_control, units_of_conversion, with_cuped

FEWEST = 2  # units of a variant, without which there is no variance
MOST_DAYS = 1e9


def units_planned(question: PowerQuestion) -> dict[str, Any]:
    """The units of each variant, of all, and the days, all rounded up.

    Raises:
        InvalidError: they are more than anybody can plan with.
    """
    needed = _units(question)
    if needed is None or not needed * question.variants <= MOST_UNITS:
        message = f"This takes more than {MOST_UNITS:.0e} units: look for a larger change."
        raise invalid([Fault(("mde",), "out_of_range", message)])
    each = max(FEWEST, math.ceil(needed))
    total = each * question.variants
    return {"units_per_variant": each, "units_total": total, "days": _days(total, question.daily_units)}


def _units(question: PowerQuestion) -> float | None:
    """Units of either of two variants of one size; None where no number is enough."""
    if question.difference == 0:  # the product of two very small numbers
        return None
    alpha = float(question.alpha)
    if question.method == "frequentist":
        return _units_with(question, None)
    return at_any_time(
        lambda critical: _units_with(question, critical),
        alpha=alpha,
        expected_units=float(question.expected_units),
        units_in_all=2,
    )


def _units_with(question: PowerQuestion, critical: float | None) -> float:
    alpha, power, difference = float(question.alpha), float(question.power), question.difference
    if question.variance is None:
        units = units_of_conversion(float(question.baseline), difference, alpha=alpha, power=power, critical=critical)
    else:
        spread = of_mean(float(question.variance), float(question.variance), difference)
        units = units_of_control(spread, alpha=alpha, power=power, critical=critical)
    return with_cuped(units, float(question.correlation))


def _days(units: int, daily_units: float | None) -> int | None:
    if daily_units is None:
        return None
    days = units / daily_units
    if days > MOST_DAYS:
        message = f"This takes more than {MOST_DAYS:.0e} days: take in more units a day."
        raise invalid([Fault(("daily_units",), "out_of_range", message)])
    return math.ceil(days)
