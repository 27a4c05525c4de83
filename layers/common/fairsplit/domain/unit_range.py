"""One unit's moments of a range of days, which aggregates cannot tell: values are not additive in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.moments import UNITS, Moments, of_assignment
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import MetricTotals

FROM_BEFORE = "from_before"  # how many of the units entered before the range


def moments_in_range(assignment: Assignment, first: date | None, last: date | None) -> dict[date, Moments]:
    """What the unit adds by day, from its events of the days `first` to `last` alone, both included.

    A unit that entered after `last` adds nothing; one that entered before `first` counts, with its events of the
    range. A cap bounds the range's value. Windows that end after `last` add nothing.
    """
    entry = day_of(assignment.entered_at)
    if last is not None and entry > last:
        return {}
    totals = assignment.totals
    cut = {name: _cut(metric, first, last) for name, metric in totals.metrics.items()}
    by_day = of_assignment(replace(assignment, totals=replace(totals, metrics=cut)))
    if first is not None and entry < first and by_day[entry].units("units"):
        by_day[entry] += Moments({(assignment.variant, UNITS, FROM_BEFORE): 1})
    return {day: moments for day, moments in by_day.items() if last is None or day <= last}


def _cut(metric: MetricTotals, first: date | None, last: date | None) -> MetricTotals:
    days = (day for day in metric.days if (first is None or first <= day.day) and (last is None or day.day <= last))
    return replace(metric, days=tuple(days))
