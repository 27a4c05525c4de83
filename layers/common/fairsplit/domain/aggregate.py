"""A row of aggregates, and the changes that rollup adds to it: each change once, whatever is delivered again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.dimensions import is_of_dimension, partition_of, value_json
from fairsplit.domain.moments import NOTHING, Moments, of_assignment, total
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.value_sums import ValueSums, under_value

ByDay = Mapping[date, Moments]
BASE = "base"  # in the place of a shard, for the row that compaction moves a day's sums to
ALL_EXPERIMENTS = "#health"  # in the place of a key, for what concerns all of them; no experiment can have it


@dataclass(frozen=True, slots=True, order=True)
class RowKey:
    """One row: the sums of one experiment, epoch and UTC day that came through one shard.

    In place of the experiment stands the partition of a dimension where the sums are by its values.
    """

    experiment: str
    epoch: int
    day: date
    shard: str

    @property
    def is_of_dimension(self) -> bool:
        """Whether the sums are by value of a dimension."""
        return is_of_dimension(self.experiment)


@dataclass(frozen=True, slots=True)
class Row:
    """What a row holds.

    `seq` is the last sequence number of the stream that it has seen, `revision` counts all its writes, whoever made
    them, and `steps` sums how far the versions of its units have come: over an epoch's rows it equals the sum of
    their versions, or something was lost. Rows by value have no steps; one that had to hold more values than it may
    has dropped its sums, stays as it is from then on, and says `overflow`.
    """

    moments: Moments = NOTHING
    steps: int = 0
    seq: str = ""
    revision: int = 0
    seen_at: datetime | None = None
    overflow: bool = False

    def with_all(self, changes: Iterable[Change]) -> Row:
        """The row with those changes that it has not seen. The changes come in the order of their sequence."""
        fresh = [change for change in changes if change.seq > self.seq]
        return self._with(fresh, self.moments + total(change.moments for change in fresh)) if fresh else self

    def with_all_by_value(self, changes: Iterable[Change]) -> Row:
        """The same for sums by value, up to the change that is too much.

        Each change is looked at by itself, so that the row is the same however they are cut into batches.
        """
        fresh = [change for change in changes if change.seq > self.seq]
        if self.overflow or not fresh:
            return self
        sums = ValueSums(self.moments)
        for number, change in enumerate(fresh, 1):
            sums.add(change.moments)
            if not sums.fits:
                return replace(self._with(fresh[:number], NOTHING), overflow=True)
        return self._with(fresh, Moments(sums.sums))

    def _with(self, fresh: Sequence[Change], moments: Moments) -> Row:
        return replace(
            self,
            moments=moments,
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
    """moments(new) − moments(old), by epoch and day; and the same once more for each dimension, under its value.

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
    deltas = _differences(before, after)
    by_dimension = {
        RowKey(partition_of(record.experiment, dimension), epoch, day, shard): Change(record.seq, record.at, delta, 0)
        for dimension, days in _by_dimension(old, new, before, after, deltas).items()
        for day, delta in days.items()
    }
    steps = _steps(new) - _steps(old)
    if not deltas and not steps:
        return by_dimension
    any_item = new or old
    carrier = max(deltas) if deltas else day_of(any_item.entered_at)  # type: ignore[union-attr]  # one of them is there
    return by_dimension | {
        RowKey(record.experiment, epoch, day, shard): Change(
            record.seq, record.at, deltas.get(day, NOTHING), steps if day == carrier else 0
        )
        for day in deltas.keys() | {carrier}
    }


def _differences(before: ByDay, after: ByDay) -> ByDay:
    deltas = {day: after.get(day, NOTHING) - before.get(day, NOTHING) for day in before.keys() | after.keys()}
    return {day: delta for day, delta in deltas.items() if delta}


def _by_dimension(
    old: Assignment | None, new: Assignment | None, before: ByDay, after: ByDay, deltas: ByDay
) -> dict[str, ByDay]:
    """What changes under the values of each dimension; where a value stays, that is what changes at all."""
    was, is_now = values_of(old), values_of(new)
    return {
        dimension: _renamed(deltas, was[dimension])
        if was.get(dimension) == is_now.get(dimension)
        else _differences(
            _renamed(before, was[dimension]) if dimension in was else {},
            _renamed(after, is_now[dimension]) if dimension in is_now else {},
        )
        for dimension in sorted(was.keys() | is_now.keys())
    }


def values_of(item: Assignment | None) -> dict[str, str]:
    """Under which value's JSON a unit counts in each dimension; an erased one, or none, does in no dimension."""
    return {} if item is None or item.erased else {name: value_json(one) for name, one in item.dimensions.items()}


def _renamed(by_day: ByDay, value: str) -> ByDay:
    return {day: under_value(moments, value) for day, moments in by_day.items()}


def _steps(item: Assignment | None) -> int:
    return 0 if item is None or item.erased else item.version
