"""What an event costs on its way into the sums: reads and writes of attribution, writes of rollup."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.domain.timestamps import now
from tests.counting import Counts, counted
from tests.gateway import Gateway
from tests.integration.aggregation.breakdowns import arrive
from tests.integration.experiments.making import create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, results, send

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
ENTRY = noon(3)


def client_of(pipeline: Pipeline, function: str) -> Any:
    """The client that a function asks DynamoDB with."""
    seen = pipeline.handlers[function].__globals__
    return (seen.get("aggregates") or seen["assignments"]).client


def metrics(count: int) -> list[dict[str, Any]]:
    """So many metrics of the same events."""
    return [ORDERS | {"key": f"orders-{number}"} for number in range(count)]


def entered(gateway: Gateway, pipeline: Pipeline, experiments: int, count: int = 1) -> str:
    """A unit in so many experiments of so many metrics, whose assignments are through."""
    keys = [create_in(gateway, "active", metrics=metrics(count))["key"] for _ in range(experiments)]
    for key in keys:
        enter(gateway, key, {f"{keys[0]}-u": "green"}, ENTRY)
    pipeline.drain()
    return f"{keys[0]}-u"


def hash_variant(gateway: Gateway, unit: str, key: str) -> str:
    """What the unit would get."""
    asked = {"unit_id": unit, "experiments": [key], "record": False}
    return str(gateway.post("/v1/decisions", asked).body["decisions"][0]["variant"])


def cost_of(gateway: Gateway, pipeline: Pipeline, function: str, *events: dict[str, Any]) -> Counts:
    """What a function asks of DynamoDB while these events go through."""
    with counted(client_of(pipeline, function)) as counts:
        send(gateway, events)
        pipeline.drain()
    return counts


@pytest.mark.parametrize("count", [1, 20])
def test_an_event_of_a_unit_in_three_experiments_is_3_reads_and_3_writes(
    gateway: Gateway, pipeline: Pipeline, count: int
) -> None:
    unit = entered(gateway, pipeline, experiments=3, count=count)
    counts = cost_of(gateway, pipeline, "AttributionFunction", event(unit, ENTRY))
    assert dict(counts.calls) == {"Query": 2, "BatchGetItem": 1, "UpdateItem": 3}
    assert (counts.read_units, counts.write_units) == (3 + 2, 3)  # three experiments of the Catalog are 3 units


def test_a_session_of_one_day_is_folded_once(gateway: Gateway, pipeline: Pipeline) -> None:
    unit = entered(gateway, pipeline, experiments=1)
    events = [event(unit, ENTRY + timedelta(minutes=number)) for number in range(60)]
    counts = cost_of(gateway, pipeline, "AttributionFunction", *events)
    assert dict(counts.calls) == {"Query": 2, "BatchGetItem": 1, "UpdateItem": 1}


def test_an_event_that_nobody_counts_writes_nothing(gateway: Gateway, pipeline: Pipeline) -> None:
    unit = entered(gateway, pipeline, experiments=3)
    counts = cost_of(gateway, pipeline, "AttributionFunction", event(unit, ENTRY, "visit"))
    assert counts.write_units == 0


def test_a_new_assignment_is_folded_with_one_read_of_its_events(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", metrics=metrics(1))["key"]
    pipeline.drain()
    with counted(client_of(pipeline, "AttributionFunction")) as counts:
        enter(gateway, key, {f"{key}-{number}": "green" for number in range(10)}, ENTRY)
        pipeline.drain()
    assert counts.calls["Query"] == 10
    assert set(counts.calls) == {"Query", "BatchGetItem"}


def test_an_event_of_a_unit_in_no_experiment_is_one_read(gateway: Gateway, pipeline: Pipeline) -> None:
    counts = cost_of(gateway, pipeline, "AttributionFunction", event("stranger", ENTRY))
    assert dict(counts.calls) == {"Query": 1}


def exposure(unit: str, key: str, variant: str = "green", at: datetime | None = None) -> dict[str, Any]:
    """The unit met a variant just now."""
    return event(unit, at or now(), "$exposure", properties={"experiment": key, "variant": variant})


def test_an_exposure_that_assigns_is_one_transaction_and_6_reads(gateway: Gateway, pipeline: Pipeline) -> None:
    """The item, the experiment, the unit's assignments and events; then, by the insert, experiment and events again."""
    key = str(create_in(gateway, "active", metrics=metrics(1))["key"])
    pipeline.drain()
    counts = cost_of(gateway, pipeline, "AttributionFunction", exposure(f"{key}-u", key))
    assert dict(counts.calls) == {"BatchGetItem": 3, "Query": 3, "TransactWriteItems": 1}
    assert (counts.read_units, counts.write_units) == (6, 5)  # 2 for each part of a transaction, 1 for the index


