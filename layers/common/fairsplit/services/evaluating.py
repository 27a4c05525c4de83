"""Evaluating: many questions in one call, each of some unit about some experiment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairsplit.services.answers import Answer
from fairsplit.services.deciding import Deciding
from fairsplit.services.ports.assignments import ExperimentsReader


@dataclass(frozen=True, slots=True)
class Question:
    """Which variant a unit with these attributes gets in the experiment of that key."""

    key: str
    unit_id: str
    attributes: Mapping[str, Any]

    @property
    def asker(self) -> str:
        """Who asks: the same unit with the same attributes."""
        return json.dumps([self.unit_id, self.attributes], sort_keys=True)


def evaluate(deciding: Deciding, experiments: ExperimentsReader, questions: Sequence[Question]) -> list[Answer | None]:
    """The answers in the order of the questions, None where there is no such experiment; new assignments are stored.

    Raises:
        ThrottledError: the store is busy, or a unit is being erased. What was stored stays; ask again.
    """
    known = experiments.read_many(dict.fromkeys(question.key for question in questions))
    answers: dict[tuple[str, str], Answer] = {}
    for asker, asked in _by_asker(questions).items():
        wanted = [known[key] for key in dict.fromkeys(question.key for question in asked) if key in known]
        decided = deciding.decide(asked[0].unit_id, asked[0].attributes, wanted, record=True)
        answers |= {(asker, one.experiment.key): one for one in decided}
    return [answers.get((question.asker, question.key)) for question in questions]


def _by_asker(questions: Sequence[Question]) -> dict[str, list[Question]]:
    groups: dict[str, list[Question]] = {}
    for question in questions:
        groups.setdefault(question.asker, []).append(question)
    return groups
