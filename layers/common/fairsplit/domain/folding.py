"""Attribution's one rule: a unit's totals are a pure function of its assignment, the experiment and its raw events.

Folding always starts from the first event, so duplicates, retries, late and out-of-order events, windows and changed
metrics all come out right with no bookkeeping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.event import Event
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.metric import ALL_EVENTS, Definition, definitions
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import SCALE, DayTotal, MetricTotals, Totals

LARGEST_VALUE = 10**9 * SCALE


@dataclass(frozen=True, slots=True)
class Span:
    """The part of time whose events an assignment needs: its pre-period from `start`, its result from `entry` on.

    `end` is the experiment's completion, inclusive; None while it runs.
    """

    start: datetime
    entry: datetime
    end: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether an event of that moment matters, for the pre-period or the result."""
        return self.start <= moment and (self.end is None or moment <= self.end)


def span(assignment: Assignment, experiment: Experiment) -> Span:
    """The span whose events count for the assignment."""
    entry = assignment.assigned_at
    return Span(entry - timedelta(days=experiment.analysis.cuped_days), entry, experiment.completed_at)


def fold(assignment: Assignment, experiment: Experiment, events: Iterable[Event]) -> Totals:
    """The unit's totals from all its raw events, given in the order they were stored.

    Events from the assignment on are the result, those of the `cuped_days` before are the pre-period. All others do
    not matter, not even as the first of an id: what an experiment counts does not hang on how far back others read.
    Of the events of an id that matter the first counts, later ones are dropped.
    """
    period = span(assignment, experiment)
    if period.end is not None and period.entry > period.end:
        return Totals(left_out=True)
    wanted = definitions(experiment)
    counted = list(first_of_each_id(event for event in events if period.holds(event.timestamp)))
    folded = {name: _fold_metric(metric, period, counted) for name, metric in wanted.metrics.items()}
    folded[ALL_EVENTS] = _fold_all(wanted.metrics, period, counted)
    kept = {name: metric for name, metric in folded.items() if metric.days or metric.pre}
    windows = wanted.windows
    ratios = {name: pair for name, pair in wanted.ratios.items() if _is_kept(pair, kept, has_window=name in windows)}
    return Totals(
        metrics=kept,
        ratios=ratios,
        windows={name: days for name, days in windows.items() if name in kept or name in ratios},
    )


def _is_kept(parts: tuple[str, str], kept: Mapping[str, MetricTotals], *, has_window: bool) -> bool:
    """Whether a ratio has anything: a product of both parts, or, where its window ends, the sums of either."""
    return any(part in kept for part in parts) if has_window else all(part in kept for part in parts)


def first_of_each_id(events: Iterable[Event]) -> Iterator[Event]:
    """The events without those whose id came before."""
    seen = set()
    for event in events:
        if event.event_id not in seen:
            seen.add(event.event_id)
            yield event


def _fold_metric(metric: Definition, period: Span, events: Sequence[Event]) -> MetricTotals:
    mine = [event for event in events if event.type == metric.event_type]
    result = [event for event in mine if _is_in_window(event, metric, period)]
    before = [event for event in mine if event.timestamp < period.entry]
    return MetricTotals(
        kind=metric.kind, days=_by_day(result, metric.source), pre=_pre_value(before, metric), cap=metric.cap
    )


def _fold_all(metrics: Mapping[str, Definition], period: Span, events: Sequence[Event]) -> MetricTotals:
    result = [event for event in events if any(_counts(event, metric, period) for metric in metrics.values())]
    return MetricTotals(kind="count", days=_by_day(result, ""))


def _counts(event: Event, metric: Definition, period: Span) -> bool:
    return event.type == metric.event_type and _is_in_window(event, metric, period)


def _is_in_window(event: Event, metric: Definition, period: Span) -> bool:
    if event.timestamp < period.entry:
        return False
    return metric.window is None or event.timestamp < period.entry + metric.window


def _by_day(events: Iterable[Event], source: str) -> tuple[DayTotal, ...]:
    days: dict[date, tuple[int, int]] = {}
    for event in events:
        day = day_of(event.timestamp)
        count, total = days.get(day, (0, 0))
        days[day] = (count + 1, total + value_of(event, source))
    return tuple(DayTotal(day, *days[day]) for day in sorted(days))


def _pre_value(events: Sequence[Event], metric: Definition) -> int:
    if metric.kind == "conversion":
        return SCALE if events else 0
    if metric.kind == "count":
        return len(events) * SCALE
    return sum(value_of(event, metric.source) for event in events)


def value_of(event: Event, source: str) -> int:
    """The event's number in ten-thousandths: its `value`, or the numeric property of a source `properties.x`.

    A property that is no number, or beyond 1e9, counts as 0; its decimals beyond the fourth are rounded half to even.
    """
    if source == "value":
        return event.value or 0
    raw = event.properties.get(source.removeprefix("properties.")) if source.startswith("properties.") else None
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) <= LARGEST_VALUE // SCALE:
        return 0
    return int((Decimal(repr(raw)) * SCALE).to_integral_value(ROUND_HALF_EVEN))
