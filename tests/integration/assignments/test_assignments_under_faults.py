"""Assigning and importing while the store throttles, or loses its answers after it has written."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fairsplit.storage.erasing import ErasableAssignments
from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored
from tests.integration.experiments.making import create_in
from tests.store_faults import counting, fault, losing_answers, throttling_all, throttling_units

pytestmark = pytest.mark.engine
UNITS = [f"u-{number}" for number in range(60)]
ALL_ATTEMPTS = 3


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.fixture
def key(gateway: Gateway, asking: Asking) -> str:
    key = str(create_in(gateway, "active")["key"])
    asking.assign(key, "warm")
    return key


def items(units: list[str]) -> list[dict[str, Any]]:
    return [{"unit_id": unit} for unit in units]


def time_of(stored: Stored, key: str, unit: str) -> str:
    """When the unit was assigned, as it is stored."""
    item = stored.item(key, unit)
    assert item
    return str(item["assigned_at"]["S"])


@pytest.mark.parametrize("lost", [1, ALL_ATTEMPTS - 1])
def test_who_stored_a_unit_knows_that_it_is_new_though_the_answer_was_lost(
    asking: Asking, stored: Stored, key: str, lost: int
) -> None:
    with fault(asking.client, losing_answers(lost), "PutItem"):
        answer = asking.assign(key, "u-1")
    assert (answer.status, answer.body["new"]) == (200, True)
    assert answer.body["assigned_at"] == time_of(stored, key, "u-1")


def test_after_a_lost_answer_the_caller_is_told_to_come_back_and_then_what_is_stored(
    asking: Asking, stored: Stored, key: str
) -> None:
    with fault(asking.client, losing_answers(ALL_ATTEMPTS), "PutItem"):
        lost = asking.assign(key, "u-1")
    assert (lost.status, lost.code) == (503, "store_busy")
    assert int(lost.headers["retry-after"]) >= 1
    for _ in range(2):
        again = asking.assign(key, "u-1").body
        assert (again["assigned_at"], again["new"]) == (time_of(stored, key, "u-1"), False)
        asking.start_anew()


def test_what_another_stores_between_read_and_write_is_answered_and_not_new(
    asking: Asking, stored: Stored, key: str
) -> None:
    def meanwhile(_request: object) -> None:
        Asking(Gateway()).assign(key, "u-1")

    with fault(asking.client, meanwhile, "PutItem"):
        answer = asking.assign(key, "u-1").body
    assert (answer["assigned_at"], answer["new"]) == (time_of(stored, key, "u-1"), False)


@pytest.mark.parametrize("operation", ["GetItem", "PutItem"])
def test_a_store_that_throttles_is_answered_with_when_to_come_back(
    asking: Asking, stored: Stored, key: str, operation: str
) -> None:
    with fault(asking.client, throttling_all, operation):
        answer = asking.assign(key, "u-1")
    assert (answer.status, answer.code) == (503, "store_busy")
    assert int(answer.headers["retry-after"]) >= 1
    assert stored.units(key) == {"warm"}


def test_a_unit_that_is_being_erased_is_not_answered_until_it_is_gone(asking: Asking, stored: Stored, key: str) -> None:
    erasable = ErasableAssignments(stored.client, stored.table)
    first = asking.assign(key, "u-1").body
    assert all(erasable.mark_erased(item) for item in erasable.of_unit("u-1"))
    asking.start_anew()
    answer = asking.assign(key, "u-1")
    assert (answer.status, answer.code) == (503, "unit_being_erased")
    for item in erasable.of_unit("u-1"):
        erasable.delete(item)
    assert asking.assign(key, "u-1").body["assigned_at"] > first["assigned_at"]


def test_items_that_are_throttled_are_rejected_and_the_rest_is_stored(asking: Asking, stored: Stored, key: str) -> None:
    slow = {"u-3", "u-28", "u-59"}
    with fault(asking.client, throttling_units(slow)):
        answer = asking.import_items(key, items(UNITS)).body
    assert (answer["created"], answer["existing"]) == (57, 0)
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [(n, "throttled") for n in (3, 28, 59)]
    assert stored.units(key) - {"warm"} == set(UNITS) - slow


def test_an_import_after_a_throttled_one_creates_what_is_missing(asking: Asking, stored: Stored, key: str) -> None:
    with fault(asking.client, throttling_units({"u-3", "u-28"})):
        asking.import_items(key, items(UNITS))
    assert asking.import_items(key, items(UNITS)).body == {"created": 2, "existing": 58, "rejected": []}
    assert stored.units(key) - {"warm"} == set(UNITS)


def test_when_units_of_every_batch_are_throttled_it_is_not_tried_again_for_ever(asking: Asking, key: str) -> None:
    units = [f"u-{number}" for number in range(500)]
    throttling, met = counting(throttling_units(set(units[::25])))
    with fault(asking.client, throttling):
        answer = asking.import_items(key, items(units)).body
    assert (answer["created"], len(answer["rejected"])) == (480, 20)
    assert len(met) == 20 + 10


def test_when_everything_is_throttled_every_item_is_rejected(asking: Asking, stored: Stored, key: str) -> None:
    throttling, met = counting(throttling_all)
    with fault(asking.client, throttling):
        answer = asking.import_items(key, items(UNITS)).body
    assert [one["code"] for one in answer["rejected"]] == ["throttled"] * 60
    assert len(met) == 2 * ALL_ATTEMPTS  # and not for each of the three batches: the request's own time would be over
    assert stored.units(key) == {"warm"}


@pytest.mark.parametrize("lost", [1, ALL_ATTEMPTS + 1])
def test_an_import_whose_answers_are_lost_stores_each_unit_once_and_rejects_none(
    asking: Asking, stored: Stored, key: str, lost: int
) -> None:
    with fault(asking.client, losing_answers(lost)):
        answer = asking.import_items(key, items(UNITS)).body
    assert (answer["created"] + answer["existing"], answer["rejected"]) == (60, [])
    assert len(stored.items(key)) == 61