def test_what_came_with_the_exposure_is_stored_with_the_assignment(gateway: Gateway, pipeline: Pipeline) -> None:
    """No other write is needed, nor when the insert comes through the stream."""
    key = str(create_in(gateway, "active", metrics=metrics(1))["key"])
    pipeline.drain()
    unit, met = f"{key}-u", now()
    sent = [exposure(unit, key, hash_variant(gateway, unit, key), met), *[event(unit, met) for _ in range(3)]]
    counts = cost_of(gateway, pipeline, "AttributionFunction", *sent)
    assert counts.calls["TransactWriteItems"] == 1
    assert "UpdateItem" not in counts.calls
    assert results(gateway, key)["summary"]["events"] == 3


def test_an_exposure_of_a_unit_that_is_in_costs_one_read_more_than_another_event(
    gateway: Gateway, pipeline: Pipeline
) -> None:
    unit = entered(gateway, pipeline, experiments=3)
    key = unit.removesuffix("-u")
    assert cost_of(gateway, pipeline, "AttributionFunction", exposure(unit, key)).write_units == 0
    counts = cost_of(gateway, pipeline, "AttributionFunction", exposure(unit, key))
    assert dict(counts.calls) == {"BatchGetItem": 3, "Query": 2}  # its item, its experiment, the two others
    assert (counts.read_units, counts.write_units) == (3 + 2 + 1, 0)


def test_exposures_of_many_units_are_read_together(gateway: Gateway, pipeline: Pipeline) -> None:
    key = str(create_in(gateway, "active", metrics=metrics(1), coverage=0)["key"])
    sent = [exposure(f"{key}-{number}", key) for number in range(100)]
    counts = cost_of(gateway, pipeline, "AttributionFunction", *sent)
    assert counts.calls["Query"] == 100
    assert counts.calls["BatchGetItem"] <= 2 * 10  # items and experiments, of ten invocations side by side


def test_an_exposure_of_no_experiment_is_three_reads(gateway: Gateway, pipeline: Pipeline) -> None:
    counts = cost_of(gateway, pipeline, "AttributionFunction", exposure("passer-by", "no-such-experiment"))
    assert dict(counts.calls) == {"BatchGetItem": 2, "Query": 1}


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("days", [1, 3])
def test_rollup_writes_each_experiments_day_once_whatever_the_number_of_metrics(
    gateway: Gateway, pipeline: Pipeline, days: int, count: int
) -> None:
    unit = entered(gateway, pipeline, experiments=2, count=count)
    events = [event(unit, ENTRY + timedelta(days=number % days)) for number in range(9)]
    counts = cost_of(gateway, pipeline, "RollupFunction", *events)
    assert dict(counts.calls) == {"PutItem": 2 * days}


