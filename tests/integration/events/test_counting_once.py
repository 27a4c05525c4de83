"""An event counts once, however often and in whatever company it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.event import first_of_each_id
from fairsplit.domain.timestamps import now, to_text
from tests.gateway import Gateway
from tests.integration.events.sending import Sender, fresh_unit, purchase
from tests.integration.events.stored import Stored
from tests.integration.experiments.making import EXPERIMENTS, PURCHASED, create_in
from tests.pipeline import Pipeline

pytestmark = pytest.mark.engine


def orders(unit: str, *ids: str) -> dict[str, Any]:
    """A call with events of these ids."""
    return {"events": [purchase(unit_id=unit, event_id=event_id) for event_id in ids]}


def test_an_id_that_stands_twice_in_a_call_is_stored_once_as_it_came_first(sender: Sender, stored: Stored) -> None:
    sent = purchase(unit_id=fresh_unit(), value=1)
    assert sender.post({"events": [sent, sent | {"value": 2}]}).body == {"accepted": 2, "rejected": []}
    assert [event.value for event in stored.events(sent["unit_id"])] == [10_000]


def test_the_same_call_again_stores_nothing_new_and_is_accepted(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    body = {"events": [purchase(unit_id=unit, value=number) for number in range(30)]}
    first = sender.post(body)
    before = stored.count()
    assert sender.post(body).body == first.body == {"accepted": 30, "rejected": []}
    assert stored.count() == before


def test_an_id_in_calls_of_different_company_counts_as_it_came_first(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    for ids in (["a", "b"], ["b", "c"], ["b"], ["c", "a", "d"]):
        assert sender.post(orders(unit, *ids)).body["accepted"] == len(ids)
    assert [event.event_id for event in first_of_each_id(stored.events(unit))] == ["a", "b", "c", "d"]


def test_an_id_in_many_calls_is_one_event_of_the_results(sender: Sender, gateway: Gateway, pipeline: Pipeline) -> None:
    key, unit = create_in(gateway, "active", metrics=[PURCHASED])["key"], fresh_unit()
    gateway.put(f"{EXPERIMENTS}/{key}/assignments/{unit}")
    for ids in (["a", "b"], ["b", "c"], ["a"]):
        sender.post(orders(unit, *ids))
    pipeline.drain()
    assert gateway.get(f"{EXPERIMENTS}/{key}/results").body["summary"]["events"] == 3


def test_the_same_id_of_two_units_is_two_events(sender: Sender, stored: Stored) -> None:
    units = [fresh_unit(), fresh_unit()]
    sender.post({"events": [purchase(unit_id=unit, event_id="a") for unit in units]})
    assert [len(stored.events(unit)) for unit in units] == [1, 1]


def test_without_an_id_the_same_content_at_the_same_time_counts_once(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    sent = {"unit_id": unit, "type": "visit", "timestamp": to_text(now() + timedelta(minutes=1))}
    assert sender.post({"events": [sent, sent]}).body["accepted"] == 2
    sender.post(sent)
    assert len(stored.events(unit)) == 1


def test_without_id_and_timestamp_each_event_is_a_new_one(sender: Sender, stored: Stored) -> None:
    sent = {"unit_id": fresh_unit(), "type": "visit"}
    sender.post({"events": [sent, sent]})
    sender.post(sent)
    assert len(stored.events(sent["unit_id"])) == 3
