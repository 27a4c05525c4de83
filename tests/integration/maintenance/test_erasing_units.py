"""Erasure of a unit: nothing of it is left, and the sums follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.services.erasing import Erasing
from fairsplit.storage.aggregates import Aggregates
from tests.gateway import CONTEXT, Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, numbers, results, send, units

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
ENTRY = noon(4)
UNIT = "somebody"
PATH = f"/v1/units/{UNIT}"


@pytest.fixture
def keys(gateway: Gateway, pipeline: Pipeline) -> list[str]:
    """Two experiments with the unit, with three orders of different days, and another unit with one."""
    keys = [str(create_in(gateway, "active", metrics=[ORDERS])["key"]) for _ in range(2)]
    for key in keys:
        enter(gateway, key, {UNIT: "green", "other": "green"}, ENTRY)
    send(gateway, [event(UNIT, ENTRY + timedelta(days=number)) for number in range(3)])
    pipeline.drain()
    return keys


@pytest.fixture(autouse=True)
def _clean(gateway: Gateway, pipeline: Pipeline) -> None:
    """The unit of the test before is gone."""
    gateway.delete(PATH)
    pipeline.drain()


def counted(gateway: Gateway, key: str) -> tuple[int, int]:
    """Units and orders of the variant."""
    body = results(gateway, key)
    return units(body)["green"], numbers(body, "green", "orders")["sum"]


@pytest.fixture
def left(client: DynamoDBClient, tables: dict[str, str]) -> Callable[[], int]:
    """Tells how many items of the unit the tables hold."""
    question: Any = {
        "KeyConditionExpression": "unit_id = :unit",
        "ExpressionAttributeValues": {":unit": {"S": UNIT}},
    }
    names = [tables["AssignmentsTable"], tables["EventsTable"]]
    return lambda: sum(client.query(TableName=name, ConsistentRead=True, **question)["Count"] for name in names)


def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request's function is about to run out of time."""
    monkeypatch.setattr(CONTEXT, "get_remaining_time_in_millis", lambda: 0)


def test_the_counts_follow(gateway: Gateway, pipeline: Pipeline, keys: list[str]) -> None:
    assert [counted(gateway, key) for key in keys] == [(2, 3)] * 2
    assert gateway.delete(PATH).status == 204
    pipeline.drain()
    assert [counted(gateway, key) for key in keys] == [(1, 0)] * 2


@pytest.mark.usefixtures("keys")
def test_nothing_of_the_unit_is_left(gateway: Gateway, left: Callable[[], int]) -> None:
    assert left() == 5
    gateway.delete(PATH)
    assert left() == 0
    assert gateway.get(f"{PATH}/assignments").body["items"] == []


def test_the_number_of_erased_units_stays(
    gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, keys: list[str]
) -> None:
    gateway.delete(PATH)
    pipeline.drain()
    rows = aggregates.rows(keys[0], 1).values()
    assert sum(row.moments.units("erased") for row in rows) == 1


def test_erasing_again_is_harmless(gateway: Gateway, pipeline: Pipeline, keys: list[str]) -> None:
    for _ in range(3):
        assert gateway.delete(PATH).status == 204
        pipeline.drain()
    assert [counted(gateway, key) for key in keys] == [(1, 0)] * 2


def test_a_unit_that_is_assigned_anew_counts_anew(gateway: Gateway, pipeline: Pipeline, keys: list[str]) -> None:
    gateway.delete(PATH)
    pipeline.drain()
    enter(gateway, keys[0], {UNIT: "control"}, ENTRY)
    send(gateway, [event(UNIT, ENTRY)])
    pipeline.drain()
    body = results(gateway, keys[0])
    assert (units(body), numbers(body, "control", "orders")["sum"]) == ({"control": 1, "green": 1}, 1)
    assert counted(gateway, keys[1]) == (1, 0)


def test_a_warm_function_forgets_the_unit_within_five_minutes(
    gateway: Gateway, pipeline: Pipeline, keys: list[str], later: Callable[[timedelta], None]
) -> None:
    path = f"{EXPERIMENTS}/{keys[0]}/assignments/warm"
    assert gateway.put(path).body["new"]
    gateway.delete("/v1/units/warm")
    assert not gateway.put(path).body["new"]
    later(timedelta(minutes=5))
    assert gateway.put(path).body["new"]


def test_one_that_is_assigned_anew_before_the_streams_have_heard_counts_once(
    gateway: Gateway, pipeline: Pipeline, keys: list[str]
) -> None:
    gateway.delete(PATH)
    enter(gateway, keys[0], {UNIT: "green"}, ENTRY)
    send(gateway, [event(UNIT, ENTRY)])
    pipeline.drain()
    assert counted(gateway, keys[0]) == (2, 1)


def test_events_that_were_on_their_way_do_not_bring_it_back(
    gateway: Gateway, pipeline: Pipeline, keys: list[str], left: Callable[[], int]
) -> None:
    send(gateway, [event(UNIT, ENTRY)])
    gateway.delete(PATH)
    pipeline.drain()
    assert [counted(gateway, key) for key in keys] == [(1, 0)] * 2
    assert left() == 0


def test_what_takes_too_long_for_a_request_is_done_by_maintenance(
    gateway: Gateway,
    pipeline: Pipeline,
    keys: list[str],
    left: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_time(monkeypatch)
    answer = gateway.delete(PATH)
    assert (answer.status, answer.body) == (202, {"state": "queued"})
    pipeline.drain()
    assert [counted(gateway, key) for key in keys] == [(1, 0)] * 2  # it is marked already
    assert left() > 0
    pipeline.maintain()
    assert left() == 0


@pytest.mark.parametrize("step", ["_mark", "_delete_marked"])
def test_what_a_crash_left_is_done_by_maintenance(
    gateway: Gateway,
    pipeline: Pipeline,
    keys: list[str],
    left: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Erasing, step, lambda *_arguments: 1 / 0)
        assert gateway.delete(PATH).status == 500
    pipeline.maintain()
    pipeline.drain()
    assert left() == 0
    assert [counted(gateway, key) for key in keys] == [(1, 0)] * 2


def test_a_unit_of_many_events_goes_in_slices(
    gateway: Gateway,
    pipeline: Pipeline,
    left: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fairsplit.services.erasing.EVENTS_AT_ONCE", 3)
    send(gateway, [event(UNIT, noon(number)) for number in range(1, 11)])
    assert gateway.delete(PATH).status == 204
    assert left() == 0


def test_a_recount_after_an_erasure_finds_nothing_wrong(
    gateway: Gateway, pipeline: Pipeline, keys: list[str], aggregates: Aggregates
) -> None:
    gateway.delete(PATH)
    gateway.post(f"{EXPERIMENTS}/{keys[0]}/recount")
    for _ in range(3):
        pipeline.maintain()
        pipeline.drain()
    assert counted(gateway, keys[0]) == (1, 0)
    assert [aggregates.note(key, "~check")["drifted"] for key in keys] == [False, False]
