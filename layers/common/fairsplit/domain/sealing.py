"""How long an experiment may run, and when nothing changes it again: both follow from how long events are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from fairsplit.domain.experiment import Experiment

LATE_DAYS = 90  # events may be this old when they come
SPARE_DAYS = 10


def is_sealed(experiment: Experiment, now: datetime) -> bool:
    """Whether the experiment completed so long ago that nothing folds, recounts or changes it again."""
    return experiment.completed_at is not None and experiment.completed_at + timedelta(days=LATE_DAYS) < now


def longest_run(experiment: Experiment, retention_days: int) -> timedelta:
    """How long an experiment may run, so that all events it needs are still there when it is recounted."""
    return timedelta(days=retention_days - LATE_DAYS - experiment.analysis.cuped_days - SPARE_DAYS)
