"""What assigning needs of the stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.outcome import Outcome


class AssignmentStore(Protocol):
    """Stored assignments; one that is stored never changes its variant."""

    def find(self, unit_id: str, experiment: str, *, consistent: bool = False) -> Assignment | None:
        """The stored assignment, or None; maybe a moment old, unless `consistent`."""
        ...

    def find_many(self, assignments: Sequence[Assignment]) -> Sequence[Assignment]:
        """What is stored in the places of these, as it is now."""
        ...

    def of_unit(self, unit_id: str) -> Sequence[Assignment]:
        """All the assignments of a unit, maybe a moment old, without their totals."""
        ...

    def insert(self, assignment: Assignment) -> Assignment | None:
        """Store it where there is none: None when it was stored, else the one that is there."""
        ...

    def take_over(self, wanted: Assignment, fallback: Assignment) -> Assignment | None:
        """Store it where there is none and mark the fallback merged, both or none; else the one that is there."""
        ...

    def insert_many(self, assignments: Sequence[Assignment]) -> Sequence[Outcome]:
        """Store each where there is none; their places are all different."""
        ...

    def take_back(self, assignments: Sequence[Assignment]) -> None:
        """Delete each that is stored as it was given, of this very incarnation."""
        ...


class ExperimentReader(Protocol):
    """Experiments, maybe some seconds old."""

    def read(self, key: str) -> Experiment | None: ...


class ExperimentsReader(Protocol):
    """Many experiments at once, maybe some seconds old."""

    def read_many(self, keys: Iterable[str]) -> Mapping[str, Experiment]:
        """Those that exist, by key."""
        ...

    def live(self) -> Sequence[Experiment]:
        """All that are active, paused or completed."""
        ...