def test_rollup_writes_a_day_of_many_units_once(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", metrics=metrics(1))["key"]
    with counted(client_of(pipeline, "RollupFunction")) as counts:
        enter(gateway, key, {f"{key}-{number}": "green" for number in range(300)}, ENTRY)
        pipeline.drain()
    assert counts.calls["PutItem"] <= 2  # one more where a tumbling window ends just then
    assert len(counts.calls) == 1


def deliver_again(pipeline: Pipeline) -> Counts:
    """What it costs rollup to be brought all that it has had."""
    with counted(client_of(pipeline, "RollupFunction")) as counts:
        pipeline.deliver_again("RollupFunction")
    return counts


def test_what_is_delivered_again_writes_nothing(gateway: Gateway, pipeline: Pipeline) -> None:
    cost_of(gateway, pipeline, "RollupFunction", event(entered(gateway, pipeline, experiments=2), ENTRY))
    counts = deliver_again(pipeline)
    assert (dict(counts.calls), counts.write_units) == ({}, 0)


def test_a_cold_function_finds_out_from_refused_writes_alone(
    gateway: Gateway, pipeline: Pipeline, client: DynamoDBClient, tables: dict[str, str]
) -> None:
    cost_of(gateway, pipeline, "RollupFunction", event(entered(gateway, pipeline, experiments=2), ENTRY))
    rows = client.scan(TableName=tables["AggregatesTable"], ConsistentRead=True)["Items"]
    pipeline.handlers["RollupFunction"].__globals__["rollup"].known.clear()
    assert set(deliver_again(pipeline).calls) == {"PutItem"}
    assert client.scan(TableName=tables["AggregatesTable"], ConsistentRead=True)["Items"] == rows


@pytest.mark.parametrize("dimensions", [[], ["country"], ["country", "device", "plan"]])
@pytest.mark.parametrize("days", [1, 3])
def test_rollup_writes_each_day_once_more_for_each_dimension(
    gateway: Gateway, pipeline: Pipeline, days: int, dimensions: list[str]
) -> None:
    key = str(create_in(gateway, "active", metrics=metrics(1), dimensions=dimensions)["key"])
    units = {f"{key}-{number}": {"country": f"C{number % 3}"} for number in range(6)}
    arrive(gateway, key, units, ENTRY)
    pipeline.drain()
    events = [event(unit, ENTRY + timedelta(days=number % days)) for unit in units for number in range(9)]
    counts = cost_of(gateway, pipeline, "RollupFunction", *events)
    assert dict(counts.calls) == {"PutItem": days * (1 + len(dimensions))}


def test_a_new_assignment_with_dimensions_is_not_written_by_attribution(gateway: Gateway, pipeline: Pipeline) -> None:
    """Its dimensions are whole from the start, those that were not given too."""
    key = str(create_in(gateway, "active", metrics=metrics(1), dimensions=["country", "device"])["key"])
    with counted(client_of(pipeline, "AttributionFunction")) as counts:
        arrive(gateway, key, {f"{key}-u": {"country": "DE"}}, ENTRY)
        gateway.put(f"/v1/experiments/{key}/assignments/{key}-v")
        pipeline.drain()
    assert set(counts.calls) == {"Query", "BatchGetItem"}


def test_a_row_that_has_overflowed_costs_nothing_any_more(gateway: Gateway, pipeline: Pipeline) -> None:
    key = str(create_in(gateway, "active", metrics=metrics(1), dimensions=["user"])["key"])
    units = {f"{key}-{number}": {"user": number} for number in range(201)}
    arrive(gateway, key, units, ENTRY)
    pipeline.drain()
    counts = cost_of(gateway, pipeline, "RollupFunction", *[event(unit, ENTRY) for unit in units])
    assert dict(counts.calls) == {"PutItem": 1}


def test_results_read_no_row_of_a_dimension(gateway: Gateway, pipeline: Pipeline) -> None:
    key = str(create_in(gateway, "active", metrics=metrics(1), dimensions=["user", "country"])["key"])
    arrive(gateway, key, {f"{key}-{number}": {"user": number} for number in range(200)}, ENTRY)
    pipeline.drain()
    asked: list[str] = []
    client = gateway.globals_of("results")["client"]
    listen = partial(note_partition, asked)
    client.meta.events.register("provide-client-params.dynamodb.Query", listen)
    results(gateway, key, group_by="day")
    client.meta.events.unregister("provide-client-params.dynamodb.Query", listen)
    assert key in asked
    assert not any("#country" in one or "#user" in one for one in asked)


def note_partition(asked: list[str], params: dict[str, Any], **_: Any) -> None:
    asked.append(params["ExpressionAttributeValues"].get(":experiment", {}).get("S", ""))
