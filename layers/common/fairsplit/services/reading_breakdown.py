"""Reading an experiment's sums by the values of one of its dimensions, from aggregates or from its units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.dimensions import partition_of, value_json
from fairsplit.domain.moments import Moments, total
from fairsplit.domain.recount import Recount
from fairsplit.domain.unit_range import moments_in_range
from fairsplit.domain.value_sums import MOST_VALUES, by_value, under_value
from fairsplit.services.ports.results import AggregateReader, UnitReader
from fairsplit.services.reading_rows import by_day, steady_rows
from fairsplit.services.reading_units import added_up

Breakdown = dict[date, dict[str, Moments]]  # by day and a value's JSON, with plain names of variants


def breakdown_of_rows(
    aggregates: AggregateReader, recount: Recount, dimension: str, last: date | None = None
) -> Breakdown | None:
    """The sums up to and with a day, of all epochs from the last complete one on; None where the values are too many.

    Units of which no value is known stand under `null`. The numbers of erased units are in no breakdown.

    Raises:
        ThrottledError: sums were moved at each try.
    """
    partition = partition_of(recount.experiment, dimension)
    rows = steady_rows(aggregates, partition, recount.complete_epoch, last)
    return None if any(row.overflow for row in rows.values()) else _parted(by_day(rows))


def breakdown_of_units(
    units: UnitReader, experiment: str, dimension: str, first: date | None, last: date | None
) -> Breakdown | None:
    """The same of the units' own days `first` to `last`, both included.

    Raises:
        InvalidError: there are too many units.
    """

    def moments_of(unit: Assignment) -> dict[date, Moments]:
        value = value_json(unit.dimensions.get(dimension))
        days = {} if unit.erased else moments_in_range(unit, first, last)
        return {day: under_value(moments, value) for day, moments in days.items()}

    return _parted(added_up(units, experiment, moments_of))


def together(breakdown: Breakdown) -> dict[date, Moments]:
    """The sums by day of all values."""
    return {day: total(parts.values()) for day, parts in breakdown.items()}


def _parted(sums: Mapping[date, Moments]) -> Breakdown | None:
    """The sums by value; None where all days together have too many, as one row may have had."""
    if len(by_value(total(sums.values()))) > MOST_VALUES:
        return None
    return {day: by_value(sums[day]) for day in sorted(sums) if sums[day]}
