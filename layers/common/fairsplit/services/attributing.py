"""Attribution: fold a unit's events into the totals of its assignments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.dimensions import whole
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.event import Event
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.folding import fold, span
from fairsplit.domain.sealing import is_sealed
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import Totals
from fairsplit.services.ports.attribution import Experiments, UnitAssignments, UnitEvents

ATTEMPTS = 10  # lost races of one unit before the batch is tried again as a whole
HEAVY_EVENTS = 10_000
HEAVY_BYTES = 100_000
Inserted = Mapping[str, Sequence[Assignment]]


@dataclass
class Attribution:
    """Folds units, with the stores it needs and the experiments it has read in this batch.

    The order of reading is what makes it safe: a unit's assignments first, then its events. Were the events older
    than the assignment, the condition on its version could pass although an event is missing.
    """

    assignments: UnitAssignments
    events: UnitEvents
    experiments: Experiments
    now: datetime
    known: dict[str, Experiment] = field(default_factory=dict)

    def fold_units(self, unit_ids: Iterable[str], inserted: Inserted = MappingProxyType({})) -> set[str]:
        """Fold each unit once; those that the store was too busy for.

        Of a unit in `inserted` just these assignments are folded, as they were when they were stored: they are older
        than the events that are read now, and a write is refused where they have changed. It saves a read a unit.
        """
        return {one for one in dict.fromkeys(unit_ids) if not self._try(one, inserted.get(one))}

    def _try(self, unit_id: str, inserted: Sequence[Assignment] | None) -> bool:
        try:
            self.fold_unit(unit_id, inserted)
        except ThrottledError:
            return False
        return True

    def fold_unit(self, unit_id: str, inserted: Sequence[Assignment] | None = None) -> None:
        """Fold all of a unit's events into all its assignments, or those of `inserted`; write those that change.

        Raises:
            ThrottledError: the store is busy, or the races for this unit were lost too often.
        """
        items = inserted
        for _ in range(ATTEMPTS):
            if self._fold_once(unit_id, items or self.assignments.of_unit(unit_id)):
                return
            items = None
            self.known.clear()  # the winner may know a newer experiment
        raise ThrottledError("unit_contended", f"a unit's totals changed {ATTEMPTS} times while they were folded")

    def expected(self, unit_id: str) -> list[tuple[Assignment, Totals]]:
        """A unit's assignments, each with the totals that its events give now. Nothing is written."""
        pairs = self._foldable(self.assignments.of_unit(unit_id))
        events = self._events_of(unit_id, pairs)
        return [(item, item.totals if item.heavy else fold(item, experiment, events)) for item, experiment in pairs]

    def _fold_once(self, unit_id: str, items: Sequence[Assignment]) -> bool:
        pairs = self._foldable(items)
        if not pairs:
            return True
        events = self._events_of(unit_id, pairs)
        return all(self._write(assignment, experiment, events) for assignment, experiment in pairs)

    def _foldable(self, assignments: Sequence[Assignment]) -> list[tuple[Assignment, Experiment]]:
        unknown = {item.experiment for item in assignments if not item.erased} - self.known.keys()
        if unknown:
            self.known.update(self.experiments.read_many(unknown))
        pairs = [(item, self.known[item.experiment]) for item in assignments if item.experiment in self.known]
        return [(item, one) for item, one in pairs if not item.erased and not is_sealed(one, self.now)]

    def _events_of(self, unit_id: str, pairs: Sequence[tuple[Assignment, Experiment]]) -> Sequence[Event]:
        spans = [span(item, experiment) for item, experiment in pairs if not item.heavy]
        if not spans:
            return ()
        last = max(period.end or self.now + timedelta(days=1) for period in spans)
        first = min(period.start for period in spans)
        return self.events.between(unit_id, day_of(first), day_of(last), limit=HEAVY_EVENTS + 1)

    def _write(self, item: Assignment, experiment: Experiment, events: Sequence[Event]) -> bool:
        if item.epoch > experiment.epoch:
            return False  # folded by newer metrics than ours: even totals that look the same may miss some
        totals = item.totals if item.heavy else fold(item, experiment, events)
        heavy = item.heavy or is_heavy(events, totals)
        if heavy and not item.heavy:
            totals = item.totals
        dimensions = whole(experiment.dimensions, item.dimensions)
        is_whole = dimensions.keys() == item.dimensions.keys()
        if (totals, heavy) == (item.totals, item.heavy) and item.epoch == experiment.epoch and is_whole:
            return True
        return self.assignments.write_totals(
            item, totals, heavy=heavy, epoch=experiment.epoch, dimensions=None if is_whole else dimensions
        )


def is_heavy(events: Sequence[Event], totals: Totals) -> bool:
    """Whether a unit has more events than one person makes: over 10,000, or totals above 100 kB."""
    if len(events) > HEAVY_EVENTS:
        return True
    days = sum(len(metric.days) for metric in totals.metrics.values())
    return days > 1_000 and len(json.dumps(totals.as_json())) > HEAVY_BYTES
