"""Assigning: the same unit gets the same variant for ever, however many ask at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fairsplit.domain import dimensions
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.eligibility import FIRST, RUNNING, Case, Choice, settle, settled
from fairsplit.domain.errors import NotFoundError, ThrottledError
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.unit_ids import digest_of
from fairsplit.services.answers import Answer, of_choice, of_stored
from fairsplit.services.known_assignments import Known
from fairsplit.services.ports.assignments import AssignmentStore, ExperimentReader


@dataclass(frozen=True)
class Assigning:
    """Assigns units, with the stores it needs, the clock, and a source of random texts."""

    assignments: AssignmentStore
    experiments: ExperimentReader
    known: Known
    clock: Callable[[], datetime]
    nonce: Callable[[], str]

    def assign(
        self, key: str, unit_id: str, attributes: Mapping[str, Any], fallback_unit_id: str | None = None
    ) -> Answer:
        """The unit's variant and why; stored where the rules give one and none is stored yet.

        `fallback_unit_id` is who the unit was before, such as the anonymous id before a login: what that one has in
        the experiment goes on under the new id, where the unit has nothing of its own.

        Raises:
            NotFoundError: there is no such experiment.
            ThrottledError: the store is busy, or the unit is just being erased.
        """
        experiment = experiment_of(self.experiments, key)
        first = settle(Case(experiment, unit_id), FIRST)
        if first:
            return of_choice(experiment, unit_id, first)
        stored = self.stored(experiment, unit_id)
        if stored:
            return of_stored(experiment, stored, continues=_origin(stored, fallback_unit_id))
        fallback = self._fallback(experiment, fallback_unit_id)
        choice = settled(Case(experiment, unit_id, attributes, fallback=fallback))
        if choice.variant is None:
            return of_choice(experiment, unit_id, choice)
        return self._store(experiment, self.wanted(experiment, unit_id, choice, attributes), fallback)

    def stored(self, experiment: Experiment, unit_id: str) -> Assignment | None:
        """The unit's stored assignment; None where there is none, or it is being erased."""
        known = self.known.get(unit_id, experiment.key, self.clock())
        if known:
            return known
        stored = self.assignments.find(unit_id, experiment.key)
        if stored is None or stored.erased:
            return None
        self.remember(experiment, stored)
        return stored

    def remember(self, experiment: Experiment, stored: Assignment) -> None:
        """Keep it in memory, but for a draft's: a draft can be deleted, and its key used again."""
        if experiment.status is not Status.DRAFT:
            self.known.put(stored, self.clock())

    def wanted(self, experiment: Experiment, unit_id: str, choice: Choice, attributes: Mapping[str, Any]) -> Assignment:
        """The item to be stored of a choice that has a variant."""
        since = choice.source.assigned_at if choice.source else self.clock()
        return new_assignment(experiment, unit_id, choice, attributes, assigned_at=since, incarnation=self.nonce())

    def answer_of(self, experiment: Experiment, wanted: Assignment, winner: Assignment | None) -> Answer:
        """The answer after storing, where `winner` is what was there before, if anything.

        After a time-out the store may have our own item already: the same random text tells.

        Raises:
            ThrottledError: the unit is being erased.
        """
        stored = winner or wanted
        if stored.erased:
            raise ThrottledError("unit_being_erased", "The unit is being erased. Try again in a moment.")
        self.remember(experiment, stored)
        return of_stored(experiment, stored, new=stored.incarnation == wanted.incarnation)

    def _fallback(self, experiment: Experiment, fallback_unit_id: str | None) -> Assignment | None:
        """What the fallback has, read as it is now: it may have been stored a moment ago."""
        if fallback_unit_id is None or experiment.status not in RUNNING:
            return None
        found = self.assignments.find(fallback_unit_id, experiment.key, consistent=True)
        return None if found is None or found.erased else found

    def _store(self, experiment: Experiment, wanted: Assignment, fallback: Assignment | None) -> Answer:
        if fallback and not fallback.merged:
            winner = self.assignments.take_over(wanted, fallback)
        else:
            winner = self.assignments.insert(wanted)
        answer = self.answer_of(experiment, wanted, winner)
        return replace(answer, continues=_origin(winner or wanted, fallback.unit_id if fallback else None))


def new_assignment(
    experiment: Experiment,
    unit_id: str,
    choice: Choice,
    attributes: Mapping[str, Any],
    *,
    assigned_at: datetime,
    incarnation: str,
) -> Assignment:
    """The item of a choice that has a variant; what is taken over brings the values of its dimensions along."""
    values = dimensions.given(experiment.dimensions, attributes)
    before = choice.source.dimensions if choice.source else {}
    return Assignment(
        experiment=experiment.key,
        unit_id=unit_id,
        variant=choice.variant or "",
        bucket=choice.bucket or 0,
        assigned_at=assigned_at,
        incarnation=incarnation,
        dimensions={name: before.get(name) if value is None else value for name, value in values.items()},
        epoch=experiment.epoch,
        continues=digest_of(choice.source.unit_id) if choice.source else None,
    )


def experiment_of(experiments: ExperimentReader, key: str) -> Experiment:
    """The experiment of a key.

    Raises:
        NotFoundError: there is none.
    """
    experiment = experiments.read(key)
    if experiment is None:
        raise NotFoundError("experiment_not_found", f"There is no experiment {key[:64]}.")
    return experiment


def _origin(stored: Assignment, fallback_unit_id: str | None) -> str | None:
    """The fallback, where the assignment was taken over from it."""
    same = fallback_unit_id is not None and stored.continues == digest_of(fallback_unit_id)
    return fallback_unit_id if same else None
