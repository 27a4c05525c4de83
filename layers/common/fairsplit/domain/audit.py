"""The audit trail: who changed what, when, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairsplit.domain.timestamps import from_text, to_text


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a change: the id and name of the token, or of what acts by itself."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; None where it was, or is, absent."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change. `version` is the experiment's version after it."""

    at: datetime
    actor: Actor
    action: str
    version: int
    reason: str | None = None
    changes: tuple[FieldChange, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The entry as it is stored and answered."""
        return {
            "at": to_text(self.at),
            "actor": {"id": self.actor.id, "name": self.actor.name},
            "action": self.action,
            "version": self.version,
            "reason": self.reason,
            "changes": [{"field": one.field, "old": one.old, "new": one.new} for one in self.changes],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Entry:
        """A stored entry."""
        return cls(
            at=from_text(value["at"]),
            actor=Actor(value["actor"]["id"], value["actor"]["name"]),
            action=value["action"],
            version=value["version"],
            reason=value["reason"],
            changes=tuple(FieldChange(one["field"], one["old"], one["new"]) for one in value["changes"]),
        )
