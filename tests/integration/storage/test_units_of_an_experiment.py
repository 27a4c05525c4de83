"""The index of an experiment's units: every one of them once, however DynamoDB cuts its pages."""

from __future__ import annotations

import pytest

from fairsplit.storage.assignment_items import to_item
from fairsplit.storage.assignments import Assignments, Place
from fairsplit.storage.results import Units
from fairsplit.storage.unit_index import UnitIndex
from tests.engines import Store
from tests.integration.storage.making import assignment, fresh_key, longest_ids_of_one_part

pytestmark = pytest.mark.engine
ON_ONE = pytest.mark.parametrize(
    "store", ["dynoxide"], indirect=True
)  # what takes long, and is the code's to get right
LONGEST = longest_ids_of_one_part(1_000)  # of 1.2 kB each in the index: more than the megabyte that ends a page


@pytest.fixture(scope="module")
def assignments(store: Store) -> Assignments:
    return Assignments(store.client, store.tables["AssignmentsTable"])


@pytest.fixture(scope="module")
def large(store: Store) -> str:
    """An experiment whose units fill more than a page, all in one part of the index."""
    key = fresh_key()
    fill(store, key, LONGEST)
    return key


@pytest.fixture(scope="module")
def small(store: Store) -> str:
    """An experiment of 60 units, and one of another key that begins the same."""
    key = fresh_key()
    for experiment in (key, f"{key}-more"):
        fill(store, experiment, [f"u-{number}" for number in range(60)])
    return key


def fill(store: Store, key: str, units: list[str]) -> None:
    """Assign the units."""
    store.put("AssignmentsTable", [to_item(assignment(experiment=key, unit_id=unit)) for unit in units])


def listed(assignments: Assignments, key: str, limit: int) -> list[list[str]]:
    """The units of each page."""
    pages: list[list[str]] = []
    place: Place | None = (0, None)
    while place is not None:
        items, place = assignments.page_of_experiment(key, limit, place)
        pages.append([item["unit_id"] for item in items])
    return pages


@pytest.mark.parametrize("limit", [1, 7, 60, 100])
def test_pages_of_any_size_list_each_unit_once(assignments: Assignments, small: str, limit: int) -> None:
    pages = listed(assignments, small, limit)
    assert sorted(unit for page in pages for unit in page) == sorted(f"u-{number}" for number in range(60))
    assert all(len(page) == limit for page in pages[:-1])


@ON_ONE
def test_a_list_goes_on_where_a_megabyte_has_ended_a_page(assignments: Assignments, large: str) -> None:
    assert [unit for page in listed(assignments, large, 1_000) for unit in page] == LONGEST
    assert [len(page) for page in listed(assignments, large, 999)] == [999, 1]


@ON_ONE
def test_the_index_shows_no_units_only_at_the_end_of_a_part(store: Store, large: str) -> None:
    index = UnitIndex(store.client, store.tables["AssignmentsTable"])
    found: list[str] = []
    while units := index.page(large, 0, found[-1] if found else None, 1_000):
        found += units
    assert found == LONGEST
    assert [index.page(large, part, None, 1_000) for part in range(1, index.parts)] == [[]] * 15


@ON_ONE
def test_results_read_every_unit_whole_in_batches(store: Store, large: str) -> None:
    pages = list(Units(store.client, store.tables["AssignmentsTable"]).pages(large))
    assert sorted(one.unit_id for page in pages for one in page) == LONGEST
    assert max(len(page) for page in pages) == 100
