"""PutProjectEvents: what becomes of the events, and that each counts once."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from fairsplit.domain.event import EXPOSURE
from tests.gateway import Gateway
from tests.integration.events.stored import Stored
from tests.integration.evidently.asking import EVALUATION, Evidently, custom, load_time
from tests.integration.experiments.making import create_in
from tests.pipeline import Pipeline
from tests.store_faults import fault, throttling_units

pytestmark = pytest.mark.engine
LOAD = {"key": "load", "event_type": "details.pageLoadTime", "kind": "mean", "role": "primary"}


def test_each_number_is_an_event_of_its_path(evidently: Evidently, stored_events: Stored) -> None:
    data = {"details": {"pageLoadTime": 812.34567, "cart": {"items": 3}}, "userDetails": {"userId": "u-1"}}
    answer = evidently.put([custom(data)])
    assert (answer.status, answer.body["failedEventCount"]) == (200, 0)
    assert len(answer.body["eventResults"][0]["eventId"]) == 36
    found = {(one.type, one.value) for one in stored_events.events("u-1")}
    assert found == {("details.pageLoadTime", 8_123_457), ("details.cart.items", 30_000)}


def test_results_count_what_came_after_the_evaluation_in_the_same_second(
    gateway: Gateway, evidently: Evidently, pipeline: Pipeline
) -> None:
    key = create_in(gateway, "active", metrics=[LOAD])["key"]
    evidently.evaluate(key, "u-2")
    evidently.put([load_time(800, "u-2")])
    pipeline.drain()
    results = gateway.get(f"/v1/experiments/{key}/results").body
    assert (results["summary"]["units"], results["summary"]["events"]) == (1, 1)
    assert sum(one["metrics"]["load"]["sum"] for one in results["variants"]) == 800


def test_a_call_that_is_sent_again_counts_once(evidently: Evidently, stored_events: Stored) -> None:
    events = [load_time(800, "u-3"), load_time(900, "u-3"), load_time(800, "u-3")]
    first, again = evidently.put(events).body, evidently.put(events).body
    assert first == again
    assert len({one["eventId"] for one in first["eventResults"]}) == 3
    assert sorted(one.value or 0 for one in stored_events.events("u-3")) == [8_000_000, 8_000_000, 9_000_000]


def test_an_evaluation_is_an_exposure(gateway: Gateway, evidently: Evidently, stored_events: Stored) -> None:
    data = {"feature": "Show.Discount", "variation": "Off", "entityId": "u-4", "type": "EXPERIMENT_RULE_MATCH"}
    attributes = {"browser": {"s": "Chrome"}, "age": 7}
    assert evidently.put([custom({**data, "entityAttributes": attributes}, type=EVALUATION)]).status == 200
    (event,) = stored_events.events("u-4")
    assert event.type == EXPOSURE
    assert event.properties == {
        "experiment": "show-discount",
        "variant": "off",
        "attributes": {"browser": "Chrome", "age": 7},
    }


@pytest.mark.parametrize("kind", ["DEFAULT", "ENTITY_OVERRIDES_MATCH", "LAUNCH_RULE_MATCH"])
def test_an_evaluation_outside_of_experiments_is_taken_and_leaves_nothing(
    evidently: Evidently, stored_events: Stored, kind: str
) -> None:
    data = {"feature": "f", "variation": "v", "entityId": "u-5", "type": kind}
    (result,) = evidently.put([custom(data, type=EVALUATION)]).body["eventResults"]
    assert "eventId" in result
    assert stored_events.events("u-5") == []


def test_a_bad_event_is_told_in_its_place_and_the_others_are_stored(
    evidently: Evidently, stored_events: Stored
) -> None:
    events = [load_time(1, "u-6"), custom({"details": {"a": 1}}), load_time(2, "u-6", timestamp=1_000_000_000)]
    answer = evidently.put([*events, load_time(3, "u-6")]).body
    codes = [one.get("errorCode") for one in answer["eventResults"]]
    assert (answer["failedEventCount"], codes) == (2, [None, "ValidationException", "ValidationException", None])
    assert "data.userDetails.userId" in answer["eventResults"][1]["errorMessage"]
    assert "90 days" in answer["eventResults"][2]["errorMessage"]
    assert len(stored_events.events("u-6")) == 2


def test_what_the_store_throttles_is_told_so_and_goes_through_when_it_is_sent_again(
    evidently: Evidently, stored_events: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    events: list[Any] = [load_time(1, "u-7"), load_time(2, "u-8")]
    with fault(evidently.client, throttling_units({"u-8"})):
        answer = evidently.put(events).body
    assert [one.get("errorCode") for one in answer["eventResults"]] == [None, "ThrottlingException"]
    assert evidently.put(events).body["failedEventCount"] == 0
    assert [len(stored_events.events(unit_id)) for unit_id in ("u-7", "u-8")] == [1, 1]


def test_a_schema_of_the_type_is_asked(gateway: Gateway, evidently: Evidently) -> None:
    gateway.put("/v1/event-types/details.strict", {"schema": False})
    evidently.start_anew()
    data = {"details": {"strict": 1}, "userDetails": {"userId": "u-9"}}
    (result,) = evidently.put([custom(data)]).body["eventResults"]
    assert result["errorCode"] == "ValidationException"


def test_data_may_be_an_object_and_a_project_an_arn(evidently: Evidently, stored_events: Stored) -> None:
    event = load_time(5, "u-10")
    arn = "arn:aws:evidently:us-east-1:123456789012:project%2Fshop"
    answer = evidently.put([event | {"data": json.loads(event["data"])}], project=arn)
    assert answer.body["failedEventCount"] == 0
    assert len(stored_events.events("u-10")) == 1


def test_no_events_are_no_error(evidently: Evidently) -> None:
    assert evidently.put([]).body == {"failedEventCount": 0, "eventResults": []}
