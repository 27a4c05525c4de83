"""Additive sums over units: what rollup adds up, compaction moves, and statistics start from.

A value y of a unit is in ten-thousandths, so Σy is too, and Σy², Σxy are in (1/10,000)². Everything is an exact int:
adding is exact in any order, and taking away is the very inverse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import SCALE, DayTotal, MetricTotals, Totals

UNITS = ""  # in place of a metric's fingerprint: counts of units
Name = tuple[str, str, str]  # variant, fingerprint or UNITS, field


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums by (variant, fingerprint, field); what is 0 is absent, so two that are equal look equal.

    Fields of UNITS: units, mixed, heavy, left_out, erased. Fields of a metric: units_with_event, events, sum,
    sum_of_squares, and of its pre-period x: pre_sum, pre_sum_of_squares, pre_cross_product_sum (Σxy). Field of a
    ratio: cross_product_sum (Σ numerator × denominator).
    """

    sums: Mapping[Name, int] = field(default_factory=dict)

    def __add__(self, other: Moments) -> Moments:
        return _combined(self, other, 1)

    def __sub__(self, other: Moments) -> Moments:
        return _combined(self, other, -1)

    def __bool__(self) -> bool:
        return bool(self.sums)

    def get(self, variant: str, fingerprint: str, field_name: str) -> int:
        """One sum; 0 where nothing was added."""
        return self.sums.get((variant, fingerprint, field_name), 0)

    def units(self, field_name: str) -> int:
        """A count of units over all variants."""
        return sum(value for name, value in self.sums.items() if name[1] == UNITS and name[2] == field_name)

    def as_json(self) -> dict[str, Any]:
        """{variant: {fingerprint: {field: int}}}."""
        value: dict[str, Any] = {}
        for (variant, fingerprint, field_name), number in sorted(self.sums.items()):
            value.setdefault(variant, {}).setdefault(fingerprint, {})[field_name] = number
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Moments:
        """The moments of a stored JSON value."""
        return cls(
            {
                (variant, fingerprint, field_name): number
                for variant, metrics in value.items()
                for fingerprint, fields in metrics.items()
                for field_name, number in fields.items()
            }
        )


NOTHING = Moments()


def _combined(one: Moments, other: Moments, sign: int) -> Moments:
    sums = dict(one.sums)
    for name, value in other.sums.items():
        sums[name] = sums.get(name, 0) + sign * value
    return Moments({name: value for name, value in sums.items() if value})


def total(many: Iterable[Moments]) -> Moments:
    """The sum of many."""
    sums: dict[Name, int] = {}
    for moments in many:
        for name, value in moments.sums.items():
            sums[name] = sums.get(name, 0) + value
    return Moments({name: value for name, value in sums.items() if value})


def of_assignment(assignment: Assignment) -> dict[date, Moments]:
    """What one unit adds to its experiment's sums, by UTC day, so that the sum up to any day is exact.

    The unit and its pre-period stand on the day of its assignment; each day with events has that day's share: of Σy²
    it is (y up to this day)² − (y up to the day before)².
    """
    entry = day_of(assignment.assigned_at)
    special = _special_count(assignment)
    if special:
        return {entry: Moments({(assignment.variant, UNITS, special): 1})}
    return {day: Moments(sums) for day, sums in _Sums(assignment.variant, entry, assignment.totals).by_day().items()}


def _special_count(assignment: Assignment) -> str | None:
    marks = {
        "erased": assignment.erased,
        "left_out": assignment.totals.left_out,
        "heavy": assignment.heavy,
        "mixed": assignment.mixed,
    }
    return next((name for name, is_set in marks.items() if is_set), None)


def value_up_to(metric: MetricTotals, events: int, value: int) -> int:
    """The unit's y, in ten-thousandths, of so many events whose values add up to `value`."""
    if metric.kind == "conversion":
        return SCALE if events else 0
    if metric.kind == "count":
        return events * SCALE
    return value if metric.cap is None else min(value, metric.cap)


class _Sums:
    """Collects the sums of one unit, day by day."""

    def __init__(self, variant: str, entry: date, totals: Totals) -> None:
        self.variant = variant
        self.entry = entry
        self.totals = totals
        self.days: dict[date, dict[Name, int]] = {}

    def by_day(self) -> dict[date, dict[Name, int]]:
        self._add(self.entry, UNITS, units=1)
        for fingerprint, metric in self.totals.metrics.items():
            self._add_metric(fingerprint, metric)
        for fingerprint, (numerator, denominator) in self.totals.ratios.items():
            self._add_ratio(fingerprint, self.totals.metrics[numerator], self.totals.metrics[denominator])
        return self.days

    def _add(self, day: date, fingerprint: str, **fields: int) -> None:
        sums = self.days.setdefault(day, {})
        for name, value in fields.items():
            if value:
                sums[self.variant, fingerprint, name] = sums.get((self.variant, fingerprint, name), 0) + value

    def _add_metric(self, fingerprint: str, metric: MetricTotals) -> None:
        before = metric.pre if metric.cap is None else min(metric.pre, metric.cap)
        self._add(self.entry, fingerprint, pre_sum=before, pre_sum_of_squares=before * before)
        last = 0
        for number, (day, value) in enumerate(running(metric, metric.days)):
            self._add(
                day.day,
                fingerprint,
                units_with_event=int(number == 0),
                events=day.events,
                sum=value - last,
                sum_of_squares=value * value - last * last,
                pre_cross_product_sum=before * (value - last),
            )
            last = value

    def _add_ratio(self, fingerprint: str, numerator: MetricTotals, denominator: MetricTotals) -> None:
        above, below = _lookup(numerator), _lookup(denominator)
        last = 0
        for day in sorted({total.day for metric in (numerator, denominator) for total in metric.days}):
            product = above(day) * below(day)
            self._add(day, fingerprint, cross_product_sum=product - last)
            last = product


def running(metric: MetricTotals, days: Iterable[DayTotal]) -> list[tuple[DayTotal, int]]:
    """Each day with the unit's y up to and with that day."""
    pairs, events, value = [], 0, 0
    for day in days:
        events, value = events + day.events, value + day.value
        pairs.append((day, value_up_to(metric, events, value)))
    return pairs


def _lookup(metric: MetricTotals) -> Callable[[date], int]:
    values = {total.day: value for total, value in running(metric, metric.days)}
    days = sorted(values)

    def up_to(day: date) -> int:
        return next((values[known] for known in reversed(days) if known <= day), 0)

    return up_to
