"""The series of results: the sums of each day, and what all up to it say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fairsplit.domain.experiment import Metric
from fairsplit.domain.moments import NOTHING, UNITS, Moments, total
from fairsplit.domain.results.answers import estimate_json, plain
from fairsplit.domain.results.figures import Figures
from fairsplit.domain.stats.estimates import ESTIMATES
from fairsplit.domain.stats.notes import Note


def days_in(figures: Figures, by_day: Mapping[date, Moments]) -> list[date]:
    """The days of a series: from the first to the last that has anything, inside what is asked for."""
    if not by_day:
        return []
    first = max(figures.question.first or date.min, min(by_day))
    last = max([*by_day, first])
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def daily(figures: Figures, by_day: Mapping[date, Moments]) -> list[dict[str, Any]]:
    """The sums up to each day; a day without any is filled in."""
    wanted = days_in(figures, by_day)
    moments = total(before for day, before in by_day.items() if wanted and day < wanted[0])
    days = []
    for day in wanted:
        new = by_day.get(day, NOTHING)
        moments += new
        days.append(_day_json(figures, day, new, moments))
    return days


def _day_json(figures: Figures, day: date, new: Moments, moments: Moments) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "variants": [
            {
                "key": key,
                "new_units": new.get(key, UNITS, "units"),
                "units": moments.get(key, UNITS, "units"),
                "metrics": {one.key: _numbers(figures, one, key, new, moments) for one in figures.metrics()},
            }
            for key in figures.variants()
        ],
        "comparisons": [
            {"metric": metric.key, "variant": key, **_difference_json(figures, metric, key, moments)}
            for metric in figures.metrics()
            for key in figures.treatments()
        ],
    }


def _difference_json(figures: Figures, metric: Metric, variant: str, moments: Moments) -> dict[str, Any]:
    found = figures.compare(metric, variant, moments)
    return estimate_json(None if isinstance(found, Note) else found.absolute)


def _numbers(figures: Figures, metric: Metric, variant: str, new: Moments, moments: Moments) -> dict[str, Any]:
    sample = figures.sample(metric, variant, moments)
    if isinstance(sample, Note):
        return {"events": None, "sum": None, "mean": None}
    sums = figures.counted(metric, new).of_all_units()
    mean = ESTIMATES[metric.kind](sample).value
    return {"events": sums.get(variant, "events"), "sum": plain(sums.get(variant, "sum")), "mean": mean}
