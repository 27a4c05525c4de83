"""Reading results: the sums of an experiment, from aggregates or from its units, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fairsplit.domain.errors import InvalidError, NotFoundError, ThrottledError
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.figures import LEFT_OUT, Figures
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import NOTHING, Moments, total
from fairsplit.domain.question import Question
from fairsplit.domain.recount import Recount
from fairsplit.domain.report import comparisons, events_of, variants
from fairsplit.domain.series import daily, days_in
from fairsplit.domain.stats.srm import RatioMismatch
from fairsplit.domain.timestamps import day_of, to_text
from fairsplit.domain.unit_range import moments_in_range
from fairsplit.services.ports.results import AggregateReader, ExperimentWithRecount, UnitReader

ATTEMPTS = 5
MOST_UNITS = 50_000
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
        sums = self._from_units(key, question) if question.first else self._from_rows(recount, question)
        names = fingerprints(experiment)
        figures = Figures(experiment, question, names, incomplete(recount, names.values()))
        moments = total(sums.by_day.values())
        return {
            "experiment": header(experiment),
            "as_of": to_text(self._as_of(sums, heartbeat)),
            "source": sums.source,
            "filters": question.filters(),
            "summary": self._summary(figures, moments, recount) | {"lag_seconds": self._lag(heartbeat)},
            "variants": variants(figures, moments),
            "comparisons": comparisons(figures, moments),
            "timeseries": series(figures, sums.by_day) if question.by_day else None,
        }

    def _from_rows(self, recount: Recount, question: Question) -> Sums:
        """The sums of all epochs from the last complete one on: a unit is in exactly one of them.

        The recount was read before the rows. Should it complete in between, the old epoch's rows are empty but for
        what was wrong in them, so adding them changes nothing that was right.
        """
        for _ in range(ATTEMPTS):
            before = self.aggregates.compactions(recount.experiment)
            rows = self.aggregates.rows(recount.experiment, recount.complete_epoch, question.last)
            if before == self.aggregates.compactions(recount.experiment):
                break
        else:
            raise ThrottledError("sums_moving", "The sums were being moved at each try. Try again.")
        by_day: dict[date, list[Moments]] = {}
        for key, row in rows.items():
            by_day.setdefault(key.day, []).append(row.moments)
        seen = max((row.seen_at for row in rows.values() if row.seen_at), default=None)
        return Sums({day: total(many) for day, many in by_day.items()}, "aggregates", seen)

    def _from_units(self, key: str, question: Question) -> Sums:
        """The sums of the units' own days, for a range that does not begin with the first day."""
        by_day: dict[date, Moments] = {}
        count = 0
        for page in self.units.pages(key):
            count += len(page)
            if count > MOST_UNITS:
                message = f"`from` reads each unit: {MOST_UNITS} units at most. Ask without it."
                raise InvalidError.at(("query", "from"), "range_too_large", message)
            many: dict[date, list[Moments]] = {}
            for unit in page:
                for day, moments in moments_in_range(unit, question.first, question.last).items():
                    many.setdefault(day, []).append(moments)
            by_day |= {day: total([by_day.get(day, NOTHING), *parts]) for day, parts in many.items()}
        return Sums(by_day, "units", None)

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

    def _summary(self, figures: Figures, moments: Moments, recount: Recount) -> dict[str, Any]:
        return {
            "units": moments.units("units"),
            "events": events_of(moments),
            "days": days_of(figures.experiment, figures.question, self.now),
            "decision": None,
            "winner": None,
            "reasons": [],
            "srm": split_json(figures.split(moments))
            | {"with_left_out": split_json(figures.split(moments, ("units", *LEFT_OUT)))},
            "progress": None,
            "mixed_units": moments.units("mixed"),
            "heavy_units": moments.units("heavy"),
            "recount": recount_json(recount),
        }


def series(figures: Figures, by_day: Mapping[date, Moments]) -> list[dict[str, Any]]:
    """The series by day, where it fits into an answer.

    Raises:
        InvalidError: it does not.
    """
    cells = (
        len(days_in(figures, by_day))
        * len(figures.metrics())
        * (len(figures.experiment.variants) + len(figures.treatments()))
    )
    if cells > MOST_CELLS:
        message = "So many days, metrics and variants do not fit into one answer. Ask for one metric or variant."
        raise InvalidError.at(("query", "group_by"), "series_too_large", message)
    return daily(figures, by_day)


def check_names(experiment: Experiment, question: Question) -> None:
    """Check that the experiment has what the question names.

    Raises:
        InvalidError: it has not.
    """
    known = {
        "metric": [metric.key for metric in experiment.metrics],
        "variant": [variant.key for variant in experiment.variants],
        "event_type": sorted({metric.event_type for metric in experiment.metrics if metric.event_type}),
    }
    for name, allowed in known.items():
        asked = getattr(question, name)
        if asked is not None and asked not in allowed:
            message = f"{name} has to be one of: {', '.join(allowed) or 'none; the experiment has no metrics'}."
            raise InvalidError.at(("query", name), f"unknown_{name}", message)


def incomplete(recount: Recount, names: Iterable[str]) -> frozenset[str]:
    """The fingerprints whose sums are not whole until the running recount is through."""
    return recount.uncounted.intersection(names) if recount.is_running else frozenset()


def header(experiment: Experiment) -> dict[str, Any]:
    return {
        "key": experiment.key,
        "name": experiment.name,
        "status": experiment.status,
        "started_at": to_text(experiment.started_at) if experiment.started_at else None,
        "completed_at": to_text(experiment.completed_at) if experiment.completed_at else None,
        "control": experiment.control,
        "winner": experiment.winner,
    }


def days_of(experiment: Experiment, question: Question, now: datetime) -> int:
    """How many UTC days the answer covers, from the start or `from` to the end, `to` or today."""
    if experiment.started_at is None:
        return 0
    last = min(day_of(experiment.completed_at or now), question.last or date.max)
    first = max(day_of(experiment.started_at), question.first or date.min)
    return max(0, (last - first).days + 1)


def split_json(found: RatioMismatch) -> dict[str, Any]:
    return {
        "p_value": found.p_value,
        "sequential_p_value": found.sequential_p_value,
        "flagged": found.flagged,
        "alert": found.alert,
        "observed": dict(found.observed),
        "expected": dict(found.expected),
    }


def recount_json(recount: Recount) -> dict[str, Any] | None:
    """How far a running recount is; None where none runs."""
    if not recount.is_running:
        return None
    requested = to_text(recount.requested_at) if recount.requested_at else None
    return {
        "state": recount.state,
        "reason": recount.reason,
        "units_done": recount.walked,
        "requested_at": requested,
    }
