"""GET of one assignment, and of all that a unit has."""

from __future__ import annotations

import json

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored, assignments_path
from tests.integration.experiments.making import EXPERIMENTS, VARIANTS, create, create_in, move

pytestmark = pytest.mark.engine


def unit_path(unit_id: str) -> str:
    return f"/v1/units/{unit_id}/assignments"


def test_a_stored_assignment_is_read_with_its_hash(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active")["key"]
    told = asking.assign(key, "u-1").body
    asking.start_anew()
    answer = asking.read(key, "u-1")
    assert answer.status == 200
    assert answer.body == told | {"new": False, "hash": told["bucket"] / 10_000}


def test_what_has_no_assignment_is_not_found_and_gets_none(gateway: Gateway, asking: Asking, stored: Stored) -> None:
    key = create_in(gateway, "active", coverage=0, overrides={"qa": "green"})["key"]
    asking.assign(key, "u-1")
    for unit in ("u-1", "qa", "never-seen"):
        answer = asking.read(key, unit)
        assert (answer.status, answer.code) == (404, "assignment_not_found")
    assert stored.items(key) == []


def test_an_erased_unit_is_not_found_and_may_be_assigned_anew(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active")["key"]
    asking.assign(key, "erased")
    assert gateway.delete("/v1/units/erased").status == 204
    assert asking.read(key, "erased").code == "assignment_not_found"
    asking.start_anew()
    assert asking.assign(key, "erased").body["new"]


def test_a_units_assignments_are_listed_by_experiment_in_pages(gateway: Gateway, asking: Asking) -> None:
    keys = sorted(create_in(gateway, "active")["key"] for _ in range(7))
    told = [asking.assign(key, "listed").body | {"new": False} for key in keys]
    asking.assign(keys[0], "listed-too")
    for limit in (1, 3, 7, 100):
        pages = asking.pages(unit_path("listed"), limit=limit)
        assert [item for page in pages for item in page] == told
        assert all(len(page) <= limit for page in pages)


def test_a_unit_is_listed_in_experiments_of_every_status(gateway: Gateway, asking: Asking) -> None:
    key = create(gateway)["key"]
    asking.import_items(key, [{"unit_id": "lives"}])
    for to in ("active", "paused", "completed", "archived"):
        assert [item["experiment"] for item in asking.all_items(unit_path("lives"))] == [key]
        move(gateway, key, to)
    assert [item["experiment"] for item in asking.all_items(unit_path("lives"))] == [key]


def test_an_unknown_unit_has_no_items(asking: Asking) -> None:
    answer = asking.page(unit_path("unknown"))
    assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None})


def test_assignments_of_large_values_come_in_pages_that_fit_an_answer(gateway: Gateway, asking: Asking) -> None:
    large = [VARIANTS[0] | {"value": '"' * 90_000, "weight": 100}, VARIANTS[1] | {"weight": 0}]
    keys = sorted(create_in(gateway, "active", variants=large)["key"] for _ in range(17))
    for key in keys:
        asking.assign(key, "many")
    first = asking.page(unit_path("many"), limit=100)
    assert len(json.dumps(json.dumps(first.body))) < 6_000_000
    assert [item["experiment"] for item in asking.all_items(unit_path("many"), limit=100)] == keys


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"cursor": "x"}, {"cursor": ""}])
def test_a_bad_query_parameter_is_named(asking: Asking, query: dict[str, str]) -> None:
    (name,) = query
    answer = asking.page(unit_path("u-1"), **query)
    assert (answer.status, answer.faults) == (422, [(["query", name], f"{name}_invalid")])


def test_a_key_that_is_used_again_knows_no_unit_of_the_draft_before(gateway: Gateway, asking: Asking) -> None:
    key = create(gateway)["key"]
    asking.import_items(key, [{"unit_id": "u-1", "variant": "green"}])
    assert asking.assign(key, "u-1").body["variant"] == "green"
    gateway.delete(f"{EXPERIMENTS}/{key}")
    variants = [VARIANTS[0] | {"key": "one"}, VARIANTS[1] | {"key": "two"}]
    create_in(gateway, "active", key=key, variants=variants)
    gateway.globals_of("assignments")["assigning"].experiments.known.clear()  # as after two seconds
    answer = asking.assign(key, "u-1").body
    assert answer["new"]
    assert answer["variant"] in {"one", "two"}


def test_a_deleted_draft_is_listed_no_more(gateway: Gateway, asking: Asking) -> None:
    key = create(gateway)["key"]
    asking.import_items(key, [{"unit_id": "of-a-draft"}])
    assert gateway.delete(f"{EXPERIMENTS}/{key}").status == 204
    assert asking.all_items(unit_path("of-a-draft")) == []
    assert asking.page(assignments_path(key)).code == "experiment_not_found"
