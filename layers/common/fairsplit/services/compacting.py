"""Compaction: move sums from shard rows to one base row a day, so that reads do not grow with the stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from fairsplit.domain.aggregate import BASE, Row, RowKey
from fairsplit.domain.moments import NOTHING, total
from fairsplit.domain.value_sums import fits
from fairsplit.services.ports.maintenance import AggregateStore

SETTLED_AFTER = timedelta(minutes=15)  # a row that rollup still writes is left alone
FORGOTTEN_AFTER = timedelta(hours=72)  # three times as long as a stream keeps its records
ROWS_AT_ONCE = 90  # a transaction holds 100 writes


def compact(
    aggregates: AggregateStore, experiment: str, complete_epoch: int, now: datetime, settled: timedelta = SETTLED_AFTER
) -> int:
    """Move what has settled, each day in one transaction of its own; how many rows were emptied.

    `experiment` may be the partition of a dimension, whose base rows overflow as the others do. A move that loses
    against another writer changes nothing, and is made at the next time.
    """
    rows = aggregates.rows(experiment, complete_epoch)
    moved = 0
    for base_key, shard_rows in _settled_by_day(rows, now - settled):
        base = rows.get(base_key)
        after = {base_key: _filled(base_key, base or Row(), list(shard_rows.values()))} | _emptied(shard_rows)
        if aggregates.move({base_key: base, **shard_rows}, after, now):
            moved += len(shard_rows)
    return moved


def forget_old_epochs(aggregates: AggregateStore, experiment: str, complete_epoch: int, now: datetime) -> int:
    """Remove the rows of epochs that are read no more, once nothing can be added to them again; how many."""
    rows = {
        key: row
        for key, row in aggregates.rows(experiment, 0).items()
        if key.epoch < complete_epoch and (row.seen_at is None or row.seen_at < now - FORGOTTEN_AFTER)
    }
    aggregates.drop(rows)
    return len(rows)


def _settled_by_day(rows: Mapping[RowKey, Row], before: datetime) -> Iterator[tuple[RowKey, dict[RowKey, Row]]]:
    days: dict[RowKey, dict[RowKey, Row]] = {}
    for key, row in sorted(rows.items()):
        base_key = replace(key, shard=BASE)
        has_news = row.overflow and not rows.get(base_key, Row()).overflow
        has_sums = bool(row.moments) or row.steps != 0 or has_news
        if key.shard != BASE and has_sums and row.seen_at is not None and row.seen_at < before:
            days.setdefault(base_key, {})[key] = row
    return ((base, dict(islice(shards.items(), ROWS_AT_ONCE))) for base, shards in days.items())


def _filled(key: RowKey, base: Row, shard_rows: Sequence[Row]) -> Row:
    """The base row with all sums, or without any where one row has too many values, or they have together."""
    everything = [base, *shard_rows]
    moments = total(row.moments for row in everything)
    overflow = any(row.overflow for row in everything) or (key.is_of_dimension and not fits(moments))
    return replace(
        base,
        moments=NOTHING if overflow else moments,
        steps=sum(row.steps for row in everything),
        revision=base.revision + 1,
        seen_at=max((row.seen_at for row in everything if row.seen_at is not None), default=None),
        overflow=overflow,
    )


def _emptied(shard_rows: Mapping[RowKey, Row]) -> dict[RowKey, Row]:
    """The shard rows with nothing left but their `seq`, which knows what comes again, and their overflow."""
    return {key: replace(row, moments=NOTHING, steps=0, revision=row.revision + 1) for key, row in shard_rows.items()}
