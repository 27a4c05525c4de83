"""What results have to say, computed from the raw tables alone, by the plainest arithmetic, without the product."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class RawEvent:
    """One stored event; `order` is where it stands among all of its unit."""

    order: tuple[str, str, int]
    event_id: str
    type: str
    at: datetime
    value: Fraction
    met: tuple[str, str] | None = None  # of an exposure: the experiment and the variant


@dataclass(frozen=True)
class RawUnit:
    """One stored assignment."""

    unit_id: str
    variant: str
    assigned_at: datetime
    values: Mapping[str, Any]  # of dimensions


@dataclass
class Numbers:
    """Of one variant and metric: counts, and the values of all units."""

    events: int = 0
    units_with_event: int = 0
    values: list[Fraction] = field(default_factory=list)
    below: list[Fraction] = field(default_factory=list)  # a ratio's denominators

    @property
    def total(self) -> Fraction:
        return sum(self.values, Fraction(0))

    @property
    def mean(self) -> Fraction | None:
        denominator = sum(self.below, Fraction(0)) if self.below else Fraction(len(self.values))
        return self.total / denominator if denominator else None

    @property
    def variance(self) -> Fraction | None:
        """The sample variance; None for fewer than two units."""
        n = len(self.values)
        mean = self.total / n if n else Fraction(0)
        return sum(((one - mean) ** 2 for one in self.values), Fraction(0)) / (n - 1) if n > 1 else None


class Raw:
    """The Assignments and Events tables, scanned once, at that time."""

    def __init__(self, client: DynamoDBClient, tables: Mapping[str, str], now: datetime) -> None:
        self.now = now
        self.assignments: dict[tuple[str, str], str] = {}
        self.units: dict[str, list[RawUnit]] = {}
        self.events: dict[str, list[RawEvent]] = {}
        for item in _scan(client, tables["AssignmentsTable"]):
            if "variant" in item and "erased" not in item:
                self._add_unit(item)
        for item in _scan(client, tables["EventsTable"]):
            for event in _events(item):
                self.events.setdefault(item["unit_id"]["S"], []).append(event)

    def _add_unit(self, item: Mapping[str, Any]) -> None:
        values = json.loads(item["dimensions"]["S"])
        unit = RawUnit(item["unit_id"]["S"], item["variant"]["S"], _moment(item["assigned_at"]["S"]), values)
        self.assignments[item["experiment"]["S"], unit.unit_id] = item["assigned_at"]["S"] + unit.variant
        assert "heavy" not in item
        self.units.setdefault(item["experiment"]["S"], []).append(unit)

    def ids_of(self, unit_id: str) -> set[str]:
        """The ids of a unit's stored events."""
        return {event.event_id for event in self.events.get(unit_id, [])}

    def first_events(self, unit_id: str, start: datetime, end: datetime | None) -> list[RawEvent]:
        """A unit's events from `start` to `end`, the first stored of each id."""
        first: dict[str, RawEvent] = {}
        for event in sorted(self.events.get(unit_id, []), key=lambda one: one.order):
            if start <= event.at and (end is None or event.at <= end):
                first.setdefault(event.event_id, event)
        return list(first.values())


