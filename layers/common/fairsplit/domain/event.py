"""An event: what a unit did, when, and with what value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One accepted event. `value` is in ten-thousandths, exact; `properties` are the client's own JSON."""

    event_id: str
    unit_id: str
    type: str
    timestamp: datetime
    value: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
