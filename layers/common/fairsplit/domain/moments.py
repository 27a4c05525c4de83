"""Additive sums over units: what rollup adds up, compaction moves, and statistics start from.

A value y of a unit is in ten-thousandths, so Σy is too, and Σy², Σxy are in (1/10,000)². Everything is an exact int:
adding is exact in any order, and taking away is the very inverse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import MetricTotals, Totals
from fairsplit.domain.unit_values import final_value, running, value_before, value_by_day

UNITS = ""  # in place of a metric's fingerprint: counts of units
ENDED = "!"  # behind a fingerprint, which never has it
OUTSIDE_RUN = "exposures_outside_run"  # among the counts of units: how many exposures of theirs did not matter
NO_EVENTS = MetricTotals("none")  # of a ratio's part of which the unit has nothing
Name = tuple[str, str, str]  # variant, fingerprint or UNITS, field


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums by (variant, fingerprint, field); what is 0 is absent, so two that are equal look equal.

    Fields of UNITS: units, mixed, heavy, left_out, merged, erased, exposures_outside_run, and of a range of days
    from_before. Of a metric: units_with_event, events, sum, sum_of_squares, and of its pre-period x: pre_sum,
    pre_sum_of_squares, pre_cross_product_sum (Σxy). Field of a ratio: cross_product_sum (Σ numerator × denominator).

    What has a window has all its fields once more under the name `ended`, each unit's on the day by whose end its
    window has ended, which may be yet to come. A ratio's are its numerator's, and the denominator_… ones.
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


def ended(fingerprint: str) -> str:
    """In place of a fingerprint: its sums over units whose window has ended."""
    return fingerprint + ENDED


def is_ended(fingerprint: str) -> bool:
    """Whether these are sums over units whose window has ended."""
    return fingerprint.endswith(ENDED)


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

    The unit and its pre-period stand on the day of its entry, and so do its exposures outside of the run; each day
    with events has that day's share: of Σy² it is (y up to this day)² − (y up to the day before)². What has a window
    stands once more, as a whole, on the day by whose end that has ended.
    """
    sums = _Sums(assignment.variant, day_of(assignment.entered_at), assignment.totals)
    special = assignment.set_aside_as
    by_day = sums.of_special(special) if special else sums.by_day()
    return {day: Moments(found) for day, found in by_day.items()}


class _Sums:
    """Collects the sums of one unit, day by day."""

    def __init__(self, variant: str, entry: date, totals: Totals) -> None:
        self.variant = variant
        self.entry = entry
        self.totals = totals
        self.days: dict[date, dict[Name, int]] = {}

    def of_special(self, name: str) -> dict[date, dict[Name, int]]:
        """Of a unit that is counted under another name, and in nothing else."""
        self._add(self.entry, UNITS, **{name: 1, OUTSIDE_RUN: self.totals.exposures_outside_run})
        return self.days

    def by_day(self) -> dict[date, dict[Name, int]]:
        self._add(self.entry, UNITS, **{"units": 1, OUTSIDE_RUN: self.totals.exposures_outside_run})
        for fingerprint, metric in self.totals.metrics.items():
            self._add_metric(fingerprint, metric)
        for fingerprint, parts in self.totals.ratios.items():
            numerator, denominator = (self.totals.metrics.get(part, NO_EVENTS) for part in parts)
            self._add_ratio(fingerprint, numerator, denominator)
        return self.days

    def _add(self, day: date, fingerprint: str, **fields: int) -> None:
        for name, value in fields.items():
            if value:
                sums = self.days.setdefault(day, {})
                sums[self.variant, fingerprint, name] = sums.get((self.variant, fingerprint, name), 0) + value

    def _add_metric(self, fingerprint: str, metric: MetricTotals) -> None:
        before = value_before(metric)
        self._add(self.entry, fingerprint, pre_sum=before, pre_sum_of_squares=before * before)
        last = 0
        for number, (day, value) in enumerate(running(metric)):
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
        self._add_ended(
            fingerprint,
            **_whole(metric),
            pre_sum=before,
            pre_sum_of_squares=before * before,
            pre_cross_product_sum=before * last,
        )

    def _add_ratio(self, fingerprint: str, numerator: MetricTotals, denominator: MetricTotals) -> None:
        above, below = value_by_day(numerator), value_by_day(denominator)
        last = 0
        for day in sorted({total.day for metric in (numerator, denominator) for total in metric.days}):
            product = above(day) * below(day)
            self._add(day, fingerprint, cross_product_sum=product - last)
            last = product
        whole = final_value(denominator)
        self._add_ended(
            fingerprint,
            **_whole(numerator),
            denominator_sum=whole,
            denominator_sum_of_squares=whole * whole,
            cross_product_sum=last,
        )

    def _add_ended(self, fingerprint: str, **fields: int) -> None:
        if fingerprint in self.totals.windows:
            end = self.entry + timedelta(days=self.totals.windows[fingerprint])
            self._add(end, ended(fingerprint), **fields)


def _whole(metric: MetricTotals) -> dict[str, int]:
    """What all days of a unit add to the sums."""
    value = final_value(metric)
    return {
        "units_with_event": int(bool(metric.days)),
        "events": sum(day.events for day in metric.days),
        "sum": value,
        "sum_of_squares": value * value,
    }
