"""POST /v1/events while the store throttles or loses its answers."""

from __future__ import annotations

import time

import pytest

from tests.integration.events.sending import Sender, fresh_unit, refusals, visits
from tests.integration.events.stored import Stored
from tests.store_faults import fault, losing_answers, throttling_all, throttling_units

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


def test_what_the_store_throttles_is_rejected_and_the_rest_is_accepted_and_stored(
    sender: Sender, stored: Stored
) -> None:
    units = [fresh_unit() for _ in range(30)]
    slow = {units[3], units[28]}
    with fault(sender.client, throttling_units(slow)):
        answer = sender.post(visits(units))
    assert (answer.status, answer.body["accepted"]) == (202, 28)
    assert refusals(answer) == [(3, "throttled"), (28, "throttled")]
    assert {unit for unit in units if not stored.events(unit)} == slow


def test_all_events_of_a_throttled_item_are_rejected_and_repeats_of_them_too(sender: Sender) -> None:
    body = visits(["slow-unit", "slow-unit", "fine-unit"])
    body["events"].append(body["events"][0])
    with fault(sender.client, throttling_units({"slow-unit"})):
        answer = sender.post(body)
    assert (answer.body["accepted"], refusals(answer)) == (1, [(index, "throttled") for index in (0, 1, 3)])


def test_rejected_events_sent_again_are_accepted_and_count_once(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    body = visits([unit, "fine-unit"])
    with fault(sender.client, throttling_units({unit})):
        sender.post(body)
    assert sender.post(body).body == {"accepted": 2, "rejected": []}
    assert len(stored.events(unit)) == 1


def test_when_all_is_throttled_the_caller_is_told_when_to_come_back(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    with fault(sender.client, throttling_all):
        answer = sender.post(visits([unit]))
    assert (answer.status, answer.code) == (503, "throttled")
    assert int(answer.headers["retry-after"]) >= 1
    assert stored.events(unit) == []


@pytest.mark.parametrize("lost", [1, 5])
def test_an_answer_lost_after_the_write_leaves_the_events_accepted_and_stored_once(
    sender: Sender, stored: Stored, lost: int
) -> None:
    units = [fresh_unit() for _ in range(40)]
    with fault(sender.client, losing_answers(lost)):
        answer = sender.post(visits(units))
    assert (answer.status, answer.body) == (202, {"accepted": 40, "rejected": []})
    assert [len(stored.events(unit)) for unit in units] == [1] * 40
