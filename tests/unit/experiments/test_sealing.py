"""How long an experiment may run, and when nothing changes it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.sealing import check_run, is_sealed, longest_run
from tests.outcomes import FINE, outcome_of
from tests.unit.making import ENTRY, experiment

START = {"start_at": ENTRY}
SECOND = timedelta(seconds=1)
LONGEST = timedelta(days=480 - 90 - 14 - 10)


def checked(old: dict[str, Any] | None, new: dict[str, Any], retention: int = 480) -> str:
    before = None if old is None else experiment(**{"started_at": None} | old)
    return outcome_of(lambda: check_run(before, experiment(**{"started_at": None} | new), retention))


def until(end: datetime, **start: datetime) -> dict[str, Any]:
    return {"schedule": {"end_at": end, **start}}


@pytest.mark.parametrize(("late", "sealed"), [(timedelta(), False), (SECOND, True), (-SECOND, False)])
def test_ninety_days_after_its_completion_an_experiment_is_sealed(late: timedelta, sealed: bool) -> None:
    assert is_sealed(experiment(completed_at=ENTRY), ENTRY + timedelta(days=90) + late) is sealed


def test_what_has_not_completed_is_never_sealed() -> None:
    assert not is_sealed(experiment(), ENTRY + timedelta(days=9_999))


@pytest.mark.parametrize(("retention", "cuped_days", "days"), [(480, 14, 366), (480, 0, 380), (480, 90, 290)])
def test_the_longest_run_leaves_late_events_the_pre_period_and_some_days(
    retention: int, cuped_days: int, days: int
) -> None:
    assert longest_run(experiment(analysis={"cuped_days": cuped_days}), retention) == timedelta(days=days)


@pytest.mark.parametrize(("late", "expected"), [(timedelta(), FINE), (SECOND, "run_too_long")])
def test_a_schedule_may_last_for_the_longest_run(late: timedelta, expected: str) -> None:
    assert checked(None, until(ENTRY + LONGEST + late, start_at=ENTRY)) == expected


@pytest.mark.parametrize(("late", "expected"), [(timedelta(), FINE), (SECOND, "run_too_long")])
def test_what_has_started_is_counted_from_its_start(late: timedelta, expected: str) -> None:
    started = {"started_at": ENTRY}
    early = ENTRY - timedelta(days=500)
    assert checked(started, started | until(ENTRY + LONGEST + late, start_at=early)) == expected


def test_an_end_without_a_start_is_taken() -> None:
    assert checked(None, until(ENTRY + 3 * LONGEST)) == FINE


def test_a_retention_that_leaves_no_day_is_too_short() -> None:
    assert checked(None, {}, 90 + 14 + 10 + 1) == FINE
    assert checked(None, {}, 90 + 14 + 10) == "retention_too_short"


def test_what_was_allowed_once_is_not_asked_again() -> None:
    long = until(ENTRY + LONGEST + SECOND, start_at=ENTRY)
    assert checked(long, long | {"name": "B"}) == FINE
    assert checked(long, long | {"analysis": {"cuped_days": 15}}) == "run_too_long"
    assert checked({}, {"name": "B"}, retention=1) == FINE
