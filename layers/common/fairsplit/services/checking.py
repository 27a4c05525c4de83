"""The daily check: recount a sample from the raw events, and compare."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from random import Random
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.dimensions import partition_of, value_json
from fairsplit.domain.moments import Moments, Name, of_assignment, total
from fairsplit.domain.totals import Totals
from fairsplit.domain.value_sums import under_value
from fairsplit.services.attributing import Attribution
from fairsplit.services.ports.maintenance import AggregateStore, UnitIndex
from fairsplit.services.recounting import together

SAMPLE = 50  # units whose totals are folded again
SMALL = 2_000  # units up to which the sums of all are compared with the rows
LOOKS = 5  # at the heartbeat, with a pause between, before the next round goes on


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found: how many units were folded again, and what did not agree.

    `units` are those whose totals are not what their events give, with the versions of their items; `difference` is
    what the rows hold beside the sums of all units, None where that is nothing.
    """

    sampled: int
    units: Mapping[str, int] = field(default_factory=dict)
    difference: str | None = None

    def __bool__(self) -> bool:
        """Whether anything did not agree."""
        return bool(self.units or self.difference)

    def since(self, before: Finding) -> Finding:
        """Only what is exactly as it was at an earlier look: what was on its way then has changed it."""
        same = {unit: version for unit, version in self.units.items() if before.units.get(unit) == version}
        return Finding(self.sampled, same, self.difference if self.difference == before.difference else None)

    def as_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        return {"sampled": self.sampled, "units": dict(self.units), "difference": self.difference}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Finding:
        """The finding of a kept JSON value."""
        return cls(value["sampled"], value["units"], value["difference"])


@dataclass(frozen=True)
class Checking:
    """Compares what is stored with what the raw events say, without changing anything.

    One look proves nothing: events may be on their way to their unit, and changes of units on theirs to the rows.
    What a second look finds unchanged is wrong, if all that was on its way at the first has come by then.
    """

    index: UnitIndex
    aggregates: AggregateStore
    attribution: Callable[[], Attribution]
    pause: Callable[[], None]
    random: Random

    def look(
        self, experiment: str, complete_epoch: int, units: Collection[str] = (), dimensions: Sequence[str] = ()
    ) -> Finding:
        """Fold these units again, or a sample; of a small experiment, add up all units as well, by dimensions too."""
        sample = list(units) or self._sample(experiment)
        pairs = [pair for unit_id in sample for pair in self._pairs(experiment, unit_id)]
        return Finding(
            sampled=len(sample),
            units={stored.unit_id: stored.version for stored, folded in pairs if stored.totals != folded},
            difference=self._difference(experiment, complete_epoch, dimensions),
        )

    def has_come(self, since: datetime) -> bool:
        """Whether the streams have been read up to that moment: a heartbeat that was sent later has come through."""
        for _ in range(LOOKS):
            heartbeat = self.aggregates.heartbeat()
            if heartbeat and heartbeat[0] >= since:
                return True
            self.pause()
        return False

    def _sample(self, experiment: str) -> list[str]:
        """Units behind a random place of each part of the index, or from its beginning where none are behind it."""
        units: list[str] = []
        for part in self.random.sample(range(self.index.parts), self.index.parts):
            place = chr(self.random.randrange(0x30, 0x7B))
            units += self.index.page(experiment, part, place, 10) or self.index.page(experiment, part, None, 10)
            if len(units) >= SAMPLE:
                break
        return units[:SAMPLE]

    def _pairs(self, experiment: str, unit_id: str) -> list[tuple[Assignment, Totals]]:
        return [pair for pair in self.attribution().expected(unit_id) if pair[0].experiment == experiment]

    def _difference(self, experiment: str, epoch: int, dimensions: Sequence[str]) -> str | None:
        """What the rows hold beside the units' own sums; None where they agree, or there are too many units."""
        units = self._all_units(experiment)
        if units is None:
            return None
        items = self._items(experiment, epoch, units)
        rows = together(self.aggregates.rows(experiment, epoch).values())
        left = _without_erased(rows.moments - _added_up(items))
        steps = rows.steps - sum(item.version for item in items)
        found = [f"{sorted(left.items())} {steps}"] if left or steps else []
        return "; ".join([*found, *self._differences_by_value(experiment, epoch, items, dimensions)]) or None

    def _differences_by_value(
        self, experiment: str, epoch: int, items: Sequence[Assignment], dimensions: Sequence[str]
    ) -> Iterator[str]:
        """The same by the values of each dimension that has no more of them than its rows can hold."""
        for dimension in dimensions:
            rows = self.aggregates.rows(partition_of(experiment, dimension), epoch).values()
            truth = total(under_value(_added_up([item]), value_json(item.dimensions.get(dimension))) for item in items)
            left = (together(rows).moments - truth).sums
            if left and not any(row.overflow for row in rows):
                yield f"{dimension}: {len(left)} sums, {blake2b(repr(sorted(left.items())).encode()).hexdigest()[:16]}"

    def _items(self, experiment: str, epoch: int, units: Sequence[str]) -> list[Assignment]:
        items = [item for unit in units for item in self.attribution().assignments.of_unit(unit)]
        return [item for item in items if item.experiment == experiment and item.epoch >= epoch and not item.erased]

    def _all_units(self, experiment: str) -> list[str] | None:
        """All units of a small experiment; None of a large one."""
        units: list[str] = []
        for part in range(self.index.parts):
            after = None
            while page := self.index.page(experiment, part, after, 500):
                units += page
                after = page[-1]
                if len(units) > SMALL:
                    return None
        return units


def _added_up(items: Iterable[Assignment]) -> Moments:
    return total(moments for item in items for moments in of_assignment(item).values())


def _without_erased(moments: Moments) -> dict[Name, int]:
    return {name: value for name, value in moments.sums.items() if name[2] != "erased"}
