"""Experiments, assignments and events for tests of the domain and of services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.event import EXPOSURE, Event
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.folding import fold
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import SCALE, MetricTotals, Totals

Metric = dict[str, Any]
ENTRY = datetime(2026, 3, 15, 12, tzinfo=UTC)  # when units of tests are assigned
TODAY = day_of(ENTRY)
VARIANTS = [{"key": "control", "weight": 50}, {"key": "green", "weight": 50}]
PURCHASED: Metric = {"key": "purchased", "kind": "conversion", "event_type": "purchase", "role": "primary"}
ORDERS: Metric = {"key": "orders", "kind": "count", "event_type": "purchase"}
REVENUE: Metric = {"key": "revenue", "kind": "mean", "event_type": "purchase"}
CAPPED: Metric = REVENUE | {"key": "capped", "cap": 50}
VISITS: Metric = {"key": "visits", "kind": "count", "event_type": "visit"}
AOV: Metric = {"key": "aov", "kind": "ratio", "numerator": "revenue", "denominator": "orders"}
_ids = count(1)


def experiment(*metrics: dict[str, Any], **fields: Any) -> Experiment:
    """An active experiment `a` of two variants with these metrics; fields may say otherwise."""
    base = {"key": "a", "name": "A", "variants": VARIANTS, "control": "control", "seed": "seed", "status": "active"}
    dates = {"created_at": ENTRY, "updated_at": ENTRY, "started_at": ENTRY - timedelta(days=30)}
    return Experiment.model_validate(base | dates | {"metrics": metrics} | fields)


def assignment(**fields: Any) -> Assignment:
    """An assignment of the unit `u` in the experiment `a`, made at ENTRY."""
    base: dict[str, Any] = {"experiment": "a", "unit_id": "u", "variant": "green", "bucket": 7, "assigned_at": ENTRY}
    return Assignment(**base | {"incarnation": "first"} | fields)


def event(
    hours: float = 0,
    value: float | None = None,
    *,
    kind: str = "purchase",
    event_id: str | None = None,
    **properties: Any,
) -> Event:
    """An event so many hours after ENTRY, with an id of its own unless one is given."""
    held = None if value is None else round(value * SCALE)
    return Event(event_id or f"e{next(_ids)}", "u", kind, ENTRY + timedelta(hours=hours), held, properties)


def exposure(hours: float, variant: str = "green", *, experiment: str = "a", event_id: str | None = None) -> Event:
    """So many hours after ENTRY the unit met a variant of an experiment."""
    return event(hours, kind=EXPOSURE, event_id=event_id, experiment=experiment, variant=variant)


def totals_of(one: Experiment, key: str, events: Iterable[Event], **fields: Any) -> MetricTotals:
    """What the fold says of one metric of the unit, by the metric's key; nothing where it says nothing."""
    folded = fold(assignment(**fields), one, events)
    return folded.metrics.get(fingerprints(one)[key], MetricTotals(kind="none"))


def days_of(metric: MetricTotals) -> list[tuple[int, int, float]]:
    """The metric's days: how many after TODAY, the number of events, and the sum of their values."""
    return [((one.day - TODAY).days, one.events, one.value / SCALE) for one in metric.days]


def folded(one: Experiment, events: Iterable[Event], **fields: Any) -> Assignment:
    """The assignment with the totals that these events give it."""
    return assignment(**fields, totals=fold(assignment(**fields), one, events))


def day(number: int) -> date:
    """The day so many days after TODAY."""
    return TODAY + timedelta(days=number)


def left_out(**fields: Any) -> Assignment:
    """A unit that was assigned after its experiment's end."""
    return assignment(totals=Totals(left_out=True), **fields)


def mixed(**fields: Any) -> Assignment:
    """A unit that met another variant than its own."""
    return assignment(totals=Totals(mixed=True), **fields)


def events() -> st.SearchStrategy[list[Event]]:
    """Events of few ids, types and days around ENTRY, some of them with values, so that many of them meet."""
    return st.lists(
        st.builds(
            lambda hours, value, kind, number: event(hours, value, kind=kind, event_id=f"id-{number}"),
            st.integers(0, 6 * 24) | st.integers(-15 * 24, -1),
            st.none() | st.sampled_from([0.0001, -20.0, 7.5, 45.0, 1e9]),
            st.sampled_from(["purchase", "visit", "other"]),
            st.integers(1, 16),
        ),
        max_size=12,
    )
