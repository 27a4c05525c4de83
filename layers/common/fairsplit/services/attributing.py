"""Attribution: fold a unit's events into the totals of its assignments."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.dimensions import whole
from fairsplit.domain.entry import Span, span
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.event import Event
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.folding import fold
from fairsplit.domain.sealing import is_sealed
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import Totals
from fairsplit.services.ports.attribution import Experiments, UnitAssignments, UnitEvents

ATTEMPTS = 10  # lost races of one unit before the batch is tried again as a whole
HEAVY_EVENTS = 10_000
HEAVY_BYTES = 100_000
Inserted = Mapping[str, Sequence[Assignment]]
Pair = tuple[Assignment, Experiment]


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

        Of a unit in `inserted` just these assignments are folded, as they were when they were stored, or read: they
        are older than the events that are read now, and a write is refused where they have changed. It saves a read.
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
            if self._fold_once(unit_id, self.assignments.of_unit(unit_id) if items is None else items):
                return
            items = None
            self.known.clear()  # the winner may know a newer experiment
        raise ThrottledError("unit_contended", f"a unit's totals changed {ATTEMPTS} times while they were folded")

    def know(self, keys: Collection[str]) -> Mapping[str, Experiment]:
        """The experiments that are known in this batch, with those of these keys that exist."""
        unknown = set(keys) - self.known.keys()
        if unknown:
            self.known.update(self.experiments.read_many(unknown))
        return self.known

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

    def _foldable(self, assignments: Sequence[Assignment]) -> list[Pair]:
        known = self.know({item.experiment for item in assignments if not item.erased})
        pairs = [(item, known[item.experiment]) for item in assignments if item.experiment in known]
        return [(item, one) for item, one in pairs if not item.erased and not is_sealed(one, self.now)]

    def _events_of(self, unit_id: str, pairs: Sequence[Pair]) -> Sequence[Event]:
        return self.events_in(unit_id, [span(item, experiment) for item, experiment in pairs if not item.heavy])

    def events_in(self, unit_id: str, spans: Sequence[Span]) -> Sequence[Event]:
        """The unit's events of these spans, and those between; not all of them, where they are too many."""
        if not spans:
            return ()
        last = max(period.end or self.now + timedelta(days=1) for period in spans)
        first = min(period.start for period in spans)
        return self.events.between(unit_id, day_of(first), day_of(last), limit=HEAVY_EVENTS + 1)

    def _write(self, item: Assignment, experiment: Experiment, events: Sequence[Event]) -> bool:
        if item.epoch > experiment.epoch:
            return False  # folded by newer metrics than ours: even totals that look the same may miss some
        refolded = folded(item, experiment, events)
        dimensions = whole(experiment.dimensions, item.dimensions)
        is_whole = dimensions.keys() == item.dimensions.keys()
        if refolded == item and item.epoch == experiment.epoch and is_whole:
            return True
        return self.assignments.write_totals(
            item,
            refolded.totals,
            heavy=refolded.heavy,
            epoch=experiment.epoch,
            dimensions=None if is_whole else dimensions,
        )


def folded(item: Assignment, experiment: Experiment, events: Sequence[Event]) -> Assignment:
    """The assignment with its new totals; one that is heavy, or now becomes so, keeps those that it has."""
    if item.heavy:
        return item
    totals = fold(item, experiment, events)
    return replace(item, heavy=True) if is_heavy(events, totals) else replace(item, totals=totals)


def are_too_many(events: Sequence[Event]) -> bool:
    """Whether these are more events than one person makes; then there may be others that were not read."""
    return len(events) > HEAVY_EVENTS


def is_heavy(events: Sequence[Event], totals: Totals) -> bool:
    """Whether a unit has more events than one person makes: over 10,000, or totals above 100 kB."""
    if are_too_many(events):
        return True
    days = sum(len(metric.days) for metric in totals.metrics.values())
    return days > 1_000 and len(json.dumps(totals.as_json())) > HEAVY_BYTES
