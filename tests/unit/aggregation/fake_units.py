"""Units, their events and experiments kept in memory, with a log of the calls and others who may be faster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

from fairsplit.domain.aggregate import Record
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.dimensions import Value
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.event import Event
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.job import Job
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import NO_TOTALS, Totals
from fairsplit.services.attributing import Attribution
from fairsplit.services.rolling_up import Rollup
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.making import ENTRY, ORDERS, experiment

NOW = ENTRY + timedelta(days=5)
ONE = experiment(ORDERS)
_numbers = count(1)
BUSY = ThrottledError("store_busy", "busy")


@dataclass
class World:
    """Everything that attribution, recounts, checks and erasures read and write.

    `calls` says what was called, in its order. `before_write` is what others do ahead of each write; before the next
    `races` writes, they write the unit's items. `stream` has the records that `drain` has not brought to the rows yet.
    """

    items: dict[tuple[str, str], Assignment] = field(default_factory=dict)
    sent: list[Event] = field(default_factory=list)
    known: dict[str, Experiment] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    asked: list[tuple[date, date, int]] = field(default_factory=list)
    busy_units: set[str] = field(default_factory=set)
    before_write: Callable[[], object] = lambda: None
    races: int = 0
    stream: list[Record] = field(default_factory=list)
    rows: FakeRows = field(default_factory=FakeRows)

    def keep(self, *assignments: Assignment) -> None:
        for one in assignments:
            self._note(self.items.get((one.unit_id, one.experiment)), one)
            self.items[one.unit_id, one.experiment] = one

    def drain(self) -> None:
        """Let rollup add all that was written."""
        Rollup(self.rows).apply(self.stream, "shard")
        self.stream.clear()

    def _meet_others(self) -> None:
        self.before_write()
        if self.races:
            self.races -= 1
            self.touch()

    def _note(self, old: Assignment | None, new: Assignment | None) -> None:
        one = new or old
        if one:
            seq = str(next(_numbers)).zfill(40)
            self.stream.append(Record(seq, one.assigned_at, one.unit_id, one.experiment, old, new))

    def unit(self, unit_id: str = "u", experiment: str = "a") -> Assignment:
        return self.items[unit_id, experiment]

    def of_unit(self, unit_id: str) -> list[Assignment]:
        self.calls.append("assignments")
        if unit_id in self.busy_units:
            raise BUSY
        return [item for item in self.items.values() if item.unit_id == unit_id]

    def between(self, unit_id: str, first: date, last: date, *, limit: int) -> list[Event]:
        self.calls.append("events")
        self.asked.append((first, last, limit))
        mine = [one for one in self.sent if one.unit_id == unit_id and first <= day_of(one.timestamp) <= last]
        return mine[:limit]

    def read_many(self, keys: Collection[str]) -> Mapping[str, Experiment]:
        self.calls.append("experiments")
        return {key: self.known[key] for key in keys if key in self.known}

    def write_totals(
        self,
        read: Assignment,
        totals: Totals,
        *,
        heavy: bool,
        epoch: int,
        dimensions: Mapping[str, Value] | None = None,
    ) -> bool:
        self.calls.append("write")
        self._meet_others()
        there = self.items.get((read.unit_id, read.experiment))
        if there is None or there.erased or there.epoch > epoch or not _is_same(there, read):
            return False
        values = there.dimensions if dimensions is None else dimensions
        changed = replace(there, totals=totals, heavy=heavy or there.heavy, epoch=epoch, dimensions=values)
        self.keep(replace(changed, version=there.version + 1))
        return True

    def mark_erased(self, read: Assignment) -> bool:
        self.calls.append("mark")
        self._meet_others()
        there = self.unit(read.unit_id, read.experiment)
        if not _is_same(there, read):
            return False
        self.keep(replace(there, totals=NO_TOTALS, dimensions={}, erased=True, version=there.version + 1))
        return True

    def delete(self, read: Assignment) -> None:
        self.calls.append("delete")
        there = self.items.get((read.unit_id, read.experiment))
        if there and there.erased and there.incarnation == read.incarnation:
            self._note(there, None)
            del self.items[read.unit_id, read.experiment]

    def touch(self) -> None:
        """Somebody else writes all the items, and changes nothing in them."""
        self.keep(*[replace(item, version=item.version + 1) for item in self.items.values()])


def attribution(world: World) -> Attribution:
    return Attribution(world, world, world, NOW)


def _is_same(there: Assignment, read: Assignment) -> bool:
    return (there.version, there.incarnation) == (read.version, read.incarnation)


@dataclass
class FakeIndex:
    """The units of the world by experiment, in two parts."""

    world: World
    parts: int = 2

    def page(self, experiment: str, shard: int, after: str | None, limit: int) -> list[str]:
        units = sorted(unit for unit, key in self.world.items if key == experiment and len(unit) % self.parts == shard)
        return [unit for unit in units if after is None or unit > after][:limit]


@dataclass
class FakeJobs:
    """Promised work."""

    jobs: list[Job] = field(default_factory=list)

    def put(self, job: Job) -> None:
        self.jobs.append(job)

    def remove(self, job: Job) -> None:
        self.jobs.remove(job)

    def open_jobs(self, limit: int = 100) -> Sequence[Job]:
        return self.jobs[:limit]


@dataclass
class FakeEvents:
    """The keys of units' events."""

    world: World
    left: dict[str, list[str]] = field(default_factory=dict)

    def keys_of(self, unit_id: str, limit: int) -> list[str]:
        return self.left.get(unit_id, [])[:limit]

    def delete(self, unit_id: str, keys: Collection[str]) -> None:
        self.world.calls.append("delete events")
        self.left[unit_id] = [key for key in self.left[unit_id] if key not in keys]
