"""What exporting needs of the stores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.export.events import Placed


class UnitParts(Protocol):
    """The units of an experiment, in parts, in the order of their ids."""

    @property
    def parts(self) -> int: ...

    def page(self, experiment: str, part: int, after: str, limit: int) -> Sequence[Assignment]:
        """Up to `limit` units of one part behind the unit `after`, as they are now; empty at the end alone."""
        ...


class EventsOfUnit(Protocol):
    """A unit's raw events in the order they are folded, each with its place there: a text that sorts like it."""

    def placed(self, unit_id: str, first: date, last: date, *, limit: int | None = None) -> Sequence[Placed]: ...
