"""POST /v1/events: each event is judged on its own, and stored before the answer leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import now, to_text
from tests.integration.events.sending import Sender, fresh_unit, purchase, refusals
from tests.integration.events.stored import Stored

pytestmark = pytest.mark.engine
FAR_AHEAD = to_text(datetime(2999, 1, 1, tzinfo=UTC))
REJECTED = [
    ({"unit_id": None}, "unit_id_required"),
    ({"unit_id": "x" * 257}, "unit_id_invalid"),
    ({"unit_id": "a\x00b"}, "unit_id_invalid"),
    ({"unit_id": ["u"]}, "unit_id_invalid"),
    ({"type": None}, "type_required"),
    ({"type": "x" * 129}, "type_invalid"),
    ({"type": "$mine"}, "type_reserved"),
    ({"event_id": "x" * 129}, "event_id_invalid"),
    ({"event_id": 7}, "event_id_invalid"),
    ({"timestamp": FAR_AHEAD}, "timestamp_in_future"),
    ({"timestamp": "2020-01-01T00:00:00Z"}, "timestamp_too_old"),
    ({"timestamp": "2026-13-01T00:00:00Z"}, "timestamp_invalid"),
    ({"timestamp": 1772366400}, "timestamp_invalid"),
    ({"value": "1"}, "value_invalid"),
    ({"value": False}, "value_invalid"),
    ({"value": 1_000_000_000.0001}, "value_out_of_range"),
    ({"value": 0.12345}, "value_too_precise"),
    ({"properties": "sku"}, "properties_invalid"),
    ({"properties": {"x": "y" * 8_185}}, "properties_too_large"),
    ({"sku": "a1"}, "unknown_field"),
]


def test_one_event_is_accepted_and_stored_before_the_answer(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    sent = purchase(unit_id=unit, value=19.9, properties={"sku": "a1"})
    answer = sender.post(sent)
    assert (answer.status, answer.body) == (202, {"accepted": 1, "rejected": []})
    (event,) = stored.events(unit)
    assert (event.event_id, event.type, event.value) == (sent["event_id"], "purchase", 199_000)
    assert event.properties == {"sku": "a1"}
    assert abs(event.timestamp - now()) < timedelta(minutes=1)


def test_each_event_of_a_batch_is_answered_for_itself(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    answer = sender.post({"events": [purchase(unit_id=unit), {"unit_id": unit}, purchase(timestamp=FAR_AHEAD)]})
    assert answer.status == 202
    assert answer.body["accepted"] == 1
    assert refusals(answer) == [(1, "type_required"), (2, "timestamp_in_future")]
    assert len(stored.events(unit)) == 1


@pytest.mark.parametrize(("change", "code"), REJECTED)
@pytest.mark.parametrize("wrap", [lambda event: event, lambda event: {"events": [event]}], ids=["single", "batch"])
def test_a_broken_rule_is_answered_and_nothing_is_written(
    sender: Sender, stored: Stored, change: dict[str, Any], code: str, wrap: Any
) -> None:
    before = stored.count()
    answer = sender.post(wrap(purchase(**change)))
    assert (answer.status, answer.code, answer.faults) == (422, code, [(["events", 0], code)])
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert stored.count() == before


def test_when_all_are_rejected_there_is_an_error_for_each(sender: Sender) -> None:
    answer = sender.post({"events": [{"unit_id": "u"}, purchase(value="x")]})
    assert (answer.status, answer.code) == (422, "type_required")
    assert answer.faults == [(["events", 0], "type_required"), (["events", 1], "value_invalid")]


@pytest.mark.parametrize("body", [{}, {"event": {}}, {"events": []}, {"events": [{}] * 501}])
def test_none_or_more_than_five_hundred_events_are_refused(sender: Sender, body: Any) -> None:
    answer = sender.post(body)
    assert (answer.status, answer.faults) == (422, [(["events"], "events_count")])


def test_any_unit_id_of_unicode_is_stored_as_it_is(sender: Sender, stored: Stored) -> None:
    unit = "é/?#~ 𝕌" + fresh_unit() + "\u202e" * 200
    assert sender.post(purchase(unit_id=unit)).status == 202
    assert len(stored.events(unit)) == 1
