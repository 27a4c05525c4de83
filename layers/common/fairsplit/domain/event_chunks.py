"""How the events of one call are gathered into items: by unit and UTC day, in the order sent, each under 64 KB.

Exposures have items of their own, so that whoever sees an item's key knows whether it holds any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from fairsplit.domain.event import Event
from fairsplit.domain.timestamps import day_of, from_millis, to_millis

CHUNK_BYTES = 64 * 1024  # of JSON before compression; a chunk stays below it
DIGEST_LENGTH = 32


@dataclass(frozen=True, slots=True)
class EventChunk:
    """Events of one unit and one UTC day that came in one call, exposures or others: what one stored item holds."""

    unit_id: str
    day: date
    events: tuple[Event, ...]

    @property
    def digest(self) -> str:
        """Made of the event ids alone, whatever their order: the same events sent again have the same."""
        ids = json.dumps(sorted(event.event_id for event in self.events))
        return sha256(ids.encode()).hexdigest()[:DIGEST_LENGTH]

    @property
    def holds_exposures(self) -> bool:
        """Whether its events are exposures; then all of them are."""
        return self.events[0].is_exposure

    def rows(self) -> list[list[Any]]:
        """The JSON value that is stored."""
        return [to_row(event) for event in self.events]


def to_row(event: Event) -> list[Any]:
    """An event as stored: id, type, milliseconds since 1970, value in ten-thousandths or None, properties."""
    return [event.event_id, event.type, to_millis(event.timestamp), event.value, dict(event.properties)]


def from_row(unit_id: str, row: Sequence[Any]) -> Event:
    """The event of a stored row."""
    event_id, event_type, millis, value, properties = row
    return Event(event_id, unit_id, event_type, from_millis(millis), value, properties)


def chunk_events(events: Iterable[Event]) -> list[EventChunk]:
    """All events as chunks, in the order sent. The same events in the same order give the same chunks."""
    groups: dict[tuple[str, date, bool], list[Event]] = {}
    for event in events:
        groups.setdefault((event.unit_id, day_of(event.timestamp), event.is_exposure), []).append(event)
    return [
        EventChunk(unit_id, day, tuple(part)) for (unit_id, day, _), group in groups.items() for part in _parts(group)
    ]


def _parts(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Runs of events whose JSON list is shorter than CHUNK_BYTES."""
    part: list[Event] = []
    room = CHUNK_BYTES - 2  # the brackets
    for event in events:
        size = json_size(to_row(event)) + 1  # the comma
        if part and size >= room:
            yield part
            part, room = [], CHUNK_BYTES - 2
        part.append(event)
        room -= size
    if part:
        yield part


def json_size(value: Any) -> int:
    """Bytes of a value as compact JSON in UTF-8.

    Raises:
        UnicodeEncodeError: a string in it holds a lone surrogate.
    """
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
