"""Adding up what an experiment's units have, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.errors import InvalidError
from fairsplit.domain.moments import NOTHING, Moments, total
from fairsplit.services.ports.results import UnitReader

MOST_UNITS = 50_000


def added_up(
    units: UnitReader, experiment: str, moments_of: Callable[[Assignment], Mapping[date, Moments]]
) -> dict[date, Moments]:
    """The sums by day of all units; `moments_of` says what a unit adds on which day.

    Raises:
        InvalidError: there are too many units.
    """
    by_day: dict[date, Moments] = {}
    count = 0
    for page in units.pages(experiment):
        count += len(page)
        if count > MOST_UNITS:
            message = f"`from` reads each unit: {MOST_UNITS} units at most. Ask without it."
            raise InvalidError.at(("query", "from"), "range_too_large", message)
        many: dict[date, list[Moments]] = {}
        for unit in page:
            for day, moments in moments_of(unit).items():
                many.setdefault(day, []).append(moments)
        by_day |= {day: total([by_day.get(day, NOTHING), *parts]) for day, parts in many.items()}
    return by_day
