"""Exported events: the raw events that can matter to an experiment, one row each."""

from __future__ import annotations

import json
from collections.abc import Iterable

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.entry import span
from fairsplit.domain.event import Event, first_of_each_id
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.export.lines import Cell
from fairsplit.domain.export.numbers import decimal
from fairsplit.domain.timestamps import to_text

HEADER = ("unit_id", "event_id", "type", "timestamp", "value", "properties")


def that_matter(unit: Assignment, experiment: Experiment, events: Iterable[Event]) -> list[Event]:
    """The unit's events from the pre-period to the completion, in the order they were stored, each id once."""
    reach = span(unit, experiment)
    return list(first_of_each_id(event for event in events if reach.holds(event.timestamp)))


def row(event: Event) -> list[Cell]:
    """An event's cells; its properties are one cell of JSON."""
    value = None if event.value is None else decimal(event.value)
    properties = json.dumps(event.properties, ensure_ascii=False, separators=(",", ":")) if event.properties else None
    return [event.unit_id, event.event_id, event.type, to_text(event.timestamp), value, properties]
