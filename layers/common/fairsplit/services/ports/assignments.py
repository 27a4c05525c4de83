"""What assigning needs of the stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.outcome import Outcome


class AssignmentStore(Protocol):
    """Stored assignments; one that is stored never changes its variant."""

    def find(self, unit_id: str, experiment: str) -> Assignment | None:
        """The stored assignment, maybe a moment old; None where none is seen."""
        ...

    def insert(self, assignment: Assignment) -> Assignment | None:
        """Store it where there is none: None when it was stored, else the one that is there."""
        ...

    def insert_many(self, assignments: Sequence[Assignment]) -> Sequence[Outcome]:
        """Store each where there is none; units all different."""
        ...

    def take_back(self, assignments: Sequence[Assignment]) -> None:
        """Delete each that is stored as it was given, of this very incarnation."""
        ...


class ExperimentReader(Protocol):
    """Experiments, maybe some seconds old."""

    def read(self, key: str) -> Experiment | None: ...
