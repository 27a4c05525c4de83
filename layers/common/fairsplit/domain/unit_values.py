"""The value y of one unit for one metric, in ten-thousandths."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date

from fairsplit.domain.totals import SCALE, DayTotal, MetricTotals


def running(metric: MetricTotals) -> list[tuple[DayTotal, int]]:
    """Each day with the unit's y up to and with that day."""
    pairs, events, value = [], 0, 0
    for day in metric.days:
        events, value = events + day.events, value + day.value
        pairs.append((day, _of(metric, events, value)))
    return pairs


def value_by_day(metric: MetricTotals) -> Callable[[date], int]:
    """A function that says the unit's y up to and with a day."""
    days = [total.day for total in metric.days]
    values = [0, *(value for _, value in running(metric))]
    return lambda day: values[bisect_right(days, day)]


def final_value(metric: MetricTotals) -> int:
    """The unit's y of all days."""
    return _of(metric, sum(day.events for day in metric.days), sum(day.value for day in metric.days))


def value_before(metric: MetricTotals) -> int:
    """The unit's x: its value before the assignment."""
    return metric.pre if metric.cap is None else min(metric.pre, metric.cap)


def _of(metric: MetricTotals, events: int, value: int) -> int:
    """The y of so many events whose values add up to `value`; 0 of none."""
    if metric.kind == "conversion":
        return SCALE if events else 0
    if metric.kind == "count":
        return events * SCALE
    return value if metric.cap is None else min(value, metric.cap)
