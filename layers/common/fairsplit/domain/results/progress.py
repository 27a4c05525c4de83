"""How far an experiment is: the units that it needs, and the days until they are in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.power import at_any_time, of_mean, units_of_control

PACE_OVER = 7  # full days
FARTHEST = 180  # days
MOST_UNITS = 1e15  # more is no number that anybody can plan with
NOT_REACHABLE = Note(
    "not_reachable",
    f"At the pace of the last days it takes more than {FARTHEST} days. Take in more units, or look for a larger lift.",
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What one treatment and metric start from: the control's mean, both unit variances, and both weights."""

    mean: float
    control_variance: float
    treatment_variance: float
    control_weight: float
    treatment_weight: float


@dataclass(frozen=True, slots=True)
class Progress:
    """`units_needed` of all variants, None where it cannot be told; `days_left` None where they cannot be reached.

    `mde_now` is the smallest lift that is found with the units of now, in whichever primary metric it is largest.
    """

    units_needed: int | None
    units_now: int
    days_left: int | None
    notes: tuple[Note, ...] = ()
    mde_now: float | None = None


def units_needed(baselines: Iterable[Baseline], *, plan: Plan, power: float, mde: float, weights: float) -> int | None:
    """The units of all variants that find the lift `mde` in each of the baselines with that power.

    `weights` is the sum of all variants' weights; a treatment without any gets no units, and is not looked for. None
    where a baseline has no mean or no variance, there is none, or no number is enough.
    """
    live = [one for one in baselines if one.treatment_weight]
    found = [_needed(one, plan, power=power, mde=mde, weights=weights) for one in live]
    known = [one for one in found if one is not None]
    return math.ceil(max(known)) if known and len(known) == len(found) and max(known) < MOST_UNITS else None


def _needed(one: Baseline, plan: Plan, *, power: float, mde: float, weights: float) -> float | None:
    variances = one.control_variance + one.treatment_variance
    if not one.mean or not variances or not one.control_weight:
        return None
    ratio = one.treatment_weight / one.control_weight
    spread = of_mean(one.control_variance, one.treatment_variance, mde * abs(one.mean), ratio=ratio)

    def units_with(critical: float | None) -> float:
        return units_of_control(spread, alpha=plan.alpha, power=power, critical=critical)

    if plan.method == "sequential":
        control = at_any_time(units_with, alpha=plan.alpha, expected_units=plan.expected_units, units_in_all=1 + ratio)
    else:
        control = units_with(None)
    return None if control is None else control * weights / one.control_weight


def daily_rate(new_units: Mapping[date, int], today: date, started: date) -> float | None:
    """New units a day over the last 7 full days, or those since the start; None before one is full.

    Neither today nor the day of the start is full.
    """
    days = min(PACE_OVER, (today - started).days - 1)
    if days < 1:
        return None
    return sum(new_units.get(today - timedelta(days=number), 0) for number in range(1, days + 1)) / days


def progress(needed: int | None, now: int, rate: float | None) -> Progress:
    """The days that are left at that rate; above 180 they cannot be reached."""
    if needed is None:
        return Progress(None, now, None)
    if now >= needed:
        return Progress(needed, now, 0)
    if rate is None:
        return Progress(needed, now, None)
    days = days_left(needed - now, rate)
    return Progress(needed, now, days, () if days is not None else (NOT_REACHABLE,))


def days_left(missing: int, rate: float) -> int | None:
    """How many days bring so many units, rounded up; None above 180. `missing` > 0, `rate` >= 0."""
    days = round(missing / rate, 9) if rate else math.inf  # a rate such as 1/3 is not exact, and 60 days are not 61
    return max(1, math.ceil(days)) if days <= FARTHEST else None
