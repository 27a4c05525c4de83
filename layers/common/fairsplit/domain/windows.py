"""Units whose window has ended: the only ones whose value of a windowed metric is final.

A unit that was assigned on UTC day E, with a window of W hours, has ended it by the end of day E + ceil(W / 24). Its
final sums stand on that day once more, under another name (`ended`), so that they add up to any day like all others.
How many units these are follows from the units by day of assignment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from fairsplit.domain.experiment import Experiment, Metric
from fairsplit.domain.metric import definitions
from fairsplit.domain.moments import UNITS, Moments, ended, is_ended, total
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.unit_range import FROM_BEFORE

ONE_DAY = timedelta(days=1)


def last_full_day(experiment: Experiment, now: datetime, last: date | None = None) -> date:
    """The last day of which nothing is cut off: not by now, nor by the completion, nor by `last`, itself included."""
    moments = [now] if experiment.completed_at is None else [now, experiment.completed_at]
    return min([day_of(moment) - ONE_DAY for moment in moments] + ([] if last is None else [last]))


def settled(by_day: Mapping[date, Moments], experiment: Experiment, last_full_day: date) -> dict[date, Moments]:
    """The sums by day with those of windows that ended by the last full day, and the numbers of their units.

    Windows that end later, or would have ended after the completion, are taken out; so is a day that holds nothing
    else. A range that some unit was assigned before holds parts of windows: in it none counts as ended.
    """
    is_cut = any(moments.units(FROM_BEFORE) for moments in by_day.values())
    parts: dict[date, list[Moments]] = {}
    for day, moments in by_day.items():
        parts.setdefault(day, []).append(moments if day <= last_full_day and not is_cut else _without_ended(moments))
    for fingerprint, days in definitions(experiment).windows.items() if not is_cut else ():
        for day, moments in by_day.items():
            end = day + timedelta(days=days)
            if end <= last_full_day:
                parts.setdefault(end, []).append(_units_as(moments, ended(fingerprint)))
    added = {day: total(many) for day, many in parts.items()}
    return {day: added[day] for day in sorted(added) if added[day]}


@dataclass(frozen=True, slots=True)
class Counted:
    """The sums that one metric's numbers come from: those of all units, or of those whose window has ended.

    `parts` are the fingerprints of a ratio's numerator and denominator. `units` and `ended_units` are over all
    variants, so that all are counted alike. `is_cut` says that some were assigned before the range that is asked for.
    """

    moments: Moments
    fingerprint: str
    parts: tuple[str, str] | None
    units: int
    ended_units: int
    is_cut: bool

    @property
    def is_ended_only(self) -> bool:
        """Whether only units whose window has ended are counted: once they are the majority."""
        return 2 * self.ended_units > self.units

    def get(self, variant: str, field: str) -> int:
        """One sum of a variant, by its name in a sample (units, sum, …, denominator_sum, …), or events and the like.

        Without a prefix it is a ratio's numerator's.
        """
        if field == "units":
            return self.moments.get(variant, ended(self.fingerprint) if self.is_ended_only else UNITS, field)
        if self.is_ended_only:
            return self.moments.get(variant, ended(self.fingerprint), field)
        if self.parts is None or field == "cross_product_sum":
            return self.moments.get(variant, self.fingerprint, field)
        below = field.removeprefix("denominator_")
        return self.moments.get(variant, self.parts[below != field], below)

    def of_all_units(self) -> Counted:
        """The same sums of all units, whether their window has ended or not."""
        return replace(self, ended_units=0)

    def note(self, hours: float | None) -> Note | None:
        """What to know of a metric with a window of so many hours; None where all is counted and final.

        A range that cuts windows off counts what happened in it, of all units: that is final, too.
        """
        if hours is None or self.ended_units == self.units or self.is_cut:
            return None
        ratio = f"{self.ended_units:,} of {self.units:,}"
        if self.is_ended_only:
            detail = f"Only units whose {hours:,g}-hour window has ended are counted here: {ratio}."
            return Note("window_ended_only", detail)
        detail = f"Most units' {hours:,g}-hour windows still run, so all units are counted: {ratio} have ended."
        return Note("window_running", detail)


def counted(
    moments: Moments, fingerprint: str, variants: Iterable[str], parts: tuple[str, str] | None = None
) -> Counted:
    """What is counted of a metric in settled sums. `variants` are all of the experiment, whatever is asked for."""
    keys = list(variants)
    whole, over = (sum(moments.get(key, name, "units") for key in keys) for name in (UNITS, ended(fingerprint)))
    is_cut = any(moments.get(key, UNITS, FROM_BEFORE) for key in keys)
    return Counted(moments, fingerprint, parts, whole, over, is_cut)


def window_hours(metric: Metric, metrics: Iterable[Metric]) -> float | None:
    """A metric's window; of a ratio the longer one of its parts, if both have one."""
    if metric.kind != "ratio":
        return metric.window_hours
    both = [one.window_hours for one in metrics if one.key in {metric.numerator, metric.denominator}]
    known = [hours for hours in both if hours is not None]
    return max(known) if len(known) == len(both) else None


def _without_ended(moments: Moments) -> Moments:
    return Moments({name: value for name, value in moments.sums.items() if not is_ended(name[1])})


def _units_as(moments: Moments, name: str) -> Moments:
    """The numbers of units alone, under another name."""
    return Moments(
        {
            (variant, name, field): value
            for (variant, old, field), value in moments.sums.items()
            if (old, field) == (UNITS, "units")
        }
    )
