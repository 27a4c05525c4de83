"""What attribution knows of one unit in one experiment: its events by day and metric, folded from its raw events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from fairsplit.domain.timestamps import from_millis, to_millis

SCALE = 10_000  # values are held as whole ten-thousandths, so that every sum is an exact int


@dataclass(frozen=True, slots=True)
class DayTotal:
    """A unit's events of one UTC day for one metric: how many, and the sum of their values in ten-thousandths."""

    day: date
    events: int
    value: int


@dataclass(frozen=True, slots=True)
class MetricTotals:
    """One metric of one unit: its days in order, and its value before it entered (`pre`).

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
    `windows` says by the end of which day after that of the entry it has ended. `exposed_at` is there where the unit
    entered before its assignment. A unit that is `left_out` entered after the experiment's end; one that is `mixed`
    met another variant than its own. Neither counts, and neither has metrics.
    """

    metrics: Mapping[str, MetricTotals] = field(default_factory=dict)
    ratios: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    windows: Mapping[str, int] = field(default_factory=dict)
    left_out: bool = False
    mixed: bool = False
    exposed_at: datetime | None = None
    exposures_outside_run: int = 0

    def as_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        value: dict[str, Any] = {"metrics": {key: _metric_as_json(metric) for key, metric in self.metrics.items()}}
        if self.ratios:
            value["ratios"] = {key: list(pair) for key, pair in self.ratios.items()}
        if self.windows:
            value["windows"] = dict(self.windows)
        value |= {name: True for name in ("left_out", "mixed") if getattr(self, name)}
        if self.exposed_at:
            value["exposed_at"] = to_millis(self.exposed_at)
        if self.exposures_outside_run:
            value["exposures_outside_run"] = self.exposures_outside_run
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Totals:
        """The totals of a stored JSON value."""
        return cls(
            metrics={key: _metric_from_json(metric) for key, metric in value["metrics"].items()},
            ratios={key: (pair[0], pair[1]) for key, pair in value.get("ratios", {}).items()},
            windows=value.get("windows", {}),
            left_out=value.get("left_out", False),
            mixed=value.get("mixed", False),
            exposed_at=from_millis(value["exposed_at"]) if "exposed_at" in value else None,
            exposures_outside_run=value.get("exposures_outside_run", 0),
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
