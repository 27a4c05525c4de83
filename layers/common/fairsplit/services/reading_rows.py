"""Reading rows of sums as they are at one moment, although compaction moves sums between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fairsplit.domain.aggregate import Row, RowKey
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.moments import Moments, total
from fairsplit.services.ports.results import AggregateReader

ATTEMPTS = 5


def steady_rows(
    aggregates: AggregateReader, partition: str, first_epoch: int, last: date | None = None
) -> dict[RowKey, Row]:
    """The rows of an experiment, or of one of its dimensions, from an epoch on, up to and with a day.

    Raises:
        ThrottledError: sums were moved at each try.
    """
    for _ in range(ATTEMPTS):
        before = aggregates.compactions(partition)
        rows = aggregates.rows(partition, first_epoch, last)
        if before == aggregates.compactions(partition):
            return rows
    raise ThrottledError("sums_moving", "The sums were being moved at each try. Try again.")


def by_day(rows: Mapping[RowKey, Row]) -> dict[date, Moments]:
    """The sums of the rows by day."""
    days: dict[date, list[Moments]] = {}
    for key, row in rows.items():
        days.setdefault(key.day, []).append(row.moments)
    return {day: total(many) for day, many in days.items()}
