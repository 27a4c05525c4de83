"""Erasure of a unit, whose counts follow; and removal of what a deleted draft had imported."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.job import Job, JobKind
from fairsplit.services.ports.erasing import ErasableAssignments, ErasableEvents, JobStore
from fairsplit.services.ports.maintenance import UnitIndex

EVENTS_AT_ONCE = 100
UNITS_AT_ONCE = 100
ATTEMPTS = 10


@dataclass(frozen=True)
class Erasing:
    """Does promised work in slices; each step may be done twice without harm."""

    assignments: ErasableAssignments
    events: ErasableEvents
    index: UnitIndex
    jobs: JobStore
    has_time: Callable[[], bool]

    def promise(self, job: Job) -> bool:
        """Note the job, so that it survives anything, and begin it; whether it is done already."""
        self.jobs.put(job)
        return self.go_on(job)

    def go_on(self, job: Job) -> bool:
        """Work on the job as long as there is time; whether it is done."""
        work = {JobKind.ERASE_UNIT: self._erase_unit, JobKind.REMOVE_EXPERIMENT: self._remove_experiment}
        if not work[job.kind](job.subject):
            return False
        self.jobs.remove(job)
        return True

    def _erase_unit(self, unit_id: str) -> bool:
        """Mark first, so that rollup takes the unit out of the sums; then delete its events; then the marked items.

        An exposure may have assigned the unit in between, up to its own deletion: that is marked, too.
        """
        self._mark(unit_id)
        while keys := self.events.keys_of(unit_id, EVENTS_AT_ONCE):
            if not self.has_time():
                return False
            self.events.delete(unit_id, keys)
        self._mark(unit_id)
        self._delete_marked(unit_id)
        return True

    def _mark(self, unit_id: str, experiments: Collection[str] | None = None) -> None:
        for _ in range(ATTEMPTS):
            items = [item for item in self.assignments.of_unit(unit_id) if not item.erased]
            wanted = [item for item in items if experiments is None or item.experiment in experiments]
            if all([self.assignments.mark_erased(item) for item in wanted]):  # noqa: C419 - mark all that can be
                return
        raise ThrottledError("unit_contended", "a unit's totals changed each time while it was erased")

    def _delete_marked(self, unit_id: str) -> None:
        for item in self.assignments.of_unit(unit_id):
            if item.erased:
                self.assignments.delete(item)

    def _remove_experiment(self, key: str) -> bool:
        """Mark and delete all assignments of an experiment that is no more; the units' events stay."""
        for part in range(self.index.parts):
            after = None
            while units := self.index.page(key, part, after, UNITS_AT_ONCE):
                for unit_id in units:
                    if not self.has_time():
                        return False
                    self._mark(unit_id, {key})
                    self._delete_marked(unit_id)
                after = units[-1]
        return True
