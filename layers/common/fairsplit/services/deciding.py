"""Deciding: a unit's variants in many experiments, with one read and few writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.assignment_requests import DecisionRequest
from fairsplit.domain.eligibility import FIRST, RUNNING, Case, Choice, Reason, Step, settle, settled, steps
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.outcome import Outcome
from fairsplit.services.answers import Answer, of_choice, of_unknown
from fairsplit.services.assigning import Assigning
from fairsplit.services.ports.assignments import ExperimentsReader


@dataclass(frozen=True)
class Deciding:
    """Decides over many experiments at once, by the very rules, stores and memory of assigning."""

    assigning: Assigning

    def decide(
        self, unit_id: str, attributes: Mapping[str, Any], experiments: Sequence[Experiment], *, record: bool
    ) -> list[Answer]:
        """The unit's variant in each of the experiments and why; with `record` new assignments are stored.

        Raises:
            ThrottledError: the store is busy, or the unit is being erased. What was stored stays; ask again.
        """
        cases = self.cases(unit_id, attributes, experiments)
        choices = [settled(case) for case in cases]
        fresh = [index for index, choice in enumerate(choices) if record and _is_new(cases[index], choice)]
        answers = [of_choice(case.experiment, unit_id, choice) for case, choice in zip(cases, choices, strict=True)]
        for index, answer in zip(fresh, self._store([(cases[one], choices[one]) for one in fresh]), strict=True):
            answers[index] = answer
        return answers

    def explain(
        self, unit_id: str, attributes: Mapping[str, Any], experiments: Sequence[Experiment]
    ) -> list[tuple[Answer, list[Step]]]:
        """What `decide` would answer, each with the steps that lead there; nothing is stored."""
        cases = self.cases(unit_id, attributes, experiments)
        return [(of_choice(case.experiment, unit_id, settled(case)), list(steps(case))) for case in cases]

    def cases(self, unit_id: str, attributes: Mapping[str, Any], experiments: Sequence[Experiment]) -> list[Case]:
        """Each experiment with what the unit has in it: from memory, else from one query for all of them."""
        now = self.assigning.clock()
        cases = [Case(one, unit_id, attributes, self.assigning.known.get(unit_id, one.key, now)) for one in experiments]
        unread = [case.experiment for case in cases if not case.stored and not settle(case, FIRST)]
        if not unread:
            return cases
        found = self._read(unit_id, unread)
        return [
            Case(case.experiment, unit_id, attributes, case.stored or found.get(case.experiment.key)) for case in cases
        ]

    def _read(self, unit_id: str, experiments: Sequence[Experiment]) -> Mapping[str, Assignment]:
        stored = self.assigning.assignments.of_unit(unit_id)
        found = {one.experiment: one for one in stored if not one.erased}
        for experiment in experiments:
            if experiment.key in found:
                self.assigning.remember(experiment, found[experiment.key])
        return found

    def _store(self, pairs: Sequence[tuple[Case, Choice]]) -> list[Answer]:
        """Store all at once. What others stored a moment before is read back together, and answered."""
        if not pairs:
            return []
        store = self.assigning.assignments
        wanted = [
            self.assigning.wanted(case.experiment, case.unit_id, choice, case.attributes) for case, choice in pairs
        ]
        outcomes = store.insert_many(wanted)
        if Outcome.THROTTLED in outcomes:
            raise ThrottledError("store_busy", "The store is throttling. Try again after the time in Retry-After.")
        lost = [one for one, outcome in zip(wanted, outcomes, strict=True) if outcome is Outcome.EXISTS]
        winners = {one.experiment: one for one in store.find_many(lost)} if lost else {}
        return [
            self.assigning.answer_of(case.experiment, one, winners.get(one.experiment))
            for (case, _), one in zip(pairs, wanted, strict=True)
        ]


def _is_new(case: Case, choice: Choice) -> bool:
    """Whether the choice is the hash's, and so has to be stored."""
    return choice.variant is not None and choice.source is None and settle(case, FIRST) is None


def decisions_of(deciding: Deciding, asked: DecisionRequest, experiments: ExperimentsReader) -> list[dict[str, Any]]:
    """The decisions that were asked for, in the order of their keys; of all, those that the unit may get or has.

    Asked for no experiments by name, that are the active ones, and those paused ones that the unit is in.

    Raises:
        ThrottledError: see `Deciding.decide`.
    """
    if asked.experiments is None:
        entries = _entries(deciding, asked, [one for one in experiments.live() if one.status in RUNNING])
        return [entry for entry in entries.values() if entry["reason"] != Reason.NOT_ACTIVE]
    found = experiments.read_many(asked.experiments)
    entries = _entries(deciding, asked, list(found.values()))
    return [entries.get(key) or _of_unknown(key, asked) for key in asked.experiments]


def _entries(
    deciding: Deciding, asked: DecisionRequest, experiments: Sequence[Experiment]
) -> dict[str, dict[str, Any]]:
    """Each experiment's entry, by key."""
    unit_id, attributes = asked.unit_id, asked.attributes
    if asked.explain:
        explained = deciding.explain(unit_id, attributes, experiments)
        return {
            one.experiment.key: one.as_json() | {"trace": [step.as_json() for step in trace]}
            for one, trace in explained
        }
    answers = deciding.decide(unit_id, attributes, experiments, record=asked.record)
    return {one.experiment.key: one.as_json() for one in answers}


def _of_unknown(key: str, asked: DecisionRequest) -> dict[str, Any]:
    return of_unknown(key, asked.unit_id) | ({"trace": []} if asked.explain else {})
