"""Assigning: the same unit gets the same variant for ever, however many ask at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.eligibility import Choice, Reason, choose_variant, dimensions_of
from fairsplit.domain.errors import NotFoundError, ThrottledError
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.timestamps import to_text
from fairsplit.services.ports.assignments import AssignmentStore, ExperimentReader

KNOWN_FOR = timedelta(minutes=5)  # a unit can be erased
KNOWN_AT_MOST = 20_000
OVER = {Status.COMPLETED, Status.ARCHIVED}


@dataclass
class Known:
    """Stored assignments that this process has seen, for at most five minutes."""

    items: OrderedDict[tuple[str, str], tuple[datetime, Assignment]] = field(default_factory=OrderedDict)

    def get(self, unit_id: str, experiment: str, now: datetime) -> Assignment | None:
        """The unit's assignment, if it was seen within the last five minutes."""
        seen = self.items.get((unit_id, experiment))
        return seen[1] if seen and now - seen[0] < KNOWN_FOR else None

    def put(self, assignment: Assignment, now: datetime) -> None:
        """Remember it, and forget the one that was put first where there are too many."""
        place = (assignment.unit_id, assignment.experiment)
        self.items[place] = (now, assignment)
        self.items.move_to_end(place)
        while len(self.items) > KNOWN_AT_MOST:
            self.items.popitem(last=False)


@dataclass(frozen=True)
class Answer:
    """What a caller gets to know of a unit in an experiment."""

    experiment: Experiment
    unit_id: str
    variant: str | None
    reason: Reason
    assigned_at: datetime | None = None
    bucket: int | None = None
    new: bool = False

    def as_json(self) -> dict[str, Any]:
        variant = self.experiment.variant(self.variant) if self.variant else None
        return {
            "experiment": self.experiment.key,
            "unit_id": self.unit_id,
            "variant": self.variant,
            "value": variant.value if variant else None,
            "reason": self.reason,
            "assigned_at": to_text(self.assigned_at) if self.assigned_at else None,
            "bucket": self.bucket,
            "new": self.new,
        }


@dataclass(frozen=True)
class Assigning:
    """Assigns units, with the stores it needs, the clock, and a source of random texts."""

    assignments: AssignmentStore
    experiments: ExperimentReader
    known: Known
    clock: Callable[[], datetime]
    nonce: Callable[[], str]

    def assign(self, key: str, unit_id: str, attributes: Mapping[str, Any]) -> Answer:
        """The unit's variant and why; stored where the rules give one and none is stored yet.

        Raises:
            NotFoundError: there is no such experiment.
        """
        experiment = experiment_of(self.experiments, key)
        override = experiment.overrides.get(unit_id)
        if override:
            return Answer(experiment, unit_id, override, Reason.OVERRIDE)
        if experiment.status in OVER and experiment.winner:
            return Answer(experiment, unit_id, experiment.winner, Reason.ASSIGNED)
        stored = self.stored(key, unit_id, remember=experiment.status is not Status.DRAFT)
        if stored:
            return answer_of(experiment, stored)
        if experiment.status is not Status.ACTIVE:
            return Answer(experiment, unit_id, None, Reason.NOT_ACTIVE)
        choice = choose_variant(experiment, unit_id, attributes)
        if choice.variant is None:
            return Answer(experiment, unit_id, None, choice.reason, bucket=choice.bucket)
        return self._store(experiment, unit_id, choice, attributes)

    def stored(self, key: str, unit_id: str, *, remember: bool = True) -> Assignment | None:
        """The unit's stored assignment; None where there is none, or it is being erased.

        What a draft has is not to be remembered: a draft can be deleted, and its key used again.
        """
        now = self.clock()
        known = self.known.get(unit_id, key, now)
        if known:
            return known
        stored = self.assignments.find(unit_id, key)
        if stored is None or stored.erased:
            return None
        if remember:
            self.known.put(stored, now)
        return stored

    def _store(self, experiment: Experiment, unit_id: str, choice: Choice, attributes: Mapping[str, Any]) -> Answer:
        wanted = new_assignment(
            experiment, unit_id, choice, attributes, assigned_at=self.clock(), incarnation=self.nonce()
        )
        winner = self.assignments.insert(wanted)
        if winner is not None and winner.erased:
            raise ThrottledError("unit_being_erased", "The unit is being erased. Try again in a moment.")
        stored = winner or wanted
        self.known.put(stored, self.clock())
        # After a time-out the store may have our own item already: the same random text tells.
        return answer_of(experiment, stored, new=stored.incarnation == wanted.incarnation)


def new_assignment(
    experiment: Experiment,
    unit_id: str,
    choice: Choice,
    attributes: Mapping[str, Any],
    *,
    assigned_at: datetime,
    incarnation: str,
) -> Assignment:
    """The item of a choice that has a variant."""
    return Assignment(
        experiment=experiment.key,
        unit_id=unit_id,
        variant=choice.variant or "",
        bucket=choice.bucket or 0,
        assigned_at=assigned_at,
        incarnation=incarnation,
        dimensions=dimensions_of(experiment, attributes),
        epoch=experiment.epoch,
    )


def answer_of(experiment: Experiment, stored: Assignment, *, new: bool = False) -> Answer:
    """The answer of a stored assignment."""
    return Answer(experiment, stored.unit_id, stored.variant, Reason.ASSIGNED, stored.assigned_at, stored.bucket, new)


def experiment_of(experiments: ExperimentReader, key: str) -> Experiment:
    """The experiment of a key.

    Raises:
        NotFoundError: there is none.
    """
    experiment = experiments.read(key)
    if experiment is None:
        raise NotFoundError("experiment_not_found", f"There is no experiment {key[:64]}.")
    return experiment
