"""What a metric counts, under a name that changes whenever that changes.

A fingerprint is the metric's key with a digest of everything its numbers depend on. Totals and aggregates are kept by
fingerprint, so sums of two definitions can never be added up, whichever epoch they stand in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from fairsplit.domain.experiment import Experiment, Metric
from fairsplit.domain.totals import SCALE

ALL_EVENTS = "*"  # the fingerprint under which each event that some metric counts is counted once


@dataclass(frozen=True, slots=True)
class Definition:
    """How one metric becomes a number of a unit: which events, which value of theirs, how long, and up to what.

    `source` is `value` or `properties.x` of a mean, and empty where only the number of events matters.
    """

    kind: str
    event_type: str
    source: str
    window: timedelta | None
    cap: int | None  # in ten-thousandths

    @property
    def days_of_window(self) -> int | None:
        """The window in UTC days, rounded up: so many days after the day of the assignment it has ended."""
        return None if self.window is None else -(-self.window // timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Definitions:
    """All that an experiment counts: metrics by fingerprint, and ratios as pairs of fingerprints."""

    metrics: Mapping[str, Definition]
    ratios: Mapping[str, tuple[str, str]]

    @property
    def windows(self) -> dict[str, int]:
        """By the end of which day after that of its assignment a unit's window has ended, for all that have one.

        A ratio's window ends with the later one of its two parts. It has none if one of them has none: its value is
        never final.
        """
        plain = {name: one.days_of_window for name, one in self.metrics.items() if one.days_of_window is not None}
        pairs = {name: [plain[part] for part in parts if part in plain] for name, parts in self.ratios.items()}
        return plain | {name: max(both) for name, both in pairs.items() if len(both) == 2}


def fingerprints(experiment: Experiment) -> dict[str, str]:
    """The fingerprint of each metric of the experiment, by the metric's key."""
    plain = {metric.key: _of_plain(metric, experiment) for metric in experiment.metrics if metric.kind != "ratio"}
    ratios = {metric.key: _of_ratio(metric, plain) for metric in experiment.metrics if metric.kind == "ratio"}
    return plain | ratios


def definitions(experiment: Experiment) -> Definitions:
    """What the experiment counts, by fingerprint."""
    names = fingerprints(experiment)
    return Definitions(
        metrics={names[metric.key]: _definition(metric) for metric in experiment.metrics if metric.kind != "ratio"},
        ratios={
            names[metric.key]: (names[metric.numerator or ""], names[metric.denominator or ""])
            for metric in experiment.metrics
            if metric.kind == "ratio"
        },
    )


def _definition(metric: Metric) -> Definition:
    return Definition(
        kind=metric.kind,
        event_type=metric.event_type or "",
        source=(metric.value or "value") if metric.kind == "mean" else "",
        window=None if metric.window_hours is None else timedelta(hours=metric.window_hours),
        cap=None if metric.cap is None else round(metric.cap * SCALE),
    )


def _of_plain(metric: Metric, experiment: Experiment) -> str:
    one = _definition(metric)
    window = one.window.total_seconds() if one.window else None
    return _fingerprint(
        metric.key, [one.kind, one.event_type, one.source, window, one.cap, experiment.analysis.cuped_days]
    )


def _of_ratio(metric: Metric, plain: Mapping[str, str]) -> str:
    return _fingerprint(metric.key, [plain[metric.numerator or ""], plain[metric.denominator or ""]])


def _fingerprint(key: str, parts: list[Any]) -> str:
    return f"{key}@{blake2b(json.dumps(parts).encode(), digest_size=5).hexdigest()}"
