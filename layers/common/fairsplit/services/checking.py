"""The daily check: recount a sample from the raw events, and compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from fairsplit.domain.aggregate import Row
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.moments import of_assignment, total
from fairsplit.domain.totals import Totals
from fairsplit.services.attributing import Attribution
from fairsplit.services.ports.maintenance import AggregateStore, UnitIndex
from fairsplit.services.recounting import together

SAMPLE = 50  # units whose totals are folded again
SMALL = 2_000  # units up to which the sums of all are compared with the rows
LOOKS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check: how many units were folded again, and what did not agree."""

    sampled: int
    totals_differ: int
    sums_differ: bool

    @property
    def drifted(self) -> bool:
        return bool(self.totals_differ or self.sums_differ)


@dataclass(frozen=True)
class Checking:
    """Compares what is stored with what the raw events say, without changing anything."""

    index: UnitIndex
    aggregates: AggregateStore
    attribution: Callable[[], Attribution]
    pause: Callable[[], None]
    random: Random

    def check(self, experiment: str, complete_epoch: int) -> Finding:
        """Fold a sample of units again; of a small experiment, add up all units as well."""
        sample = self._sample(experiment)
        differing = sum(self._differs(experiment, unit_id) for unit_id in sample)
        return Finding(len(sample), differing, self._sums_differ(experiment, complete_epoch))

    def _sample(self, experiment: str) -> list[str]:
        """Units behind a random place of each part of the index, or from its beginning where none are behind it."""
        units: list[str] = []
        for part in self.random.sample(range(self.index.parts), self.index.parts):
            place = chr(self.random.randrange(0x30, 0x7B))
            units += self.index.page(experiment, part, place, 10) or self.index.page(experiment, part, None, 10)
            if len(units) >= SAMPLE:
                break
        return units[:SAMPLE]

    def _differs(self, experiment: str, unit_id: str) -> bool:
        """Whether the stored totals stay other than the folded ones: they may be on their way at the first look."""
        for _ in range(LOOKS):
            if not any(stored.totals != folded for stored, folded in self._pairs(experiment, unit_id)):
                return False
            self.pause()
        return True

    def _pairs(self, experiment: str, unit_id: str) -> list[tuple[Assignment, Totals]]:
        return [pair for pair in self.attribution().expected(unit_id) if pair[0].experiment == experiment]

    def _sums_differ(self, experiment: str, complete_epoch: int) -> bool:
        """Whether the rows stay apart from the units' own sums, by the same difference at every look."""
        differences = set()
        for _ in range(LOOKS):
            units = self._all_units(experiment)
            if units is None:
                return False
            difference = self._difference(experiment, complete_epoch, units)
            if difference is None:
                return False
            differences.add(difference)
            self.pause()
        return len(differences) == 1

    def _difference(self, experiment: str, epoch: int, units: Sequence[str]) -> str | None:
        rows = together(self.aggregates.rows(experiment, epoch).values())
        truth = self._added_up(experiment, epoch, units)
        moments = rows.moments - truth.moments
        left = {name: value for name, value in moments.sums.items() if name[2] != "erased"}
        return None if not left and rows.steps == truth.steps else f"{sorted(left.items())} {rows.steps - truth.steps}"

    def _added_up(self, experiment: str, epoch: int, units: Sequence[str]) -> Row:
        items = [item for unit in units for item in self.attribution().assignments.of_unit(unit)]
        mine = [item for item in items if item.experiment == experiment and item.epoch >= epoch and not item.erased]
        return Row(
            moments=total(moments for item in mine for moments in of_assignment(item).values()),
            steps=sum(item.version for item in mine),
        )

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
