"""What a reader asks of an experiment's results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """Everything is optional: None asks for all, or for what the experiment's analysis says."""

    metric: str | None = None
    event_type: str | None = None
    variant: str | None = None
    first: date | None = None  # `from`, inclusive
    last: date | None = None  # `to`, inclusive
    by_day: bool = False
    dimension: str | None = None
    method: str | None = None
    alpha: float | None = None
    correction: str | None = None
    cuped: bool | None = None

    def filters(self) -> dict[str, Any]:
        """What was asked, in the words of the API."""
        asked = {
            "metric": self.metric,
            "event_type": self.event_type,
            "variant": self.variant,
            "from": self.first.isoformat() if self.first else None,
            "to": self.last.isoformat() if self.last else None,
            "group_by": "day" if self.by_day else None,
            "dimension": self.dimension,
            "method": self.method,
            "alpha": self.alpha,
            "correction": self.correction,
            "cuped": self.cuped,
        }
        return {name: value for name, value in asked.items() if value is not None}
