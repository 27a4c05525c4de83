"""The daily check: what is stored against what the raw events say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.domain.aggregate import Row, RowKey
from fairsplit.domain.moments import Moments
from fairsplit.services.recounting import DRAIN_AT_LEAST
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.recounts import Recounts
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, numbers, results, send

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
UNITS = 5
DAY = timedelta(days=1)
Wait = Callable[[timedelta], None]
Tamper = Callable[[str], None]


@pytest.fixture
def key(gateway: Gateway, pipeline: Pipeline) -> str:
    """An experiment with five units, each with an order."""
    key = str(create_in(gateway, "active", metrics=[ORDERS], dimensions=["country"])["key"])
    enter(gateway, key, {f"{key}-{number}": "green" for number in range(UNITS)}, noon(5))
    send(gateway, [event(f"{key}-{number}", noon(4)) for number in range(UNITS)])
    pipeline.drain()
    return key


@pytest.fixture
def told(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, key: str) -> list[tuple[str, str]]:
    """The errors in maintenance's log about the experiment: what, and found by whom."""
    found: list[tuple[str, str]] = []

    def note(text: str, extra: dict[str, Any]) -> None:
        if extra["experiment"] == key:
            found.append((text, extra["found_by"]))

    monkeypatch.setattr(pipeline.handlers["MaintenanceFunction"].__globals__["logger"], "error", note)
    return found


@pytest.fixture
def tamper(
    request: pytest.FixtureRequest, client: DynamoDBClient, tables: dict[str, str], aggregates: Aggregates
) -> Tamper:
    """Writes something wrong into the tables: a row's sum, or what the test asks for."""
    what = getattr(request, "param", "a row's sum")

    def into_a_row(key: str) -> None:
        partition = f"{key}#country" if "by value" in what else key
        place, row = next((one, row) for one, row in aggregates.rows(partition, 1).items() if row.moments)
        more = Moments(dict.fromkeys(row.moments.sums, 10_000))
        change = {"steps": row.steps + 1} if "steps" in what else {"moments": row.moments + more}
        write(aggregates, place, row, **change)

    def into_a_unit(key: str) -> None:
        """Rollup believes it, as it believes all."""
        client.update_item(
            TableName=tables["AssignmentsTable"],
            Key={"unit_id": {"S": f"{key}-3"}, "experiment": {"S": key}},
            UpdateExpression="SET totals = :none, version = version + :one",
            ExpressionAttributeValues={":none": {"S": '{"metrics": {}}'}, ":one": {"N": "1"}},
        )

    return into_a_unit if "unit" in what else into_a_row


def write(aggregates: Aggregates, place: RowKey, row: Row, **change: Any) -> None:
    """Change a row as every writer does, with another revision."""
    assert aggregates.put(place, replace(row, revision=row.revision + 1, **change), read=row) is None


def check(aggregates: Aggregates, key: str) -> Any:
    """What the last check has noted."""
    return aggregates.note(key, "~check")


def go_on(pipeline: Pipeline, rounds: int) -> None:
    """Rounds of maintenance, with the streams between them."""
    for _ in range(rounds):
        pipeline.maintain()
        pipeline.drain()


def mend(pipeline: Pipeline, recounts: Recounts, key: str, later: Wait) -> None:
    """Rounds until the recount is through: it believes in drift only when nothing can be on its way any more."""
    for _ in range(10):
        if not recounts.read(key).is_running:
            return
        later(DRAIN_AT_LEAST)
        go_on(pipeline, 1)
    raise RuntimeError("the recount has no end")


def test_a_healthy_experiment_has_not_drifted(
    key: str, gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates
) -> None:
    go_on(pipeline, 3)
    found = check(aggregates, key)
    assert (found["sampled"], found["drifted"]) == (UNITS, False)
    assert results(gateway, key)["summary"]["recount"] is None


@pytest.mark.parametrize(
    "tamper", ["a row's sum", "a row's steps", "a row's sum by value", "a unit's totals"], indirect=True
)
def test_what_is_wrong_is_found_told_and_mended(
    key: str,
    tamper: Tamper,
    gateway: Gateway,
    pipeline: Pipeline,
    recounts: Recounts,
    told: list[Any],
    later: Wait,
) -> None:
    tamper(key)
    pipeline.drain()
    go_on(pipeline, 2)
    assert told == [("drift", "check")]
    entry = gateway.get(f"{EXPERIMENTS}/{key}/history").body["items"][0]
    assert (entry["action"], entry["reason"], entry["actor"]["id"]) == ("recount", "drift", "maintenance")
    go_on(pipeline, 1)
    mend(pipeline, recounts, key, later)
    assert numbers(results(gateway, key), "green", "orders")["sum"] == UNITS


def test_what_was_mended_is_not_found_again(
    key: str, tamper: Tamper, gateway: Gateway, pipeline: Pipeline, recounts: Recounts, later: Wait
) -> None:
    tamper(key)
    pipeline.drain()
    go_on(pipeline, 2)
    mend(pipeline, recounts, key, later)
    assert recounts.read(key).drifted
    gateway.post(f"{EXPERIMENTS}/{key}/recount")
    go_on(pipeline, 1)
    assert (recounts.read(key).state, recounts.read(key).drifted) == ("done", False)
    later(DAY)
    go_on(pipeline, 3)
    assert recounts.read(key).reason == "requested"


def test_it_is_made_once_a_day(
    key: str, tamper: Tamper, pipeline: Pipeline, aggregates: Aggregates, recounts: Recounts, later: Wait
) -> None:
    go_on(pipeline, 1)
    tamper(key)
    pipeline.drain()
    go_on(pipeline, 3)
    assert (check(aggregates, key)["drifted"], recounts.read(key).epoch) == (False, 1)
    later(DAY)
    go_on(pipeline, 2)
    assert (check(aggregates, key)["drifted"], recounts.read(key).reason) == (True, "drift")


def test_what_is_on_its_way_is_no_drift_however_long_it_takes(
    key: str, gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, told: list[Any], later: Wait
) -> None:
    """The streams stand still for an hour: neither units nor rows are what the raw events say."""
    send(gateway, [event(f"{key}-1", noon(3))])
    enter(gateway, key, {f"{key}-new": "green"}, noon(3))
    for _ in range(6):
        pipeline.maintain(pause=lambda: None)
        later(timedelta(minutes=10))
    go_on(pipeline, 3)
    assert told == []
    assert check(aggregates, key)["drifted"] is False


def test_an_experiment_whose_units_never_rest_has_not_drifted(
    key: str, gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, told: list[Any]
) -> None:
    for _ in range(4):
        send(gateway, [event(f"{key}-{number}", noon(3)) for number in range(UNITS)])
        pipeline.maintain(pause=pipeline.drivers[0].step)  # events come in, and behind them nothing
        pipeline.drain()
    assert told == []


def test_a_recount_tells_what_it_found_wrong(
    key: str, gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, told: list[Any], later: Wait
) -> None:
    place, row = max(aggregates.rows(key, 1).items())
    write(aggregates, place, row, steps=row.steps + 1)
    gateway.post(f"{EXPERIMENTS}/{key}/recount")
    pipeline.maintain()
    assert told == []
    later(DRAIN_AT_LEAST)
    pipeline.maintain()
    assert told == [("drift", "recount")]
