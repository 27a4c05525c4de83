"""What decisions cost in calls and consumed capacity, with fifty active experiments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.counting import Counts, counted
from tests.gateway import Gateway
from tests.integration.assignments.asking import CLIENT, Asking
from tests.integration.experiments.making import create_in

pytestmark = pytest.mark.engine
FIFTY = 50


@pytest.fixture(scope="module")
def keys(gateway: Gateway) -> list[str]:
    """All experiments that there are."""
    return [str(create_in(gateway, "active")["key"]) for _ in range(FIFTY)]


@pytest.fixture
def warm(gateway: Gateway, asking: Asking, keys: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Counts]:
    """A process that knows token and experiments, and does not grow older; what it asks for is counted."""
    asking.start_anew()
    decide(gateway, "warm")
    module = gateway.globals_of("assignments")
    still = module["now"]()
    for holder in (module["cached"], module["door"]):
        monkeypatch.setattr(holder, "clock", lambda: still)
    decide(gateway, "warm", record=False)
    with counted(asking.client) as counts:
        yield counts


def decide(gateway: Gateway, unit_id: str, **fields: Any) -> list[dict[str, Any]]:
    answer = gateway.post("/v1/decisions", {"unit_id": unit_id} | fields, token=CLIENT)
    assert answer.status == 200, answer
    found: list[dict[str, Any]] = answer.body["decisions"]
    return found


def test_fifty_new_ones_are_one_query_and_two_batched_writes(gateway: Gateway, warm: Counts) -> None:
    assert sum(entry["new"] for entry in decide(gateway, "u-1")) == FIFTY
    assert warm.calls == {"Query": 1, "BatchExecuteStatement": 2}
    assert (warm.read_units, warm.write_units) == (0.5, 2 * FIFTY)


def test_what_is_known_costs_nothing(gateway: Gateway, warm: Counts) -> None:
    for fields in ({}, {"record": False}, {"explain": True}):
        assert len(decide(gateway, "warm", **fields)) == FIFTY
    assert warm.calls == {}


def test_what_is_stored_but_not_known_is_one_query(gateway: Gateway, asking: Asking, warm: Counts) -> None:
    gateway.globals_of("assignments")["assigning"].known.items.clear()
    assert len(decide(gateway, "warm")) == FIFTY
    assert (warm.calls, warm.write_units) == ({"Query": 1}, 0)
    assert warm.read_units <= 2  # fifty small items; each four kilobytes are half a unit


def test_losers_of_a_race_are_one_batch_read_more(
    gateway: Gateway, asking: Asking, warm: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others store between our read and our write."""
    before = decide(gateway, "u-2")
    module = gateway.globals_of("assignments")
    module["assigning"].known.items.clear()
    monkeypatch.setattr(type(module["assignments"]), "of_unit", lambda *_: [])
    warm.calls.clear()
    assert decide(gateway, "u-2") == [entry | {"new": False} for entry in before]
    assert warm.calls == {"BatchExecuteStatement": 2, "BatchGetItem": 1}


def test_a_process_that_knows_nothing_reads_the_list_the_documents_and_the_unit(
    gateway: Gateway, asking: Asking, keys: list[str]
) -> None:
    asking.start_anew()
    with counted(asking.client) as counts:
        decide(gateway, "warm")
    assert counts.calls == {"GetItem": 1, "Query": 2, "BatchGetItem": 1}


def test_of_the_live_ones_only_those_that_changed_are_read_again(
    gateway: Gateway, asking: Asking, keys: list[str]
) -> None:
    asking.start_anew()
    decide(gateway, "warm")
    gateway.patch(f"/v1/experiments/{keys[0]}", {"name": "Other"})
    cached = gateway.globals_of("assignments")["cached"]
    cached.listed = (cached.listed[0].replace(year=2020), cached.listed[1])
    with counted(asking.client) as counts:
        decide(gateway, "warm")
    assert counts.calls == {"Query": 1, "BatchGetItem": 1}
    assert counts.read_units <= 3  # the list is one or two, the document one
