"""Exported events: the raw events that an experiment's totals are made of, one row each."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.entry import entry_of, period
from fairsplit.domain.event import Event
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.export.lines import Cell
from fairsplit.domain.export.numbers import decimal
from fairsplit.domain.timestamps import to_text

HEADER = ("unit_id", "event_id", "type", "timestamp", "value", "properties")
Placed = tuple[str, Event]  # an event with its place in the order in which a unit's events are folded


def that_matter(unit: Assignment, experiment: Experiment, events: Sequence[Placed]) -> list[Placed]:
    """The unit's events from the pre-period to the completion, of each id the one that the fold takes; in its order."""
    entry = entry_of(unit, experiment, [event for _, event in events])
    reach = period(experiment, entry.at)
    first: dict[str, Placed] = {}
    for place, event in events:
        if reach.holds(event.timestamp):
            first.setdefault(event.event_id, (place, event))
    return list(first.values())


def row(event: Event) -> list[Cell]:
    """An event's cells; its properties are one cell of JSON."""
    value = None if event.value is None else decimal(event.value)
    properties = json.dumps(event.properties, ensure_ascii=False, separators=(",", ":")) if event.properties else None
    return [event.unit_id, event.event_id, event.type, to_text(event.timestamp), value, properties]
