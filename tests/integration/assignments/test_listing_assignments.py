"""GET .../assignments: the units of an experiment, up to 1,000 a page."""

from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored, assignments_path
from tests.integration.experiments.making import create, create_in

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def key(gateway: Gateway, asking: Asking) -> str:
    """An experiment with 250 units."""
    key = str(create_in(gateway, "active")["key"])
    asking.import_items(key, [{"unit_id": f"u-{number}"} for number in range(250)])
    return key


@pytest.mark.parametrize("limit", [7, 100, 249, 250, 251, 1_000])
def test_pages_of_any_size_hold_each_unit_once(asking: Asking, key: str, limit: int) -> None:
    pages = asking.pages(assignments_path(key), limit=limit)
    units = [item["unit_id"] for page in pages for item in page]
    assert sorted(units) == sorted(f"u-{number}" for number in range(250))
    assert all(len(page) == limit for page in pages[:-1])


def test_items_tell_variant_and_time_as_they_are_stored(asking: Asking, stored: Stored, key: str) -> None:
    listed = asking.all_items(assignments_path(key), limit=1_000)
    expected = [
        {name: item[name]["S"] for name in ("unit_id", "experiment", "variant", "assigned_at")}
        for item in stored.items(key)
    ]
    assert sorted(listed, key=str) == sorted(expected, key=str)


def test_a_page_has_fifty_units_unless_said_otherwise(asking: Asking, key: str) -> None:
    assert len(asking.page(assignments_path(key)).body["items"]) == 50


def test_an_experiment_without_units_has_no_items(gateway: Gateway, asking: Asking) -> None:
    answer = asking.page(assignments_path(create(gateway)["key"]), limit=1_000)
    assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None})


def test_a_cursor_may_stand_behind_a_unit_of_the_longest_id(gateway: Gateway, asking: Asking) -> None:
    key, units = create_in(gateway, "active")["key"], [f"{number}" + "🙂" * 255 for number in range(3)]
    asking.import_items(key, [{"unit_id": unit} for unit in units])
    pages = asking.pages(assignments_path(key), limit=1)
    assert sorted(item["unit_id"] for page in pages for item in page) == units


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"cursor": "x"}, {"cursor": ""}])
def test_a_bad_query_parameter_is_named(asking: Asking, key: str, query: dict[str, str]) -> None:
    (name,) = query
    answer = asking.page(assignments_path(key), **query)
    assert (answer.status, answer.faults) == (422, [(["query", name], f"{name}_invalid")])


def test_an_unknown_experiment_is_not_found(asking: Asking) -> None:
    assert asking.page(assignments_path("unknown")).code == "experiment_not_found"
