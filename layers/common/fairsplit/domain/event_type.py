"""Event types: what the properties of a type's events have to look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class EventType:
    """A type's JSON Schema (2020-12), and whether events that break it are rejected or only warned about."""

    type: str
    schema: Any
    mode: Literal["reject", "warn"]

    def as_json(self) -> dict[str, Any]:
        return {"type": self.type, "schema": self.schema, "mode": self.mode}
