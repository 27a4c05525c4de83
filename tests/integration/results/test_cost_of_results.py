"""What a request for results costs: calls and capacity, whatever the number of units and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fairsplit.domain.timestamps import now
from fairsplit.services.compacting import compact
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.experiments import Experiments
from tests.counting import Counts, counted
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in
from tests.integration.results.crowd import Crowd
from tests.pipeline import Pipeline
from tests.traffic import REVENUE, results

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
MANY = 50_000


@pytest.fixture
def crowd(gateway: Gateway, pipeline: Pipeline, client: DynamoDBClient, tables: dict[str, str]) -> Crowd:
    """Units that are there as soon as rollup has heard of them."""
    key = create_in(gateway, "active", metrics=[REVENUE | {"role": "primary"}])["key"]
    experiment = Experiments(client, tables["CatalogTable"]).read(key)
    assert experiment is not None
    return Crowd(experiment, pipeline.invoke("RollupFunction"))


def cost(gateway: Gateway, crowd: Crowd) -> Counts:
    """What results of the crowd consume, in a function that is warm."""
    results(gateway, crowd.experiment.key)
    with counted(gateway.globals_of("results")["client"]) as counts:
        assert results(gateway, crowd.experiment.key)["summary"]["units"] == crowd.size
    return counts


def test_50_000_units_cost_what_1_000_cost(gateway: Gateway, crowd: Crowd) -> None:
    crowd.grow(1_000)
    few = cost(gateway, crowd)
    crowd.grow(MANY - 1_000)
    assert cost(gateway, crowd) == few


def test_a_hundred_events_of_each_unit_cost_what_one_costs(gateway: Gateway, crowd: Crowd) -> None:
    crowd.grow(100, events=1)
    few = cost(gateway, crowd)
    crowd.grow(100, events=100)
    assert cost(gateway, crowd) == few


def test_results_are_five_calls_that_write_nothing(gateway: Gateway, crowd: Crowd) -> None:
    """The experiment with its recount, the rows, the count of moves before and after them, the heartbeat."""
    crowd.grow(1_000)
    counts = cost(gateway, crowd)
    assert (dict(counts.calls), counts.write_units) == ({"Query": 2, "GetItem": 3}, 0)


def test_what_many_shards_brought_costs_less_once_it_is_moved_together(
    gateway: Gateway, crowd: Crowd, client: DynamoDBClient, tables: dict[str, str]
) -> None:
    for number in range(40):
        crowd.grow(10, shard=f"shardId-{number}")
    before = cost(gateway, crowd)
    compact(Aggregates(client, tables["AggregatesTable"]), crowd.experiment.key, 1, now())
    after = cost(gateway, crowd)
    assert after.calls == before.calls
    assert after.read_units < before.read_units