@dataclass(frozen=True)
class Truth:
    """An experiment's numbers, from what is stored and what its JSON says.

    They are up to and with `last`, if there is one, and of the units that have all those `values`, as JSON.
    """

    raw: Raw
    experiment: Mapping[str, Any]
    last: date | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    def units(self) -> list[RawUnit]:
        """The units that count."""
        return [unit for unit in self._in_time() if not self._is_mixed(unit)]

    def mixed(self) -> int:
        """How many units met another variant than their own."""
        return sum(self._is_mixed(unit) for unit in self._in_time())

    def ignored(self) -> int:
        """How many exposures of units are out of the run, but not far."""
        found = 0
        for unit in self._all_units():
            start, end = self._earliest(unit), self._end()
            near = [one for one in self.raw.events.get(unit.unit_id, []) if start <= one.at]
            near = [one for one in near if end is None or one.at <= end + DAY]
            mine = [one for one in near if one.met and one.met[0] == self.experiment["key"]]
            found += len({one.event_id for one in mine if not self.is_in_run(one.at)})
        return found

    def has_met(self, unit_id: str) -> bool:
        """Whether the unit met a variant in the run."""
        start = _moment(self.experiment["started_at"])
        return bool(self._exposures(RawUnit(unit_id, "", start, {})))

    def entry(self, unit: RawUnit) -> datetime:
        """When the unit entered: with its assignment, or with an earlier exposure in the run."""
        return min([unit.assigned_at, *(one.at for one in self._exposures(unit))])

    def is_in_run(self, moment: datetime) -> bool:
        """Whether the experiment ran."""
        end = self._end()
        return _moment(self.experiment["started_at"]) <= moment and (end is None or moment <= end)

    def _in_time(self) -> list[RawUnit]:
        end = self._end()
        return [unit for unit in self._all_units() if end is None or self.entry(unit) <= end]

    def _all_units(self) -> list[RawUnit]:
        """Those that came up to the last day and have the values, whether they count or not."""
        return [
            unit
            for unit in self.raw.units.get(self.experiment["key"], [])
            if self.last is None or self.entry(unit).date() <= self.last
            if all(json.dumps(unit.values[name]) == value for name, value in self.values.items())
        ]

    def _is_mixed(self, unit: RawUnit) -> bool:
        return any(one.met and one.met[1] != unit.variant for one in self._exposures(unit))

    def _exposures(self, unit: RawUnit) -> list[RawEvent]:
        """The unit's exposures in the run; of an id that anything else had first, none."""
        events = self.raw.first_events(unit.unit_id, self._earliest(unit), self._end())
        return [one for one in events if one.met and one.met[0] == self.experiment["key"] and self.is_in_run(one.at)]

    def _earliest(self, unit: RawUnit) -> datetime:
        """Where the unit's pre-period may begin at the earliest."""
        first = min(unit.assigned_at, _moment(self.experiment["started_at"]))
        return first - timedelta(days=self.experiment["analysis"]["cuped_days"])

    def events(self) -> int:
        """How many events count for any metric."""
        metrics = [one for one in self.experiment["metrics"] if one["kind"] != "ratio"]
        return sum(
            len({one.order for metric in metrics for one in self._events(unit, metric)}) for unit in self.units()
        )

    def numbers(self, variant: str, key: str) -> Numbers:
        """One metric's numbers of one variant."""
        metrics = {one["key"]: one for one in self.experiment["metrics"]}
        metric = metrics[key]
        own = metrics[metric["numerator"]] if metric["kind"] == "ratio" else metric
        numbers = Numbers()
        for unit in self._counted([metrics[metric["denominator"]], own] if metric["kind"] == "ratio" else [own]):
            if unit.variant == variant:
                events = self._events(unit, own)
                numbers.events += len(events)
                numbers.units_with_event += bool(events)
                numbers.values.append(_value(own, events))
                if metric["kind"] == "ratio":
                    below = metrics[metric["denominator"]]
                    numbers.below.append(_value(below, self._events(unit, below)))
        return numbers

    def pre_values(self, variant: str, key: str) -> list[tuple[Fraction, Fraction]]:
        """Of each unit of a variant, a plain metric's value before the entry, and its value."""
        metric = next(one for one in self.experiment["metrics"] if one["key"] == key)
        return [
            (_value(metric, self._before(unit, metric)), _value(metric, self._events(unit, metric)))
            for unit in self.units()
            if unit.variant == variant
        ]

    def _counted(self, metrics: Sequence[Mapping[str, Any]]) -> list[RawUnit]:
        """Those whose windows have all ended, where they are the majority; else all units."""
        units = self.units()
        over = [unit for unit in units if all(self._has_ended(unit, metric) for metric in metrics)]
        return over if 2 * len(over) > len(units) else units

    def _has_ended(self, unit: RawUnit, metric: Mapping[str, Any]) -> bool:
        """Whether the window of whoever entered on the unit's day ended by the last midnight that counts."""
        if not metric.get("window_hours"):
            return False
        last = _midnight(min(self.raw.now, self._end() or self.raw.now))
        if self.last is not None:
            last = min(last, datetime(self.last.year, self.last.month, self.last.day, tzinfo=UTC) + DAY)
        days: int = 1 + ceil(metric["window_hours"] / 24)
        return _midnight(self.entry(unit)) + days * DAY <= last

    def _before(self, unit: RawUnit, metric: Mapping[str, Any]) -> list[RawEvent]:
        return [one for one in self._all(unit, metric) if one.at < self.entry(unit)]

    def _events(self, unit: RawUnit, metric: Mapping[str, Any]) -> list[RawEvent]:
        window = timedelta(hours=metric["window_hours"]) if metric.get("window_hours") else timedelta.max
        entry = self.entry(unit)
        events = [one for one in self._all(unit, metric) if one.at >= entry]
        events = [one for one in events if one.at - entry < window]
        return [one for one in events if self.last is None or one.at.date() <= self.last]

    def _all(self, unit: RawUnit, metric: Mapping[str, Any]) -> list[RawEvent]:
        start = self.entry(unit) - timedelta(days=self.experiment["analysis"]["cuped_days"])
        events = self.raw.first_events(unit.unit_id, start, self._end())
        return [one for one in events if one.type == metric["event_type"]]

    def _end(self) -> datetime | None:
        text = self.experiment["completed_at"]
        return _moment(text) if text else None


def _midnight(moment: datetime) -> datetime:
    """The one before."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _value(metric: Mapping[str, Any], events: Sequence[RawEvent]) -> Fraction:
    if metric["kind"] == "conversion":
        return Fraction(bool(events))
    if metric["kind"] == "count":
        return Fraction(len(events))
    total = sum((one.value for one in events), Fraction(0))
    return min(total, Fraction(str(metric["cap"]))) if metric.get("cap") is not None else total


def _events(item: Mapping[str, Any]) -> Iterator[RawEvent]:
    if "events" not in item:
        return  # a heartbeat
    stored = item["events"]
    rows = json.loads(zlib.decompress(stored["B"]) if "B" in stored else stored["S"])
    for position, (event_id, event_type, millis, value, properties) in enumerate(rows):
        order = (item["stored_at"]["S"], item["day_digest"]["S"], position)
        moment = EPOCH + timedelta(milliseconds=millis)
        met = (properties["experiment"], properties["variant"]) if event_type == "$exposure" else None
        yield RawEvent(order, event_id, event_type, moment, Fraction(value or 0, 10_000), met)


def _scan(client: DynamoDBClient, table: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
