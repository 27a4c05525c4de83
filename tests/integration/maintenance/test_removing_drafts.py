"""What a deleted draft had imported goes, and its key can be begun again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway import CONTEXT, Gateway
from tests.integration.experiments.making import EXPERIMENTS, body, create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, numbers, results, send, units

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
UNITS = [f"draft-unit-{number}" for number in range(5)]


@pytest.fixture
def deleted(gateway: Gateway, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> str:
    """A draft with counted units, deleted by a request that had no time to remove them."""
    key = str(create_in(gateway, "draft", metrics=[ORDERS])["key"])
    enter(gateway, key, dict.fromkeys(UNITS, "green"), noon(3))
    send(gateway, [event(unit, noon(2)) for unit in UNITS])
    pipeline.drain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] > 0
    with monkeypatch.context() as patch:
        patch.setattr(CONTEXT, "get_remaining_time_in_millis", lambda: 0)
        assert gateway.delete(f"{EXPERIMENTS}/{key}").status == 204
    return key


def test_maintenance_removes_the_assignments_and_leaves_the_events(
    gateway: Gateway, pipeline: Pipeline, deleted: str, client: DynamoDBClient, tables: dict[str, str]
) -> None:
    other = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, other, {UNITS[0]: "green"}, noon(3))
    pipeline.maintain()
    pipeline.drain()
    items = client.scan(TableName=tables["AssignmentsTable"], ConsistentRead=True)["Items"]
    experiments = {item["experiment"]["S"] for item in items}
    assert (deleted in experiments, other in experiments) == (False, True)
    assert numbers(results(gateway, other), "green", "orders")["sum"] > 0  # from the events that stayed


def test_the_key_is_free_again_once_they_are_gone(gateway: Gateway, pipeline: Pipeline, deleted: str) -> None:
    again = body(key=deleted, metrics=[ORDERS])
    refused = gateway.post(EXPERIMENTS, again)
    assert (refused.status, refused.code) == (409, "key_taken")
    pipeline.maintain()
    assert gateway.post(EXPERIMENTS, again).status == 201


def test_an_experiment_of_the_same_key_begins_with_nothing(gateway: Gateway, pipeline: Pipeline, deleted: str) -> None:
    pipeline.maintain()
    gateway.post(EXPERIMENTS, body(key=deleted, metrics=[ORDERS]))
    pipeline.drain()
    assert results(gateway, deleted)["summary"]["units"] == 0
    enter(gateway, deleted, {"draft-unit-new": "green"}, noon(3))
    pipeline.drain()
    assert units(results(gateway, deleted)) == {"control": 0, "green": 1}
