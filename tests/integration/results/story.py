"""An experiment with metrics of every kind, its units and all they did; and the same numbers counted by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from fairsplit.domain.timestamps import day_of, from_text
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in
from tests.pipeline import Pipeline
from tests.traffic import enter, event, noon, send

VARIANTS = [
    {"key": "control", "weight": 40},
    {"key": "green", "weight": 40},
    {"key": "blue", "weight": 20},
]
METRICS: list[dict[str, Any]] = [
    {"key": "purchased", "event_type": "purchase", "kind": "conversion", "role": "primary"},
    {"key": "orders", "event_type": "purchase", "kind": "count"},
    {"key": "revenue", "event_type": "purchase", "kind": "mean", "role": "primary", "cap": 60},
    {"key": "kilograms", "event_type": "purchase", "kind": "mean", "value": "properties.kg"},
    {"key": "aov", "kind": "ratio", "numerator": "revenue", "denominator": "orders"},
    {"key": "early", "event_type": "purchase", "kind": "count", "window_hours": 36},
    {
        "key": "errors",
        "event_type": "error",
        "kind": "count",
        "role": "guardrail",
        "direction": "decrease",
        "margin": 0.1,
    },
]
FIRST_DAYS_AGO = 9
SIZES = {"control": 24, "green": 26, "blue": 10}


@dataclass(frozen=True)
class Story:
    """What was sent: the units with their variant and time of assignment, and all their events."""

    key: str
    units: dict[str, tuple[str, datetime]]
    events: list[dict[str, Any]]

    @property
    def first_day(self) -> date:
        return min(day_of(at) for _, at in self.units.values())

    @property
    def days(self) -> list[date]:
        """Every day on which anything that counts happened."""
        counted = {day_of(from_text(one["timestamp"])) for one in self.counted(self.events)}
        return sorted({day_of(at) for _, at in self.units.values()} | counted)

    def counted(self, events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The events that came after their unit's assignment."""
        return (one for one in events if from_text(one["timestamp"]) >= self.units[one["unit_id"]][1])

    def values(self, metric: str, variant: str, first: date | None = None, last: date | None = None) -> list[float]:
        """Each unit's value of a metric that is no ratio, from the events of a range of days."""
        mine = [
            unit for unit, (key, at) in self.units.items() if key == variant and (last is None or day_of(at) <= last)
        ]
        rows = {unit: [one for one in self._in(first, last) if one["unit_id"] == unit] for unit in mine}
        return [self._value(metric, unit, rows[unit]) for unit in mine]

    def _in(self, first: date | None, last: date | None) -> list[dict[str, Any]]:
        start, end = first or date.min, last or date.max
        return [one for one in self.counted(self.events) if start <= day_of(from_text(one["timestamp"])) <= end]

    def _value(self, metric: str, unit: str, events: list[dict[str, Any]]) -> float:
        purchases = [one for one in events if one["type"] == "purchase"]
        until = self.units[unit][1] + timedelta(hours=36)
        found: dict[str, float] = {
            "purchased": float(bool(purchases)),
            "orders": float(len(purchases)),
            "revenue": min(60, round(sum(one.get("value", 0) for one in purchases), 4)),
            "kilograms": round(sum(one["properties"]["kg"] for one in purchases), 4),
            "early": float(sum(from_text(one["timestamp"]) < until for one in purchases)),
            "errors": float(sum(one["type"] == "error" for one in events)),
        }
        return found[metric]


def tell(gateway: Gateway, pipeline: Pipeline, seed: int = 7) -> Story:
    """Send a story, and bring it through the streams."""
    random = Random(seed)
    key = create_in(gateway, "active", variants=VARIANTS, metrics=METRICS)["key"]
    people = [(f"{key}-{variant}-{number}", variant) for variant, size in SIZES.items() for number in range(size)]
    times = {unit: noon(random.randint(4, FIRST_DAYS_AGO)) for unit, _ in people} | {people[0][0]: noon(FIRST_DAYS_AGO)}
    for at in set(times.values()):
        enter(gateway, key, {unit: variant for unit, variant in people if times[unit] == at}, at)
    events = [one for unit, _ in people for one in _life(random, unit, times[unit])]
    send(gateway, random.sample(events, len(events)))
    pipeline.drain()
    return Story(key, {unit: (variant, times[unit]) for unit, variant in people}, events)


def _life(random: Random, unit: str, entry: datetime) -> Iterator[dict[str, Any]]:
    """Some purchases and errors, from three days before the assignment to three days behind it."""
    for _ in range(random.choice([0, 0, 1, 3, 6])):
        at = entry + timedelta(minutes=random.randint(-72 * 60, 72 * 60))
        weight = {"kg": random.randint(1, 99999) / 10_000}
        yield event(unit, at, value=random.randint(-500, 4000) / 100, properties=weight)
    if random.random() < 0.4:
        yield event(unit, entry + timedelta(hours=random.randint(-5, 48)), "error")
