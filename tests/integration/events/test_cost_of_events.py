"""What POST /v1/events costs in calls and consumed capacity, by asking DynamoDB."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.counting import counted
from tests.integration.events.sending import Sender, fresh_unit, purchase

pytestmark = pytest.mark.engine


def order(unit: str) -> dict[str, Any]:
    """An event as shops send them."""
    return purchase(unit_id=unit, value=19.9, properties={"sku": uuid4().hex})


def test_a_hundred_events_of_a_hundred_units_are_four_calls(sender: Sender) -> None:
    with counted(sender.client) as counts:
        assert sender.post({"events": [order(fresh_unit()) for _ in range(100)]}).status == 202
    assert counts.calls == {"BatchExecuteStatement": 4}
    assert counts.write_units == 100


def test_a_hundred_events_of_one_unit_and_day_are_one_call_of_few_write_units(sender: Sender) -> None:
    unit = fresh_unit()
    with counted(sender.client) as counts:
        assert sender.post({"events": [order(unit) for _ in range(100)]}).body["accepted"] == 100
    assert counts.calls == {"BatchExecuteStatement": 1}
    assert 1 <= counts.write_units <= 6


def test_a_session_of_twenty_events_is_one_write_unit(sender: Sender) -> None:
    unit = fresh_unit()
    with counted(sender.client) as counts:
        sender.post({"events": [order(unit) for _ in range(20)]})
    assert counts.write_units == 1


def test_a_rejected_call_costs_nothing(sender: Sender) -> None:
    with counted(sender.client) as counts:
        assert sender.post({"unit_id": "u"}).status == 422
    assert counts.calls == {}
