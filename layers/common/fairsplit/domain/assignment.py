"""A unit's stored assignment in one experiment, with the totals that attribution folds into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fairsplit.domain.dimensions import Value
from fairsplit.domain.totals import NO_TOTALS, Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One stored item. Only `totals`, `version`, `epoch` and the marks ever change, and which `dimensions` there are.

    `bucket` is the hash in ten-thousandths (0…9999). `dimensions` has an entry for each one that the experiment
    declares; where it declared others when the item was stored, attribution brings them up to date. `incarnation` is
    random, made when the item is stored: it tells this item from one of the same unit that was erased before.
    `continues` is the digest of the unit's fallback, where this goes on with what the fallback had; the fallback's own
    item is then `merged`, and counts no more.
    """

    experiment: str
    unit_id: str
    variant: str
    bucket: int
    assigned_at: datetime
    incarnation: str
    dimensions: Mapping[str, Value] = field(default_factory=dict)
    version: int = 1
    epoch: int = 1
    totals: Totals = NO_TOTALS
    heavy: bool = False
    erased: bool = False
    merged: bool = False
    continues: str | None = None

    @property
    def entered_at(self) -> datetime:
        """From when on the unit counts: its assignment, or an exposure before it."""
        return self.totals.exposed_at or self.assigned_at

    @property
    def set_aside_as(self) -> str | None:
        """The name under which the unit is counted apart, and in nothing else; None where it counts as a unit."""
        marks = {
            "erased": self.erased,
            "merged": self.merged,
            "left_out": self.totals.left_out,
            "heavy": self.heavy,
            "mixed": self.totals.mixed,
        }
        return next((name for name, is_set in marks.items() if is_set), None)
