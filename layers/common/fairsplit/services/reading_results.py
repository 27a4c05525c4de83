"""Reading results: the sums of an experiment, from aggregates or from its units, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.errors import InvalidError, NotFoundError
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import Moments, total
from fairsplit.domain.recount import Recount
from fairsplit.domain.results.breakdown import breakdown, cells
from fairsplit.domain.results.figures import Figures
from fairsplit.domain.results.looks import Look, look_of
from fairsplit.domain.results.question import Question
from fairsplit.domain.results.report import comparisons, variants
from fairsplit.domain.results.series import daily, days_in
from fairsplit.domain.results.summary import header, summary
from fairsplit.domain.timestamps import day_of, to_text
from fairsplit.domain.unit_range import moments_in_range
from fairsplit.domain.windows import last_full_day, settled
from fairsplit.services.ports.results import AggregateReader, ExperimentWithRecount, UnitReader
from fairsplit.services.reading_breakdown import Breakdown, breakdown_of_rows, breakdown_of_units, together
from fairsplit.services.reading_rows import by_day, steady_rows
from fairsplit.services.reading_units import added_up

MOST_BROKEN_DOWN = 6_000  # numbers of a breakdown, of which each has up to 900 bytes
MOST_CELLS = 40_000  # of a series: 4 MB of a function's answer, which may have 6
HEARTBEAT_EVERY = timedelta(minutes=5)
Heartbeat = tuple[datetime, datetime]  # when it was sent, and when it came through


@dataclass(frozen=True)
class Sums:
    """An experiment's sums by day, where they come from, and the newest change in them."""

    by_day: dict[date, Moments]
    source: str
    seen_at: datetime | None


