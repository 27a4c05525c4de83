"""What attribution knows of one unit in one experiment: its events by day and metric, folded from its raw events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

SCALE = 10_000  # values are held as whole ten-thousandths, so that every sum is an exact int


@dataclass(frozen=True, slots=True)
class DayTotal:
    """A unit's events of one UTC day for one metric: how many, and the sum of their values in ten-thousandths."""

    day: date
    events: int
    value: int


@dataclass(frozen=True, slots=True)
class MetricTotals:
    """One metric of one unit: its days in order, and its value before the assignment (`pre`).

    `kind` is conversion, count or mean. `pre` and `cap`, the bound of the unit's value, are in ten-thousandths.
    """

    kind: str
    days: tuple[DayTotal, ...] = ()
    pre: int = 0
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """All metrics of one unit that have anything, by fingerprint, and the pairs whose ratios are wanted.

    They describe themselves, so that nobody who reads them needs the experiment. Of a metric or ratio with a window,
    `windows` says by the end of which day after that of the assignment it has ended. A unit that is `left_out` was
    assigned after the experiment's end, and does not count.
    """

    metrics: Mapping[str, MetricTotals] = field(default_factory=dict)
    ratios: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    windows: Mapping[str, int] = field(default_factory=dict)
    left_out: bool = False

    def as_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        value: dict[str, Any] = {"metrics": {key: _metric_as_json(metric) for key, metric in self.metrics.items()}}
        if self.ratios:
            value["ratios"] = {key: list(pair) for key, pair in self.ratios.items()}
        if self.windows:
            value["windows"] = dict(self.windows)
        if self.left_out:
            value["left_out"] = True
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Totals:
        """The totals of a stored JSON value."""
        return cls(
            metrics={key: _metric_from_json(metric) for key, metric in value["metrics"].items()},
            ratios={key: (pair[0], pair[1]) for key, pair in value.get("ratios", {}).items()},
            windows=value.get("windows", {}),
            left_out=value.get("left_out", False),
        )


NO_TOTALS = Totals()


def _metric_as_json(metric: MetricTotals) -> dict[str, Any]:
    value: dict[str, Any] = {"kind": metric.kind}
    if metric.days:
        value["days"] = [[total.day.isoformat(), total.events, total.value] for total in metric.days]
    if metric.pre:
        value["pre"] = metric.pre
    if metric.cap is not None:
        value["cap"] = metric.cap
    return value


def _metric_from_json(value: Mapping[str, Any]) -> MetricTotals:
    return MetricTotals(
        kind=value["kind"],
        days=tuple(DayTotal(date.fromisoformat(day), events, total) for day, events, total in value.get("days", ())),
        pre=value.get("pre", 0),
        cap=value.get("cap"),
    )
