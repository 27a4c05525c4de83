"""Assignments are stored where there is none, one by one or many at once; what is there answers, and stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fairsplit.domain.outcome import Outcome
from fairsplit.domain.totals import DayTotal, MetricTotals, Totals
from fairsplit.storage.assignment_items import to_item
from fairsplit.storage.assignments import Assignments
from tests.engines import THAT_INSERT, Store
from tests.integration.storage.making import NOW, assignment, fresh_key

pytestmark = pytest.mark.engine
METRIC = MetricTotals(kind="mean", days=(DayTotal(date(2026, 3, 1), 2, 10**17),), pre=-5, cap=10**13)
TOTALS = Totals(metrics={"revenue@1": METRIC, "orders@2": METRIC}, ratios={"aov@3": ("revenue@1", "orders@2")})


@pytest.fixture
def assignments(store: Store) -> Assignments:
    return Assignments(store.client, store.tables["AssignmentsTable"])


def test_the_first_insert_stores_and_every_other_is_answered_with_what_is_there(assignments: Assignments) -> None:
    first = assignment()
    later = replace(first, variant="control", assigned_at=NOW + timedelta(hours=1), incarnation="other")
    assert assignments.insert(first) is None
    assert assignments.insert(later) == first
    assert assignments.find(first.unit_id, first.experiment) == first


def test_where_nothing_is_stored_nothing_is_found(assignments: Assignments) -> None:
    stored = assignment()
    assignments.insert(stored)
    assert assignments.find(stored.unit_id, fresh_key()) is None
    assert assignments.find("nobody", stored.experiment) is None


@pytest.mark.parametrize("mark", [None, "heavy", "erased", "merged"])
def test_an_assignment_is_read_back_as_it_was(assignments: Assignments, mark: str | None) -> None:
    dimensions = {"country": "DE", "age": 41.5, "paid": True, "text": "é\u202e𝕌" * 40}
    fields = {"dimensions": dimensions, "totals": TOTALS, "version": 10**9, "epoch": 3} | ({mark: True} if mark else {})
    stored = assignment(unit_id="🙂" * 256, **fields)
    assert assignments.insert(stored) is None
    assert assignments.insert(stored) == stored
    assert assignments.find(stored.unit_id, stored.experiment) == stored


@pytest.mark.parametrize("store", THAT_INSERT, indirect=True)
def test_of_many_those_that_exist_stay_and_the_others_are_stored(assignments: Assignments) -> None:
    key = fresh_key()
    many = [assignment(experiment=key, unit_id=f"u-{number}") for number in range(60)]
    there = many[::7]
    assert assignments.insert_many(there) == [Outcome.INSERTED] * len(there)
    outcomes = assignments.insert_many([replace(one, variant="control") for one in many])
    assert outcomes == [Outcome.EXISTS if one in there else Outcome.INSERTED for one in many]
    found = [assignments.find(one.unit_id, key) for one in many]
    assert [one.variant for one in found if one] == ["green" if one in there else "control" for one in many]


def test_none_of_many_is_no_call_at_all(assignments: Assignments) -> None:
    assert assignments.insert_many([]) == []


def test_a_units_assignments_come_by_experiment_page_by_page(store: Store, assignments: Assignments) -> None:
    keys = sorted(fresh_key() for _ in range(5))
    stored = [assignment(unit_id=f"of-{keys[0]}", experiment=key) for key in keys]
    store.put("AssignmentsTable", [to_item(one) for one in stored])
    first, after = assignments.page_of_unit(f"of-{keys[0]}", 3, None)
    assert (first, after) == (stored[:3], keys[2])
    assert assignments.page_of_unit(f"of-{keys[0]}", 3, after) == (stored[3:], None)
