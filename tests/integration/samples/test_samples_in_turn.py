"""The sample events run through the real handlers and tell one story: a visitor is assigned, buys, and is counted."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.domain.aggregate import Row
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.unit_totals import UnitTotals
from tests.gateway import CONTEXT, Answer, Gateway, load
from tests.integration.experiments.making import PURCHASED, create_in
from tests.pipeline import AS_LONG_AS_LAMBDA
from tests.samples import sample

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", autouse=True)
def experiment(gateway: Gateway) -> dict[str, Any]:
    """The experiment that the samples name."""
    return create_in(gateway, "active", key="checkout-button", metrics=[PURCHASED])


@pytest.fixture(scope="module")
def assigned(gateway: Gateway) -> Answer:
    return gateway.send_event(sample("assignments"))


@pytest.fixture(scope="module")
def bought(gateway: Gateway, assigned: Answer) -> Answer:
    return gateway.send_event(sample("events"))


def test_experiments_are_listed(gateway: Gateway) -> None:
    answer = gateway.send_event(sample("experiments"))
    assert (answer.status, [one["key"] for one in answer.body["items"]]) == (200, ["checkout-button"])


def test_the_visitor_is_assigned(assigned: Answer) -> None:
    assert assigned.status == 200
    assert assigned.body["variant"] in {"control", "green"}
    assert assigned.body["unit_id"] == "visitor-1"


def test_the_purchase_is_accepted(bought: Answer) -> None:
    assert (bought.status, bought.body) == (202, {"accepted": 1, "rejected": []})


def test_attribution_folds_the_purchase_into_the_visitors_totals(
    client: DynamoDBClient, tables: dict[str, str], bought: Answer
) -> None:
    assert load("attribution")(sample("attribution"), CONTEXT) == {"batchItemFailures": []}
    (stored,) = UnitTotals(client, tables["AssignmentsTable"]).of_unit("visitor-1")
    assert sum(day.events for metric in stored.totals.metrics.values() for day in metric.days) == 2  # one, and of all


def test_rollup_counts_a_unit_and_its_purchase_once_however_often_it_is_invoked(
    client: DynamoDBClient, tables: dict[str, str]
) -> None:
    for _ in range(2):
        assert load("rollup")(sample("rollup"), CONTEXT) == {"state": {}}
    (row,) = Aggregates(client, tables["AggregatesTable"]).rows("_sample", 1).values()
    assert (row.moments.units("units"), events_of(row), row.steps) == (1, 1, 2)


def events_of(row: Row) -> int:
    return row.moments.get("green", "*", "events")


def test_maintenance_does_its_tasks(gateway: Gateway) -> None:
    context = copy(CONTEXT)
    context.get_remaining_time_in_millis = lambda: AS_LONG_AS_LAMBDA
    assert load("maintenance")(sample("maintenance"), context)["tasks"] > 0


def test_results_are_read(gateway: Gateway) -> None:
    answer = gateway.send_event(sample("results"))
    assert (answer.status, answer.body["experiment"]["key"]) == (200, "checkout-button")


def test_the_site_is_healthy(gateway: Gateway) -> None:
    answer = gateway.send_event(sample("site"))
    assert (answer.status, answer.body["status"]) == (200, "ok")
