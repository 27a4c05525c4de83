"""A row of aggregates, and the changes that rollup adds to it: each change once, whatever is delivered again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.moments import NOTHING, Moments, of_assignment, total
from fairsplit.domain.timestamps import day_of

BASE = "base"  # in the place of a shard, for the row that compaction moves a day's sums to
ALL_EXPERIMENTS = "#health"  # in the place of a key, for what concerns all of them; no experiment can have it


@dataclass(frozen=True, slots=True, order=True)
class RowKey:
    """One row: the sums of one experiment, epoch and UTC day that came through one shard."""

    experiment: str
    epoch: int
    day: date
    shard: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a row holds.

    `seq` is the last sequence number of the stream that it has seen, `revision` counts all its writes, whoever made
    them, and `steps` sums how far the versions of its units have come: over an epoch's rows it equals the sum of
    their versions, or something was lost.
    """

    moments: Moments = NOTHING
    steps: int = 0
    seq: str = ""
    revision: int = 0
    seen_at: datetime | None = None

    def with_all(self, changes: Iterable[Change]) -> Row:
        """The row with those changes that it has not seen. The changes come in the order of their sequence."""
        fresh = [change for change in changes if change.seq > self.seq]
        if not fresh:
            return self
        return replace(
            self,
            moments=self.moments + total(change.moments for change in fresh),
            steps=self.steps + sum(change.steps for change in fresh),
            seq=fresh[-1].seq,
            revision=self.revision + 1,
            seen_at=max([change.at for change in fresh] + ([self.seen_at] if self.seen_at else [])),
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A note that an experiment's sums can no longer be trusted: why, and since when."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What one stream record adds to one row. `seq` is its sequence number, padded so that text order is its order."""

    seq: str
    at: datetime
    moments: Moments
    steps: int


@dataclass(frozen=True, slots=True)
class Record:
    """A stream record of an assignment: the item before and after. None: there was, or is, no item."""

    seq: str
    at: datetime
    unit_id: str
    experiment: str
    old: Assignment | None
    new: Assignment | None


def changes(record: Record, shard: str) -> dict[RowKey, Change]:
    """moments(new) − moments(old), by epoch and day.

    A unit that moves to another epoch is taken from the one and added to the other. The removal of an erased item
    changes nothing: its mark has taken it out before, and the count of erased units stays.
    """
    if record.new is None and record.old is not None and record.old.erased:
        return {}
    parts: dict[RowKey, Change] = {}
    for epoch in sorted({item.epoch for item in (record.old, record.new) if item is not None}):
        old = record.old if record.old is not None and record.old.epoch == epoch else None
        new = record.new if record.new is not None and record.new.epoch == epoch else None
        parts |= _of_epoch(record, shard, epoch, old, new)
    return parts


def _of_epoch(
    record: Record, shard: str, epoch: int, old: Assignment | None, new: Assignment | None
) -> dict[RowKey, Change]:
    before, after = (of_assignment(item) if item else {} for item in (old, new))
    deltas = {day: after.get(day, NOTHING) - before.get(day, NOTHING) for day in before.keys() | after.keys()}
    deltas = {day: delta for day, delta in deltas.items() if delta}
    steps = _steps(new) - _steps(old)
    if not deltas and not steps:
        return {}
    any_item = new or old
    carrier = max(deltas) if deltas else day_of(any_item.assigned_at)  # type: ignore[union-attr]  # one of them is there
    return {
        RowKey(record.experiment, epoch, day, shard): Change(
            record.seq, record.at, deltas.get(day, NOTHING), steps if day == carrier else 0
        )
        for day in deltas.keys() | {carrier}
    }


def _steps(item: Assignment | None) -> int:
    return 0 if item is None or item.erased else item.version
