"""Compaction: move sums from shard rows to one base row a day, so that reads do not grow with the stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from fairsplit.domain.aggregate import BASE, Row, RowKey
from fairsplit.domain.moments import NOTHING, total
from fairsplit.services.ports.maintenance import AggregateStore

SETTLED_AFTER = timedelta(minutes=15)  # a row that rollup still writes is left alone
FORGOTTEN_AFTER = timedelta(hours=72)  # three times as long as a stream keeps its records
ROWS_AT_ONCE = 90  # a transaction holds 100 writes


def compact(
    aggregates: AggregateStore, experiment: str, complete_epoch: int, now: datetime, settled: timedelta = SETTLED_AFTER
) -> int:
    """Move what has settled, each day in one transaction of its own; how many rows were emptied.

    A move that loses against another writer changes nothing, and is made at the next time.
    """
    rows = aggregates.rows(experiment, complete_epoch)
    moved = 0
    for base_key, shard_rows in _settled_by_day(rows, now - settled):
        before: dict[RowKey, Row | None] = {base_key: rows.get(base_key), **shard_rows}
        if aggregates.move(before, _moved(base_key, rows.get(base_key) or Row(), shard_rows), now):
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
        has_sums = bool(row.moments) or row.steps != 0
        if key.shard != BASE and has_sums and row.seen_at is not None and row.seen_at < before:
            days.setdefault(replace(key, shard=BASE), {})[key] = row
    return ((base, dict(islice(shards.items(), ROWS_AT_ONCE))) for base, shards in days.items())


def _moved(base_key: RowKey, base: Row, shard_rows: Mapping[RowKey, Row]) -> dict[RowKey, Row]:
    """The base row with all sums, and the shard rows empty but for their `seq`, which knows what comes again."""
    everything = [base, *shard_rows.values()]
    seen = [row.seen_at for row in everything if row.seen_at is not None]
    full = replace(
        base,
        moments=total(row.moments for row in everything),
        steps=sum(row.steps for row in everything),
        revision=base.revision + 1,
        seen_at=max(seen, default=None),
    )
    emptied = {
        key: replace(row, moments=NOTHING, steps=0, revision=row.revision + 1) for key, row in shard_rows.items()
    }
    return {base_key: full, **emptied}
