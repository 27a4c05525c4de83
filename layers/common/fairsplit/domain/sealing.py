"""How long an experiment may run, and when nothing changes it again: both follow from how long events are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.experiment import Experiment

LATE_DAYS = 90  # events may be this old when they come
SPARE_DAYS = 10


def is_sealed(experiment: Experiment, now: datetime) -> bool:
    """Whether the experiment completed so long ago that nothing folds, recounts or changes it again."""
    return experiment.completed_at is not None and experiment.completed_at + timedelta(days=LATE_DAYS) < now


def longest_run(experiment: Experiment, retention_days: int) -> timedelta:
    """How long an experiment may run, so that all events it needs are still there when it is recounted."""
    return timedelta(days=retention_days - LATE_DAYS - experiment.analysis.cuped_days - SPARE_DAYS)


def check_run(old: Experiment | None, new: Experiment, retention_days: int) -> None:
    """Check that a new or changed schedule lets the experiment run no longer than it may.

    Raises:
        InvalidError: it ends too late, or events are not kept long enough for it to run at all.
    """
    if old is not None and _bounds(old) == _bounds(new):
        return
    longest = longest_run(new, retention_days)
    if longest < timedelta(days=1):
        message = f"Events are kept for {retention_days} days: that leaves no day to run with so many days of CUPED."
        raise InvalidError.at(("analysis", "cuped_days"), "retention_too_short", message)
    start, end = new.started_at or new.schedule.start_at, new.schedule.end_at
    if start and end and end - start > longest:
        message = f"The retention of events lets this experiment run for {longest.days} days at most."
        raise InvalidError.at(("schedule", "end_at"), "run_too_long", message)


def _bounds(experiment: Experiment) -> tuple[object, ...]:
    return experiment.started_at, experiment.schedule, experiment.analysis.cuped_days
