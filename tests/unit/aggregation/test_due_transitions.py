"""Transitions by the clock: which is due when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from fairsplit.services.maintaining import due_transition
from tests.unit.making import ENTRY, experiment

RETENTION = 480
LONGEST = RETENTION - 90 - 14 - 10
SECOND = timedelta(seconds=1)


def due(at: datetime, status: str = "active", **fields: Any) -> str | None:
    found = due_transition(experiment(status=status, **fields), at, RETENTION)
    return found[0].value if found else None


def schedule(**dates: datetime) -> dict[str, Any]:
    return {"schedule": dates}


@pytest.mark.parametrize("status", ["draft", "active", "paused", "completed", "archived"])
def test_without_a_schedule_nothing_is_due(status: str) -> None:
    assert due(ENTRY, status) is None


@pytest.mark.parametrize(("early", "expected"), [(timedelta(), "active"), (SECOND, None)])
def test_a_draft_starts_from_start_at_on(early: timedelta, expected: str | None) -> None:
    assert due(ENTRY - early, "draft", started_at=None, **schedule(start_at=ENTRY)) == expected


@pytest.mark.parametrize("status", ["active", "paused"])
@pytest.mark.parametrize(("early", "expected"), [(timedelta(), "completed"), (SECOND, None)])
def test_what_runs_completes_from_end_at_on(status: str, early: timedelta, expected: str | None) -> None:
    assert due(ENTRY - early, status, **schedule(start_at=ENTRY - timedelta(days=9), end_at=ENTRY)) == expected


@pytest.mark.parametrize("status", ["draft", "completed", "archived"])
def test_what_does_not_run_is_not_completed(status: str) -> None:
    assert due(ENTRY, status, **schedule(end_at=ENTRY - SECOND)) is None


def test_a_draft_whose_end_is_over_too_starts_first() -> None:
    assert due(ENTRY, "draft", **schedule(start_at=ENTRY - 2 * SECOND, end_at=ENTRY - SECOND)) == "active"


@pytest.mark.parametrize(("early", "expected"), [(timedelta(), "completed"), (SECOND, None)])
def test_the_longest_run_that_the_retention_allows_ends_by_itself(early: timedelta, expected: str | None) -> None:
    at = ENTRY + timedelta(days=LONGEST) - early
    assert due(at, started_at=ENTRY, **schedule(end_at=ENTRY + timedelta(days=9_999))) == expected


def test_the_reason_is_said_in_words() -> None:
    found = due_transition(experiment(schedule={"end_at": ENTRY}), ENTRY, RETENTION)
    assert found
    assert found[1] == "schedule.end_at has come"
