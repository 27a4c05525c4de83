"""What assignments cost in calls and consumed capacity, by asking DynamoDB."""

from __future__ import annotations

import pytest

from tests.counting import counted
from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, assignments_path, segment_of
from tests.integration.experiments.making import create_in

pytestmark = pytest.mark.engine
LONGEST = "x" * 256


@pytest.fixture
def key(gateway: Gateway, asking: Asking) -> str:
    """An experiment that the function knows, as it knows the token; `old` is a unit that it has assigned."""
    key = str(create_in(gateway, "active", dimensions=["country"])["key"])
    assert asking.assign(key, "old").body["new"]
    return key


def forget_units(asking: Asking) -> None:
    """The function knows tokens and experiments, but no assignment, as after five minutes."""
    asking.gateway.globals_of("assignments")["assigning"].known.items.clear()


def test_a_repeat_in_a_warm_process_asks_for_nothing(asking: Asking, key: str) -> None:
    with counted(asking.client) as counts:
        assert asking.assign(key, "old").body["new"] is False
    assert counts.calls == {}


def test_a_repeat_in_a_process_that_does_not_know_the_unit_is_half_a_read_unit(asking: Asking, key: str) -> None:
    forget_units(asking)
    with counted(asking.client) as counts:
        assert asking.assign(key, "old").body["new"] is False
    assert (counts.calls, counts.read_units, counts.write_units) == ({"GetItem": 1}, 0.5, 0)


def test_a_process_that_knows_nothing_reads_token_experiment_and_assignment_once(asking: Asking, key: str) -> None:
    asking.start_anew()
    with counted(asking.client) as counts:
        asking.assign(key, "old")
        asking.assign(key, "old")
    assert counts.calls == {"GetItem": 3}


@pytest.mark.parametrize("unit", ["new", LONGEST])
def test_a_new_unit_is_one_read_and_one_write_of_two_units(asking: Asking, key: str, unit: str) -> None:
    with counted(asking.client) as counts:
        assert asking.assign(key, segment_of(unit), {"attributes": {"country": "DE"}}).body["new"]
    assert (counts.calls, counts.read_units, counts.write_units) == ({"GetItem": 1, "PutItem": 1}, 0.5, 2)


def test_who_does_not_get_in_costs_one_read(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active", coverage=0)["key"]
    asking.assign(key, "warm")
    with counted(asking.client) as counts:
        asking.assign(key, "u-1")
    assert (counts.calls, counts.read_units, counts.write_units) == ({"GetItem": 1}, 0.5, 0)


def test_an_override_costs_nothing(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active", overrides={"qa": "green"})["key"]
    asking.assign(key, "warm")
    with counted(asking.client) as counts:
        asking.assign(key, "qa")
    assert counts.calls == {}


def test_a_thousand_units_are_imported_in_forty_calls(asking: Asking, key: str) -> None:
    items = [{"unit_id": f"imported-{number}"} for number in range(1_000)]
    asking.import_items(key, [])  # refused, but now the token is known
    with counted(asking.client) as counts:
        assert asking.import_items(key, items).body["created"] == 1_000
    assert counts.calls == {"GetItem": 1, "BatchExecuteStatement": 40}  # the one read is the experiment
    assert counts.write_units == 2_000


def test_a_thousand_units_are_listed_in_one_query_for_each_part_of_the_index(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active")["key"]
    asking.import_items(key, [{"unit_id": f"listed-{number}"} for number in range(500)])
    asking.page(assignments_path(key))
    with counted(asking.client) as counts:
        assert len(asking.page(assignments_path(key), limit=1_000).body["items"]) == 500
    assert counts.calls == {"Query": 16}


def test_a_call_that_is_refused_costs_nothing(asking: Asking, key: str) -> None:
    with counted(asking.client) as counts:
        assert asking.assign(key, "new-one", {"attributes": 5}).status == 422
        assert asking.assign(key, "~", {}).status == 422
    assert counts.calls == {}
