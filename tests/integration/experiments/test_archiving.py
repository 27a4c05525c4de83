"""An archived experiment is out of the lists, and otherwise as it was: what it began is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.storage.aggregates import Aggregates
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, ORDERS, PURCHASED, create_in
from tests.pipeline import Pipeline

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine


def archived(gateway: Gateway, pipeline: Pipeline) -> str:
    """An archived experiment with one unit and one purchase, whose last recount nobody has begun yet."""
    key: str = create_in(gateway, "active", metrics=[PURCHASED])["key"]
    gateway.put(f"{EXPERIMENTS}/{key}/assignments/u-1")
    gateway.post("/v1/events", {"unit_id": "u-1", "type": "purchase"})
    pipeline.drain()
    for to in ("completed", "archived"):
        gateway.post(f"{EXPERIMENTS}/{key}/transitions", {"to": to})
    return key


@pytest.fixture
def aggregates(client: DynamoDBClient, tables: dict[str, str]) -> Aggregates:
    return Aggregates(client, tables["AggregatesTable"])


def results(gateway: Gateway, key: str) -> Any:
    return gateway.get(f"{EXPERIMENTS}/{key}/results").body


def test_the_recount_of_its_completion_is_finished(gateway: Gateway, pipeline: Pipeline) -> None:
    key = archived(gateway, pipeline)
    pipeline.maintain()
    summary = results(gateway, key)["summary"]
    assert (summary["recount"], summary["units"], summary["events"]) == (None, 1, 1)


def test_a_metric_that_is_added_is_counted(gateway: Gateway, pipeline: Pipeline) -> None:
    key = archived(gateway, pipeline)
    gateway.patch(f"{EXPERIMENTS}/{key}", {"metrics": [PURCHASED, ORDERS]})
    pipeline.maintain()
    assert sum(one["metrics"]["orders"]["sum"] for one in results(gateway, key)["variants"]) == 1


def test_its_sums_are_repaired_where_they_are_found_wrong(
    gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates
) -> None:
    key = archived(gateway, pipeline)
    pipeline.maintain()
    aggregates.mark_for_recount(key, "unreadable_record", pipeline.now())
    pipeline.maintain()
    newest = gateway.get(f"{EXPERIMENTS}/{key}/history").body["items"][0]
    assert (newest["action"], newest["reason"]) == ("recount", "unreadable_record")
    assert results(gateway, key)["summary"]["recount"] is None
