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
    """One metric of one unit.

    `kind` is conversion, count or mean; `pre` is the unit's value before its assignment (in ten-thousandths);
    `cap` bounds the unit's value (in ten-thousandths).
    """

    kind: str
    days: tuple[DayTotal, ...] = ()
    pre: int = 0
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """All metrics of one unit, by the metric's fingerprint, and the pairs whose ratios are wanted.

    A unit whose `exposed` day is None counts from its assignment; `left_out` units do not count at all (they were
    assigned after the experiment's end).
    """

    metrics: Mapping[str, MetricTotals] = field(default_factory=dict)
    ratios: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    exposed: date | None = None
    left_out: bool = False

    def as_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        value: dict[str, Any] = {"metrics": {key: _metric_as_json(metric) for key, metric in self.metrics.items()}}
        if self.ratios:
            value["ratios"] = {key: list(pair) for key, pair in self.ratios.items()}
        if self.exposed:
            value["exposed"] = self.exposed.isoformat()
        if self.left_out:
            value["left_out"] = True
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Totals:
        """The totals of a stored JSON value."""
        exposed = value.get("exposed")
        return cls(
            metrics={key: _metric_from_json(metric) for key, metric in value["metrics"].items()},
            ratios={key: (pair[0], pair[1]) for key, pair in value.get("ratios", {}).items()},
            exposed=date.fromisoformat(exposed) if exposed else None,
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