@dataclass(frozen=True)
class Reading:
    """Reads results, with the stores it needs."""

    experiments: ExperimentWithRecount
    aggregates: AggregateReader
    units: UnitReader
    now: datetime

    def results(self, key: str, question: Question) -> dict[str, Any]:
        """The answer to a question.

        Raises:
            NotFoundError: there is no such experiment.
            InvalidError: the question names what the experiment has not, or asks for too much.
            ThrottledError: the sums were moved at each try.
        """
        found = self.experiments.read_with_recount(key)
        if found is None:
            raise NotFoundError("experiment_not_found", f"There is no experiment {key[:64]}.")
        experiment, recount = found
        check_names(experiment, question)
        heartbeat = self.aggregates.heartbeat()  # before the sums: they hold at least what came through by then
        parted = self._parted(recount, question)
        sums = self._sums(recount, question, parted)
        days = settled(sums.by_day, experiment, last_full_day(experiment, self.now, question.last))
        names = fingerprints(experiment)
        figures = Figures(experiment, question, names, incomplete(recount, names.values()))
        moments = total(days.values())
        figures = replace(figures, looks=self._looks(figures, moments))
        judged = figures.judgements(moments)
        return {
            "experiment": header(experiment),
            "as_of": to_text(self._as_of(sums, heartbeat)),
            "source": sums.source,
            "filters": question.filters(),
            "summary": summary(figures, days, judged, recount, self.now) | {"lag_seconds": self._lag(heartbeat)},
            "variants": variants(figures, moments, judged),
            "comparisons": comparisons(figures, judged),
            "timeseries": series(figures, days) if question.by_day else None,
            "breakdown": None if parted is None else self._breakdown(figures, parted),
        }

    def _sums(self, recount: Recount, question: Question, parted: Breakdown | None) -> Sums:
        """The sums of all epochs from the last complete one on, a unit being in exactly one of them; or of the units.

        The recount was read before the rows. Should it complete in between, the old epoch's rows are empty but for
        what was wrong in them, so adding them changes nothing that was right. Units that were read by value are not
        read again.
        """
        if question.first:

            def moments_of(unit: Assignment) -> Mapping[date, Moments]:
                return moments_in_range(unit, question.first, question.last)

            days = added_up(self.units, recount.experiment, moments_of) if parted is None else together(parted)
            return Sums(days, "units", None)
        rows = steady_rows(self.aggregates, recount.experiment, recount.complete_epoch, question.last)
        seen = max((row.seen_at for row in rows.values() if row.seen_at), default=None)
        return Sums(by_day(rows), "aggregates", seen)

    def _parted(self, recount: Recount, asked: Question) -> Breakdown | None:
        """The sums by the values of the dimension that is asked for; None where none is.

        Raises:
            InvalidError: there are too many values.
        """
        if asked.dimension is None:
            return None
        if asked.first:
            found = breakdown_of_units(self.units, recount.experiment, asked.dimension, asked.first, asked.last)
        else:
            found = breakdown_of_rows(self.aggregates, recount, asked.dimension, asked.last)
        if found is None:
            message = f"{asked.dimension} has more values than can be broken down: declare one with fewer."
            raise InvalidError.at(("query", "dimension"), "too_many_values", message)
        return found

    def _breakdown(self, figures: Figures, parted: Breakdown) -> dict[str, Any]:
        """The same by the values of the dimension that is asked for.

        Raises:
            InvalidError: their numbers do not fit into an answer.
        """
        by_value = self._by_value(figures, parted)
        if cells(figures, by_value) > MOST_BROKEN_DOWN:
            message = "So many values, metrics and variants do not fit into one answer. Ask for one metric or variant."
            raise InvalidError.at(("query", "dimension"), "breakdown_too_large", message)
        return breakdown(figures, figures.question.dimension or "", by_value)

    def _by_value(self, figures: Figures, found: Breakdown) -> dict[str, Moments]:
        """The sums of each value over all days."""
        end = last_full_day(figures.experiment, self.now, figures.question.last)
        days: dict[str, dict[date, Moments]] = {}
        for day, values in found.items():
            for value, moments in values.items():
                days.setdefault(value, {})[day] = moments
        return {value: total(settled(sums, figures.experiment, end).values()) for value, sums in days.items()}

    def _looks(self, figures: Figures, moments: Moments) -> list[Look] | None:
        """The looks at a sequential experiment with a planned end; None of any other, and of a range of days.

        They are the daily snapshots up to the completion; what is known now is the last look of a completed one.
        """
        experiment, question = figures.experiment, figures.question
        if figures.plan.method != "sequential" or experiment.analysis.planned_units is None or question.first:
            return None
        end = day_of(experiment.completed_at or self.now)
        kept = self.aggregates.snapshots(experiment.key, min(end, question.last or end))
        looks = [look_of(day, value) for day, value in kept]
        if experiment.completed_at and (question.last is None or question.last >= end):
            known = frozenset(figures.fingerprints.values()) - figures.incomplete
            looks.append(Look(end, moments, known))
        return looks

    def _as_of(self, sums: Sums, heartbeat: Heartbeat | None) -> datetime:
        """Up to when the streams are known to be read: the newest change in the sums, or the last heartbeat."""
        known = [moment for moment in (sums.seen_at, heartbeat[0] if heartbeat else None) if moment]
        return min(max(known), self.now) if known else self.now

    def _lag(self, heartbeat: Heartbeat | None) -> float | None:
        """By how many seconds the streams are behind: the last heartbeat's way, or how long the next one is overdue."""
        if heartbeat is None:
            return None
        sent, seen = heartbeat
        overdue = self.now - sent - HEARTBEAT_EVERY
        return round(max(overdue, seen - sent, timedelta()).total_seconds(), 3)


def series(figures: Figures, days: Mapping[date, Moments]) -> list[dict[str, Any]]:
    """The series by day, where it fits into an answer.

    Raises:
        InvalidError: it does not.
    """
    cells = (
        len(days_in(figures, days))
        * len(figures.metrics())
        * (len(figures.experiment.variants) + len(figures.treatments()))
    )
    if cells > MOST_CELLS:
        message = "So many days, metrics and variants do not fit into one answer. Ask for one metric or variant."
        raise InvalidError.at(("query", "group_by"), "series_too_large", message)
    return daily(figures, days)


def check_names(experiment: Experiment, question: Question) -> None:
    """Check that the experiment has what the question names.

    Raises:
        InvalidError: it has not.
    """
    known = {
        "metric": [metric.key for metric in experiment.metrics],
        "variant": [variant.key for variant in experiment.variants],
        "event_type": sorted({metric.event_type for metric in experiment.metrics if metric.event_type}),
        "dimension": list(experiment.dimensions),
    }
    for name, allowed in known.items():
        asked = getattr(question, name)
        if asked is not None and asked not in allowed:
            none = f"none; the experiment has no {'dimensions' if name == 'dimension' else 'metrics'}"
            message = f"{name} has to be one of: {', '.join(allowed) or none}."
            raise InvalidError.at(("query", name), f"unknown_{name}", message)


def incomplete(recount: Recount, names: Iterable[str]) -> frozenset[str]:
    """The fingerprints whose sums are not whole until the running recount is through."""
    return recount.uncounted.intersection(names) if recount.is_running else frozenset()
