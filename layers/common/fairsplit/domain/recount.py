"""A recount: folding every unit of an experiment anew, under a new epoch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RecountState(StrEnum):
    """How far a recount is. Walking: units are folded. Draining: rollup has yet to add what was folded."""

    QUEUED = "queued"
    WALKING = "walking"
    DRAINING = "draining"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """The last recount of an experiment, and which epoch's sums are whole.

    Results add the rows of every epoch from `complete_epoch` on. `shard` and `after` say where the walk goes on;
    `walked` counts the units of this pass, `drifted` whether the old sums were found to be wrong. `uncounted` are the
    fingerprints of which some epoch from the complete one on has no sums: while it runs, theirs are not whole.
    """

    experiment: str
    epoch: int = 1
    complete_epoch: int = 1
    state: RecountState = RecountState.DONE
    reason: str = ""
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    drained_from: datetime | None = None
    shard: int = 0
    after: str | None = None
    walked: int = 0
    passes: int = 0
    drifted: bool = False
    uncounted: frozenset[str] = frozenset()

    @property
    def is_running(self) -> bool:
        return self.state is not RecountState.DONE
