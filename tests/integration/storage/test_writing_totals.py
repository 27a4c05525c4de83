"""Attribution's write of a unit's totals: four guards, and nothing else of the item changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.totals import NO_TOTALS, DayTotal, MetricTotals, Totals
from fairsplit.storage.assignments import Assignments
from fairsplit.storage.erasing import ErasableAssignments
from tests.engines import Store
from tests.integration.storage.making import assignment, fresh_key

pytestmark = pytest.mark.engine
TOTALS = Totals(metrics={"orders@1": MetricTotals(kind="count", days=(DayTotal(date(2026, 3, 1), 3, 0),))})


@pytest.fixture
def table(store: Store) -> ErasableAssignments:
    return ErasableAssignments(store.client, store.tables["AssignmentsTable"])


@pytest.fixture
def item(table: ErasableAssignments) -> Assignment:
    """A stored assignment of version 4 and epoch 2."""
    item = assignment(version=4, epoch=2, dimensions={"country": "DE"})
    Assignments(table.client, table.table).insert(item)
    return item


def stored(table: ErasableAssignments, item: Assignment) -> Assignment:
    (found,) = table.of_unit(item.unit_id)
    return found


def test_totals_are_written_and_raise_the_version(table: ErasableAssignments, item: Assignment) -> None:
    assert table.write_totals(item, TOTALS, heavy=False, epoch=2)
    assert stored(table, item) == replace(item, totals=TOTALS, version=5)


def test_a_later_epoch_is_written_with_them(table: ErasableAssignments, item: Assignment) -> None:
    assert table.write_totals(item, TOTALS, heavy=True, epoch=5)
    assert stored(table, item) == replace(item, totals=TOTALS, version=5, epoch=5, heavy=True)


@pytest.mark.parametrize("dimensions", [{"country": "DE", "device": None}, {}])
def test_dimensions_are_written_with_them_where_they_change(
    table: ErasableAssignments, item: Assignment, dimensions: dict[str, str | None]
) -> None:
    assert table.write_totals(item, TOTALS, heavy=False, epoch=3, dimensions=dimensions)
    assert stored(table, item) == replace(item, totals=TOTALS, version=5, epoch=3, dimensions=dimensions)


@pytest.mark.parametrize(
    "read", [{"version": 3}, {"version": 5}, {"incarnation": "another"}, {"unit_id": "nobody"}, {"experiment": "none"}]
)
def test_what_was_folded_from_another_item_is_refused(
    table: ErasableAssignments, item: Assignment, read: dict[str, Any]
) -> None:
    assert not table.write_totals(replace(item, **read), TOTALS, heavy=False, epoch=2)
    assert stored(table, item) == item
    assert table.of_unit("nobody") == []


def test_what_was_folded_by_older_metrics_is_refused(table: ErasableAssignments, item: Assignment) -> None:
    assert not table.write_totals(item, TOTALS, heavy=False, epoch=1)
    assert stored(table, item) == item


def test_of_two_that_read_the_same_the_second_is_refused(table: ErasableAssignments, item: Assignment) -> None:
    assert table.write_totals(item, TOTALS, heavy=False, epoch=2)
    assert not table.write_totals(item, NO_TOTALS, heavy=False, epoch=2)
    assert stored(table, item).totals == TOTALS


def test_a_marked_item_has_lost_what_it_knew_and_takes_no_totals(table: ErasableAssignments, item: Assignment) -> None:
    assert table.write_totals(item, TOTALS, heavy=False, epoch=2)
    read = stored(table, item)
    assert table.mark_erased(read)
    marked = stored(table, item)
    assert marked == replace(item, version=6, erased=True, dimensions={})
    assert not table.write_totals(marked, TOTALS, heavy=False, epoch=2)
    assert stored(table, item) == marked


def test_a_mark_is_refused_where_the_item_changed_since(table: ErasableAssignments, item: Assignment) -> None:
    table.write_totals(item, TOTALS, heavy=False, epoch=2)
    assert not table.mark_erased(item)
    assert not table.mark_erased(replace(item, version=5, incarnation="another"))
    assert not stored(table, item).erased


def test_only_a_marked_item_is_deleted_and_only_the_one_that_was_read(
    table: ErasableAssignments, item: Assignment
) -> None:
    table.delete(item)
    assert stored(table, item) == item
    table.mark_erased(item)
    table.delete(replace(item, incarnation="another"))
    assert stored(table, item).erased
    table.delete(item)
    assert table.of_unit(item.unit_id) == []


def test_all_the_assignments_of_a_unit_are_read(table: ErasableAssignments) -> None:
    keys = sorted(fresh_key() for _ in range(4))
    for key in keys:
        Assignments(table.client, table.table).insert(assignment(unit_id=f"of-{keys[0]}", experiment=key))
    assert [one.experiment for one in table.of_unit(f"of-{keys[0]}")] == keys
