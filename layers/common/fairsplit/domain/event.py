"""An event: what a unit did, when, and with what value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

EXPOSURE = "$exposure"  # the type of an event that says that its unit met a variant


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted event. `value` is in ten-thousandths, exact; `properties` are the client's own JSON."""

    event_id: str
    unit_id: str
    type: str
    timestamp: datetime
    value: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_exposure(self) -> bool:
        """Whether it says that its unit met a variant."""
        return self.type == EXPOSURE


def first_of_each_id(events: Iterable[Event]) -> Iterator[Event]:
    """The events without those whose id came before."""
    seen = set()
    for event in events:
        if event.event_id not in seen:
            seen.add(event.event_id)
            yield event
