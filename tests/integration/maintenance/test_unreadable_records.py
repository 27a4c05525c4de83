"""A record that rollup cannot read holds nothing up, and maintenance counts its experiment anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.services.recounting import DRAIN_AT_LEAST
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.keys import UNREADABLE
from fairsplit.storage.packing import unpack
from fairsplit.storage.recounts import Recounts
from tests.gateway import CONTEXT, Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in, move
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, numbers, results, send, units

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
Poison = Callable[[str], None]


@pytest.fixture
def poison(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Poison:
    """Takes the variant from the records of a unit, on their way to rollup, from now on."""

    def start(unit_id: str) -> None:
        rollup = pipeline.handlers["RollupFunction"]

        def deliver(event: dict[str, Any], context: Any) -> dict[str, Any]:
            return rollup(event | {"Records": [spoilt(one, unit_id) for one in event["Records"]]}, context)

        monkeypatch.setitem(pipeline.handlers, "RollupFunction", deliver)

    return start


def spoilt(record: dict[str, Any], unit_id: str) -> dict[str, Any]:
    """The record, without its variant if it is the unit's."""
    change = record["dynamodb"]
    if change["Keys"]["unit_id"]["S"] != unit_id or "NewImage" not in change:
        return record
    image = {name: value for name, value in change["NewImage"].items() if name != "variant"}
    return record | {"dynamodb": change | {"NewImage": image}}


def fill(gateway: Gateway, pipeline: Pipeline, key: str) -> None:
    """Three units with an order each."""
    enter(gateway, key, {f"{key}-{number}": "green" for number in range(3)}, noon(3))
    send(gateway, [event(f"{key}-{number}", noon(2)) for number in range(3)])
    pipeline.drain()


def test_the_shard_goes_on_and_the_experiment_is_marked(
    gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, poison: Poison
) -> None:
    key, other = (create_in(gateway, "active", metrics=[ORDERS])["key"] for _ in range(2))
    poison(f"{key}-1")
    fill(gateway, pipeline, key)
    fill(gateway, pipeline, other)
    assert (units(results(gateway, key))["green"], units(results(gateway, other))["green"]) == (2, 3)
    mark = aggregates.mark(key)
    assert mark is not None
    assert (mark.reason, aggregates.mark(other)) == ("unreadable_record", None)


def test_maintenance_counts_it_anew_and_all_is_right(
    gateway: Gateway,
    pipeline: Pipeline,
    aggregates: Aggregates,
    recounts: Recounts,
    poison: Poison,
    monkeypatch: pytest.MonkeyPatch,
    later: Callable[[timedelta], None],
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    poison(f"{key}-1")
    fill(gateway, pipeline, key)
    monkeypatch.undo()  # what was poison was a passing fault
    pipeline.maintain()
    later(DRAIN_AT_LEAST)  # a unit was lost: drift, once nothing can be on its way any more
    pipeline.maintain()
    body = results(gateway, key)
    assert (units(body)["green"], numbers(body, "green", "orders")["sum"]) == (3, 3)
    assert (aggregates.mark(key), recounts.read(key).reason) == (None, "unreadable_record")
    entry = gateway.get(f"{EXPERIMENTS}/{key}/history").body["items"][0]
    assert (entry["action"], entry["reason"]) == ("recount", "unreadable_record")


def test_the_mark_of_a_draft_waits_for_its_start(
    gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, recounts: Recounts
) -> None:
    key = create_in(gateway, "draft", metrics=[ORDERS])["key"]
    aggregates.mark_for_recount(key, "unreadable_record", pipeline.now())
    pipeline.maintain()
    assert aggregates.mark(key)
    move(gateway, key, "active")
    pipeline.maintain()
    assert (aggregates.mark(key), recounts.read(key).reason) == (None, "unreadable_record")


@pytest.mark.parametrize(("size", "kept"), [(10, "whole"), (900_000, "its key")])
def test_the_record_is_kept_aside_as_far_as_an_item_holds_it(
    client: DynamoDBClient, tables: dict[str, str], pipeline: Pipeline, size: int, kept: str
) -> None:
    keys = {"unit_id": {"S": "u"}, "experiment": {"S": "lost"}}
    change = {"Keys": keys, "SequenceNumber": str(size), "NewImage": {"totals": {"S": token_hex(size // 2)}}}
    record = {"eventName": "INSERT", "dynamodb": change}
    pipeline.handlers["RollupFunction"]({"Records": [record], "shardId": "shardId-x"}, CONTEXT)
    key: Any = {"experiment": {"S": UNREADABLE}, "row_key": {"S": str(size).zfill(40)}}
    item: Any = client.get_item(TableName=tables["AggregatesTable"], Key=key)["Item"]
    assert unpack(item["record"]) == {"whole": record, "its key": keys}[kept]


@pytest.mark.parametrize(
    "change",
    [
        {"NewImage": {"unit_id": {"S": "u"}, "experiment": {"S": "lost"}}},
        {"NewImage": {"unit_id": {"S": "u"}, "totals": {"B": "!"}}},
        {"NewImage": "no image"},
        {"ApproximateCreationDateTime": "soon"},
        {"Keys": {"unit_id": {"S": "u"}}},
    ],
)
def test_whatever_is_wrong_with_a_record_the_batch_goes_through(
    pipeline: Pipeline, aggregates: Aggregates, change: dict[str, Any]
) -> None:
    whole = {
        "Keys": {"unit_id": {"S": "u"}, "experiment": {"S": "lost"}},
        "SequenceNumber": "7",
        "ApproximateCreationDateTime": 1,
        "NewImage": {},
    }
    batch = {"Records": [{"eventName": "INSERT", "dynamodb": whole | change}], "shardId": "shardId-x"}
    assert pipeline.handlers["RollupFunction"](batch, CONTEXT) == {"state": {}}
    assert bool(aggregates.mark("lost")) or "Keys" in change
