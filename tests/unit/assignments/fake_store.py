"""Assignments and experiments kept in memory, with others who may be faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.outcome import Outcome
from fairsplit.services.assigning import Assigning
from fairsplit.services.known_assignments import Known
from tests.unit.making import ENTRY


@dataclass
class FakeStore:
    """Stored assignments, a clock and random texts. `before_insert` is what others do ahead of an insert."""

    experiments: dict[str, Experiment] = field(default_factory=dict)
    items: dict[tuple[str, str], Assignment] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    before_insert: Callable[[], object] = lambda: None
    throttled: set[str] = field(default_factory=set)
    now: datetime = ENTRY
    numbers: count[int] = field(default_factory=lambda: count(1))

    def keep(self, *assignments: Assignment) -> None:
        self.items |= {(one.unit_id, one.experiment): one for one in assignments}

    def read(self, key: str) -> Experiment | None:
        return self.experiments.get(key)

    def find(self, unit_id: str, experiment: str, *, consistent: bool = False) -> Assignment | None:
        self.calls.append("find consistent" if consistent else "find")
        return self.items.get((unit_id, experiment))

    def find_many(self, assignments: Sequence[Assignment]) -> list[Assignment]:
        self.calls.append(f"find {len(assignments)}")
        return [self.items[one.unit_id, one.experiment] for one in assignments]

    def of_unit(self, unit_id: str) -> list[Assignment]:
        self.calls.append("of unit")
        return [one for (unit, _), one in self.items.items() if unit == unit_id]

    def take_over(self, wanted: Assignment, fallback: Assignment) -> Assignment | None:
        self.calls.append("take over")
        self.before_insert()
        there = self.items.get((wanted.unit_id, wanted.experiment))
        if there is None:
            self.keep(wanted, replace(fallback, merged=True, version=fallback.version + 1))
        return there

    def insert(self, assignment: Assignment) -> Assignment | None:
        self.calls.append("insert")
        self.before_insert()
        there = self.items.get((assignment.unit_id, assignment.experiment))
        if there is None:
            self.keep(assignment)
        return there

    def take_back(self, assignments: Sequence[Assignment]) -> None:
        self.calls.append("take_back")
        self.items = {place: one for place, one in self.items.items() if one not in assignments}

    def insert_many(self, assignments: Sequence[Assignment]) -> list[Outcome]:
        self.calls.append(f"insert {len(assignments)}")
        self.before_insert()
        return [self._insert_one(one) for one in assignments]

    def _insert_one(self, assignment: Assignment) -> Outcome:
        if assignment.unit_id in self.throttled:
            return Outcome.THROTTLED
        if (assignment.unit_id, assignment.experiment) in self.items:
            return Outcome.EXISTS
        self.keep(assignment)
        return Outcome.INSERTED

    def clock(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def nonce(self) -> str:
        return f"nonce-{next(self.numbers)}"

    def assigning(self) -> Assigning:
        """A process that has seen nothing yet."""
        return Assigning(self, self, Known(), self.clock, self.nonce)
