"""Assigning over a store in memory: in which order it is decided, what is stored, and what a process remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fairsplit.domain.eligibility import Reason
from fairsplit.domain.errors import NotFoundError, ThrottledError
from fairsplit.domain.experiment import Status
from fairsplit.services import known_assignments
from fairsplit.services.answers import Answer
from fairsplit.services.known_assignments import KNOWN_AT_MOST, KNOWN_FOR, Known
from tests.unit.assignments.fake_store import FakeStore
from tests.unit.making import ENTRY, assignment, experiment

STORED = assignment(variant="control", bucket=4, incarnation="theirs")
UNTARGETED = {"targeting": {"country": "FR"}}


def store(**fields: Any) -> FakeStore:
    return FakeStore({"a": experiment(**fields)})


def assign(stored: FakeStore, unit_id: str = "u", **attributes: Any) -> Answer:
    """The answer of a process that has seen nothing yet."""
    return stored.assigning().assign("a", unit_id, attributes)


def test_an_unknown_experiment_is_not_found() -> None:
    with pytest.raises(NotFoundError) as caught:
        assign(FakeStore())
    assert caught.value.code == "experiment_not_found"


def test_a_new_unit_is_stored_with_what_was_decided() -> None:
    stored = store(dimensions=["country"], epoch=3)
    answer = assign(stored, country="DE", secret="x")
    item = stored.items["u", "a"]
    assert (answer.variant, answer.reason, answer.new) == (item.variant, Reason.ASSIGNED, True)
    assert item == replace(
        assignment(variant=item.variant, bucket=item.bucket),
        incarnation="nonce-1",
        dimensions={"country": "DE"},
        epoch=3,
    )


@pytest.mark.parametrize("status", Status)
def test_an_override_comes_first_and_is_never_stored(status: Status) -> None:
    stored = store(status=status, overrides={"u": "green"}, winner="control", coverage=0, **UNTARGETED)
    stored.keep(STORED)
    answer = assign(stored)
    assert (answer.variant, answer.reason, answer.assigned_at) == ("green", Reason.OVERRIDE, None)
    assert stored.calls == []


@pytest.mark.parametrize("status", ["completed", "archived"])
def test_what_is_over_answers_the_winner_or_else_what_is_stored(status: str) -> None:
    won, undecided = store(status=status, winner="green"), store(status=status)
    for stored in (won, undecided):
        stored.keep(STORED)
    assert (assign(won).variant, won.calls) == ("green", [])
    assert assign(undecided).variant == "control"
    assert assign(undecided, "x").reason == Reason.NOT_ACTIVE


@pytest.mark.parametrize("status", ["active", "paused"])
def test_a_winner_named_too_early_does_not_count(status: str) -> None:
    stored = store(status=status, winner="green")
    stored.keep(STORED)
    assert assign(stored).variant == "control"


@pytest.mark.parametrize("status", Status)
def test_a_stored_variant_outlives_targeting_coverage_and_status(status: Status) -> None:
    stored = store(status=status, coverage=0, namespace={"key": "n", "from": 0, "to": 0}, **UNTARGETED)
    stored.keep(STORED)
    answer = assign(stored)
    assert (answer.variant, answer.reason, answer.new) == ("control", Reason.ASSIGNED, False)
    assert (answer.assigned_at, answer.bucket) == (ENTRY, 4)


@pytest.mark.parametrize("status", ["draft", "paused", "completed", "archived"])
def test_only_an_active_experiment_takes_new_units(status: str) -> None:
    stored = store(status=status, **UNTARGETED)
    assert assign(stored).reason == Reason.NOT_ACTIVE
    assert stored.items == {}


def test_a_unit_without_a_variant_is_told_why_and_not_stored() -> None:
    for fields, reason in ((UNTARGETED, Reason.NOT_TARGETED), ({"coverage": 0}, Reason.NOT_COVERED)):
        stored = store(**fields)
        answer = assign(stored)
        assert (answer.variant, answer.reason, answer.new, answer.as_json()["value"]) == (None, reason, False, None)
        assert stored.calls == ["find"]


def test_an_answer_has_every_field_of_the_contract() -> None:
    stored = store(variants=[{"key": "control", "weight": 0}, {"key": "green", "weight": 100, "value": {"x": 1.0}}])
    answer = assign(stored).as_json()
    assert answer.pop("bucket") == stored.items["u", "a"].bucket
    assert answer == {
        "experiment": "a",
        "unit_id": "u",
        "variant": "green",
        "value": {"x": 1.0},
        "reason": "assigned",
        "assigned_at": "2026-03-15T12:00:00.000Z",
        "new": True,
    }


def test_whoever_loses_the_race_answers_what_the_winner_stored() -> None:
    stored = store()
    winner = replace(STORED, assigned_at=ENTRY.replace(hour=3))
    stored.before_insert = lambda: stored.keep(winner)
    answer = assign(stored)
    assert (answer.variant, answer.bucket, answer.new, answer.assigned_at) == ("control", 4, False, winner.assigned_at)


def test_an_item_of_ours_that_a_time_out_left_behind_is_new() -> None:
    """The store has it, and the caller was not told: its random text tells that it is ours."""
    stored = store()
    stored.before_insert = lambda: stored.keep(replace(STORED, incarnation="nonce-1"))
    assert assign(stored).new


def test_a_unit_that_is_being_erased_has_to_come_again() -> None:
    stored = store()
    stored.keep(replace(STORED, erased=True))
    with pytest.raises(ThrottledError) as caught:
        assign(stored)
    assert (caught.value.code, caught.value.retry_after) == ("unit_being_erased", 1)
    assert stored.assigning().stored(experiment(), "u") is None


def test_a_warm_repeat_asks_nobody() -> None:
    stored = store()
    warm = stored.assigning()
    first = warm.assign("a", "u", {})
    assert warm.assign("a", "u", {}) == replace(first, new=False)
    assert stored.calls == ["find", "insert"]


def test_what_was_read_or_lost_to_is_remembered_too() -> None:
    stored = store()
    stored.before_insert = lambda: stored.keep(STORED)
    warm = stored.assigning()
    for _ in range(3):
        warm.assign("a", "u", {})
    cold = stored.assigning()
    for _ in range(3):
        cold.stored(experiment(), "u")
    assert stored.calls == ["find", "insert", "find"]


@pytest.mark.parametrize(("milliseconds", "reads"), [(-1, 1), (0, 2)])
def test_it_is_remembered_for_less_than_five_minutes(milliseconds: int, reads: int) -> None:
    stored = store()
    stored.keep(STORED)
    warm = stored.assigning()
    warm.assign("a", "u", {})
    stored.wait(minutes=5, milliseconds=milliseconds)
    warm.assign("a", "u", {})
    assert stored.calls == ["find"] * reads
    assert KNOWN_FOR.total_seconds() == 300


def test_looking_does_not_make_it_remembered_for_longer() -> None:
    stored = store()
    stored.keep(STORED)
    warm = stored.assigning()
    for _ in range(4):
        warm.assign("a", "u", {})
        stored.wait(minutes=2)
    assert stored.calls == ["find", "find"]


def test_an_absent_or_erased_unit_is_not_remembered() -> None:
    stored = store()
    warm = stored.assigning()
    warm.stored(experiment(), "u")
    stored.keep(replace(STORED, erased=True))
    warm.stored(experiment(), "u")
    assert (stored.calls, warm.known.items) == (["find", "find"], {})


@pytest.fixture
def room_for_two(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Known]:
    monkeypatch.setattr(known_assignments, "KNOWN_AT_MOST", 2)
    return Known


def test_those_that_were_stored_first_are_forgotten_first(room_for_two: Callable[[], Known]) -> None:
    known = room_for_two()
    for unit_id in "abac":
        known.put(assignment(unit_id=unit_id), ENTRY)
    assert [known.get(unit_id, "a", ENTRY) is not None for unit_id in "abc"] == [True, False, True]
    assert KNOWN_AT_MOST == 20_000


def test_the_same_unit_in_two_experiments_is_two() -> None:
    known = Known()
    known.put(assignment(variant="green"), ENTRY)
    known.put(assignment(experiment="b", variant="control"), ENTRY)
    found = [known.get("u", key, ENTRY) for key in ("a", "b", "c")]
    assert [one and one.variant for one in found] == ["green", "control", None]
