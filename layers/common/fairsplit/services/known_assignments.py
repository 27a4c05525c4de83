"""Stored assignments in memory: they never change their variant, but a unit can be erased."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.totals import NO_TOTALS

KNOWN_FOR = timedelta(minutes=5)
KNOWN_AT_MOST = 20_000


@dataclass
class Known:
    """Stored assignments that this process has seen, for at most five minutes, without their totals."""

    items: OrderedDict[tuple[str, str], tuple[datetime, Assignment]] = field(default_factory=OrderedDict)

    def get(self, unit_id: str, experiment: str, now: datetime) -> Assignment | None:
        """The unit's assignment, if it was seen within the last five minutes."""
        seen = self.items.get((unit_id, experiment))
        return seen[1] if seen and now - seen[0] < KNOWN_FOR else None

    def put(self, assignment: Assignment, now: datetime) -> None:
        """Remember it, and forget the one that was put first where there are too many."""
        place = (assignment.unit_id, assignment.experiment)
        self.items[place] = (now, replace(assignment, totals=NO_TOTALS))
        self.items.move_to_end(place)
        while len(self.items) > KNOWN_AT_MOST:
            self.items.popitem(last=False)
