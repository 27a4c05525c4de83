"""Exported assignments: one row a unit, with what its events add up to."""

from __future__ import annotations

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.export.lines import Cell
from fairsplit.domain.export.numbers import decimal
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.timestamps import to_text
from fairsplit.domain.totals import MetricTotals
from fairsplit.domain.unit_values import final_value, value_before

ABOUT_UNIT = ("unit_id", "variant", "bucket", "assigned_at", "entered_at", "counted_as")
OF_METRIC = ("events", "value", "before")
NOTHING = MetricTotals("none")


def header(experiment: Experiment) -> list[str]:
    """The names of the columns: the unit's own, one for each dimension, and three for each metric that is no ratio."""
    metrics = [f"{key}.{name}" for key in _plain_metrics(experiment) for name in OF_METRIC]
    return [*ABOUT_UNIT, *(f"dimension.{name}" for name in experiment.dimensions), *metrics]


def row(experiment: Experiment, unit: Assignment) -> list[Cell]:
    """A unit's cells. Those of metrics are empty where it does not count, or was folded by others than today's."""
    own: list[Cell] = [unit.unit_id, unit.variant, unit.bucket, to_text(unit.assigned_at), to_text(unit.entered_at)]
    dimensions = [unit.dimensions.get(name) for name in experiment.dimensions]
    names = fingerprints(experiment)
    is_known = unit.set_aside_as is None and unit.epoch == experiment.epoch
    metrics = [unit.totals.metrics.get(names[key], NOTHING) if is_known else None for key in _plain_metrics(experiment)]
    return [
        *own,
        unit.set_aside_as or "unit",
        *dimensions,
        *(cell for metric in metrics for cell in _of_metric(metric)),
    ]


def _of_metric(metric: MetricTotals | None) -> list[Cell]:
    if metric is None:
        return [None] * len(OF_METRIC)
    events = sum(day.events for day in metric.days)
    return [events, decimal(final_value(metric)), decimal(value_before(metric))]


def _plain_metrics(experiment: Experiment) -> list[str]:
    return [metric.key for metric in experiment.metrics if metric.kind != "ratio"]
