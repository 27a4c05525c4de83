"""Exposing: a unit that met its variant before it was assigned is assigned by that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.eligibility import hash_choice
from fairsplit.domain.entry import span_from
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.exposure import Exposure, first_of_its_id, those_that_assign
from fairsplit.domain.sealing import is_sealed
from fairsplit.services.assigning import new_assignment
from fairsplit.services.attributing import Attribution, are_too_many, folded
from fairsplit.services.ports.exposures import ExposureStore

Place = tuple[str, str]  # a unit, and the key of one of its items
Grouped = Mapping[str, Sequence[Exposure]]


@dataclass(frozen=True, slots=True)
class Exposed:
    """What is known of units once their exposures were looked at.

    `assignments` are those that a unit had before, as they were read then. `busy` are the units that the store was too
    busy for.
    """

    assignments: Mapping[str, Sequence[Assignment]]
    busy: frozenset[str]


@dataclass(frozen=True)
class Exposing:
    """Assigns units by their exposures.

    A new assignment is stored with its totals, folded from events that were read before. What came in between is not
    lost: the insert itself comes back through the stream, and is folded again.
    """

    exposures: ExposureStore
    attribution: Attribution
    nonce: Callable[[], str]

    def assign_all(self, places: Sequence[Place]) -> Exposed:
        """Look at the exposures of these items; store the hash's variant where a unit has none and may get one."""
        try:
            units = self._read(places)
        except ThrottledError:
            return Exposed({}, frozenset(unit_id for unit_id, _ in places))
        found, busy = {}, set()
        for unit_id, exposures in units.items():
            try:
                found[unit_id] = self._assign(unit_id, exposures)
            except ThrottledError:
                busy.add(unit_id)
        return Exposed(found, frozenset(busy))

    def _read(self, places: Sequence[Place]) -> Grouped:
        """The exposures by unit; the experiments that they are of are known then."""
        found = self.exposures.read(places) if places else []
        self.attribution.know({one.experiment for one in found})
        return _by((one.event.unit_id, one) for one in found)

    def _assign(self, unit_id: str, exposures: Sequence[Exposure]) -> Sequence[Assignment]:
        there = self.attribution.assignments.of_unit(unit_id)
        wanted = list(self._wanted(unit_id, {item.experiment for item in there}, exposures))
        spans = [span_from(fit[0].at, experiment) for experiment, fit in wanted]
        events = self.attribution.events_in(unit_id, spans)
        for experiment, fit in wanted:
            first = fit[0] if are_too_many(events) else first_of_its_id(experiment, fit, events)
            if first:
                self.exposures.assign(folded(self._made(experiment, first), experiment, events), first)
        return there

    def _wanted(
        self, unit_id: str, taken: set[str], exposures: Iterable[Exposure]
    ) -> Iterator[tuple[Experiment, Sequence[Exposure]]]:
        """The experiments that the unit may enter, each with the exposures by which it may."""
        for key, mine in _by((one.experiment, one) for one in exposures).items():
            experiment = self.attribution.known.get(key)
            if experiment is None or key in taken or is_sealed(experiment, self.attribution.now):
                continue
            fit = those_that_assign(experiment, unit_id, mine)
            if fit and hash_choice(experiment, unit_id).variant:
                yield experiment, fit

    def _made(self, experiment: Experiment, exposure: Exposure) -> Assignment:
        """The assignment that the exposure makes."""
        unit_id = exposure.event.unit_id
        choice, attributes = hash_choice(experiment, unit_id), exposure.attributes
        return new_assignment(
            experiment, unit_id, choice, attributes, assigned_at=exposure.at, incarnation=self.nonce()
        )


def _by(pairs: Iterable[tuple[str, Exposure]]) -> dict[str, list[Exposure]]:
    groups: dict[str, list[Exposure]] = {}
    for name, exposure in pairs:
        groups.setdefault(name, []).append(exposure)
    return groups
