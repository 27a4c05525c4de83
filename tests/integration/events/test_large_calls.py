"""Calls of many and of large events: up to 500, and a unit's day in items below 64 KB."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.event_chunks import json_size
from fairsplit.domain.timestamps import now, to_text
from fairsplit.storage.packing import unpack
from tests.integration.events.sending import Sender, fresh_unit, purchase
from tests.integration.events.stored import Stored

pytestmark = pytest.mark.engine


def large(unit: str, number: int) -> list[dict[str, Any]]:
    """So many events of more than a kilobyte, of one unit and day."""
    moment = to_text(now() - timedelta(days=1))
    return [purchase(unit_id=unit, timestamp=moment, properties={"note": "x" * 1_000}) for _ in range(number)]


def test_five_hundred_events_are_taken_in_one_call(sender: Sender, stored: Stored) -> None:
    units = [fresh_unit() for _ in range(5)]
    sent = [purchase(unit_id=units[number % 5]) for number in range(500)]
    assert sender.post({"events": sent}).body == {"accepted": 500, "rejected": []}
    for number, unit in enumerate(units):
        assert [event.event_id for event in stored.events(unit)] == [one["event_id"] for one in sent[number::5]]


def test_a_large_day_of_a_unit_is_stored_in_items_below_64_kilobytes(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    assert sender.post({"events": large(unit, 200)}).body["accepted"] == 200
    sizes = [json_size(unpack(item["events"])) for item in stored.items(unit)]
    assert max(sizes) < 64 * 1024
    assert len(sizes) == 4
    assert len(stored.events(unit)) == 200


def test_a_large_day_sent_again_stores_nothing_new(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    body = {"events": large(unit, 100)}
    sender.post(body)
    before = stored.items(unit)
    assert sender.post(body).body["accepted"] == 100
    assert stored.items(unit) == before


def test_events_of_two_days_are_two_items_and_of_two_units_too(sender: Sender, stored: Stored) -> None:
    units = [fresh_unit(), fresh_unit()]
    days = [to_text(now() - timedelta(days=day)) for day in (1, 2)]
    sender.post({"events": [purchase(unit_id=unit, timestamp=day) for unit in units for day in days for _ in "ab"]})
    assert [len(stored.items(unit)) for unit in units] == [2, 2]
    assert [len(stored.events(unit)) for unit in units] == [4, 4]
