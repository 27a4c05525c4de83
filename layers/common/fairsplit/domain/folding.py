"""Attribution's one rule: a unit's totals are a pure function of its assignment, the experiment and its raw events.

Folding always starts from the first event, so duplicates, retries, late and out-of-order events, windows and changed
metrics all come out right with no bookkeeping.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.entry import entry_of, period
from fairsplit.domain.event import Event, first_of_each_id
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.metric import ALL_EVENTS, Definition, definitions
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import SCALE, DayTotal, MetricTotals, Totals

LARGEST_VALUE = 10**9 * SCALE


def fold(assignment: Assignment, experiment: Experiment, events: Iterable[Event]) -> Totals:
    """The unit's totals from all its raw events, given in the order they were stored.

    Events from the unit's entry on are the result, those of the `cuped_days` before are the pre-period. All others do
    not matter, not even as the first of an id: what an experiment counts does not hang on how far back others read.
    Of the events of an id that matter the first counts, later ones are dropped.
    """
    known = list(events)
    entry = entry_of(assignment, experiment, known)
    totals = Totals(
        left_out=experiment.completed_at is not None and entry.at > experiment.completed_at,
        mixed=entry.is_mixed,
        exposed_at=entry.at if entry.at < assignment.assigned_at else None,
        exposures_outside_run=entry.outside_run,
    )
    return totals if totals.left_out or totals.mixed else _with_metrics(totals, experiment, entry.at, known)


def _with_metrics(totals: Totals, experiment: Experiment, entry: datetime, events: Iterable[Event]) -> Totals:
    """The totals of a unit that counts, and entered at that moment."""
    reach = period(experiment, entry)
    wanted = definitions(experiment)
    counted = list(first_of_each_id(event for event in events if reach.holds(event.timestamp)))
    folded = {name: _fold_metric(metric, entry, counted) for name, metric in wanted.metrics.items()}
    folded[ALL_EVENTS] = _fold_all(wanted.metrics, entry, counted)
    kept = {name: metric for name, metric in folded.items() if metric.days or metric.pre}
    windows = wanted.windows
    ratios = {name: pair for name, pair in wanted.ratios.items() if _is_kept(pair, kept, has_window=name in windows)}
    return replace(
        totals,
        metrics=kept,
        ratios=ratios,
        windows={name: days for name, days in windows.items() if name in kept or name in ratios},
    )


def _is_kept(parts: tuple[str, str], kept: Mapping[str, MetricTotals], *, has_window: bool) -> bool:
    """Whether a ratio has anything: a product of both parts, or, where its window ends, the sums of either."""
    return any(part in kept for part in parts) if has_window else all(part in kept for part in parts)


def _fold_metric(metric: Definition, entry: datetime, events: Sequence[Event]) -> MetricTotals:
    mine = [event for event in events if event.type == metric.event_type]
    result = [event for event in mine if _is_in_window(event, metric, entry)]
    before = [event for event in mine if event.timestamp < entry]
    return MetricTotals(
        kind=metric.kind, days=_by_day(result, metric.source), pre=_pre_value(before, metric), cap=metric.cap
    )


def _fold_all(metrics: Mapping[str, Definition], entry: datetime, events: Sequence[Event]) -> MetricTotals:
    result = [event for event in events if any(_counts(event, metric, entry) for metric in metrics.values())]
    return MetricTotals(kind="count", days=_by_day(result, ""))


def _counts(event: Event, metric: Definition, entry: datetime) -> bool:
    return event.type == metric.event_type and _is_in_window(event, metric, entry)


def _is_in_window(event: Event, metric: Definition, entry: datetime) -> bool:
    if event.timestamp < entry:
        return False
    return metric.window is None or event.timestamp < entry + metric.window


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
