"""Exporting: an experiment's units, raw events or results as rows, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.entry import span
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.export import events as event_rows
from fairsplit.domain.export import units as unit_rows
from fairsplit.domain.export.lines import Cell
from fairsplit.domain.timestamps import day_of
from fairsplit.services.ports.exporting import EventsOfUnit, UnitParts

BEFORE_ALL = "\x00"  # comes before every unit id, which have no control characters
UNITS_AT_ONCE = 100
MOST_UNITS = 200  # whose events one page looks at, however few they have
MOST_EVENTS = 10_000  # of one unit; no person makes more, and results leave such a unit out
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: in a part of the units, behind the unit `after`; of `unit`, the next, behind `inside`.

    A unit that comes in between the two is passed over: it was not there when the export began.
    """

    part: int = 0
    after: str = BEFORE_ALL
    unit: str = BEFORE_ALL
    inside: str = BEFORE_ALL


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk comes to: a row, or None where a unit has none; and the place behind it."""

    row: Row | None
    behind: Place


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and where the next page begins; None at the end."""

    rows: Sequence[Row]
    following: Place | None


@dataclass(frozen=True)
class Exporting:
    """Walks over the units of one experiment. What comes in meanwhile may or may not be in; the rest is, once."""

    experiment: Experiment
    units: UnitParts
    events: EventsOfUnit
    now: datetime
    at_once: int = UNITS_AT_ONCE

    def assignments(self, place: Place) -> Iterator[Found]:
        """One row a unit."""
        for part, unit in self._units_behind(place):
            yield Found(unit_rows.row(self.experiment, unit), Place(part, unit.unit_id))

    def raw_events(self, place: Place) -> Iterator[Found]:
        """One row an event that can matter to the experiment; None for each unit that has been gone through."""
        behind = place
        for part, unit in self._units_behind(place):
            after = behind.after if part == behind.part else BEFORE_ALL
            inside = place.inside if (part, unit.unit_id) == (place.part, place.unit) else BEFORE_ALL
            for where, event in self._events_of(unit):
                if where > inside:
                    yield Found(event_rows.row(event), Place(part, after, unit.unit_id, where))
            behind = Place(part, unit.unit_id)
            yield Found(None, behind)

    def _units_behind(self, place: Place) -> Iterator[tuple[int, Assignment]]:
        """The units from the place on, with their parts; those that are being erased are gone already."""
        after = place.after
        for part in range(place.part, self.units.parts):
            while units := self.units.page(self.experiment.key, part, after, self.at_once):
                found = [(part, unit) for unit in units if not unit.erased]
                yield from ((part, unit) for part, unit in found if (part, unit.unit_id) >= (place.part, place.unit))
                after = units[-1].unit_id
            after = BEFORE_ALL

    def _events_of(self, unit: Assignment) -> list[event_rows.Placed]:
        reach = span(unit, self.experiment)
        last = reach.end or self.now + timedelta(days=1)
        found = self.events.placed(unit.unit_id, day_of(reach.start), day_of(last), limit=MOST_EVENTS)
        return event_rows.that_matter(unit, self.experiment, found)


def page_of(
    found: Iterable[Found], limit: int, room: int, size_of: Callable[[Row], int], has_time: Callable[[], bool]
) -> Page:
    """Up to `limit` rows of a walk, no more than there is room and time for (but one), from no more than 200 units."""
    rows: list[Row] = []
    units = 0
    behind = Place()
    for one in found:
        if one.row is not None:
            room -= size_of(one.row)
            if rows and (len(rows) == limit or room < 0):
                return Page(rows, behind)
            rows.append(one.row)
        behind = one.behind
        units += one.row is None
        if units == MOST_UNITS or not has_time():
            return Page(rows, behind)
    return Page(rows, None)
