"""What a caller gets to know of a unit in an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.eligibility import Choice, Reason
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.timestamps import to_text


@dataclass(frozen=True)
class Answer:
    """A unit's variant, or None; why; and of a stored assignment since when, its bucket, and whether it is new.

    `continues` is the unit's fallback, where the assignment was taken over from it.
    """

    experiment: Experiment
    unit_id: str
    variant: str | None
    reason: Reason
    assigned_at: datetime | None = None
    bucket: int | None = None
    new: bool = False
    continues: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The answer as callers see it."""
        variant = self.experiment.variant(self.variant) if self.variant else None
        value = {
            "experiment": self.experiment.key,
            "unit_id": self.unit_id,
            "variant": self.variant,
            "value": variant.value if variant else None,
            "reason": self.reason,
            "assigned_at": to_text(self.assigned_at) if self.assigned_at else None,
            "bucket": self.bucket,
            "new": self.new,
        }
        return value | ({"from": self.continues} if self.continues else {})


def of_stored(experiment: Experiment, stored: Assignment, *, new: bool = False, continues: str | None = None) -> Answer:
    """The answer of a stored assignment."""
    return Answer(
        experiment, stored.unit_id, stored.variant, Reason.ASSIGNED, stored.assigned_at, stored.bucket, new, continues
    )


def of_choice(experiment: Experiment, unit_id: str, choice: Choice) -> Answer:
    """The answer of a choice, of which nothing is stored now."""
    since = choice.source.assigned_at if choice.source else None
    return Answer(experiment, unit_id, choice.variant, choice.reason, since, choice.bucket)


def of_unknown(key: str, unit_id: str) -> dict[str, Any]:
    """The entry of an experiment that there is not, among decisions of others."""
    nothing = dict.fromkeys(("variant", "value", "reason", "assigned_at", "bucket"))
    return {"experiment": key, "unit_id": unit_id} | nothing | {"reason": Reason.EXPERIMENT_NOT_FOUND, "new": False}
