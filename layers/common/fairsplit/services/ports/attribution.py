"""What attribution needs of the stores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.dimensions import Value
from fairsplit.domain.event import Event
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.totals import Totals


class UnitAssignments(Protocol):
    """All the assignments of a unit, and the one write that attribution makes."""

    def of_unit(self, unit_id: str) -> Sequence[Assignment]:
        """Read consistently, every page."""
        ...

    def write_totals(
        self,
        read: Assignment,
        totals: Totals,
        *,
        heavy: bool,
        epoch: int,
        dimensions: Mapping[str, Value] | None = None,
    ) -> bool:
        """Write the totals where the item is still the one that was read, and of no later epoch; whether it was.

        `dimensions` are written, too, unless they stay as they are (None).
        """
        ...


class UnitEvents(Protocol):
    """A unit's raw events."""

    def between(self, unit_id: str, first: date, last: date, *, limit: int) -> Sequence[Event]:
        """Read consistently, in the order they were stored; more than `limit` are cut behind it."""
        ...


class Experiments(Protocol):
    """The experiments as they are now."""

    def read_many(self, keys: Collection[str]) -> Mapping[str, Experiment]:
        """Read consistently; those that do not exist are absent."""
        ...
