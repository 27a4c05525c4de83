"""An experiment's life: where it may go, what a move changes, and what may still be changed when."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from fairsplit.domain.errors import ConflictError
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.experiment_changes import action_of, differences
from fairsplit.domain.lifecycle import check_change, check_move, moved, needs_recount
from tests.outcomes import FINE, outcome_of
from tests.unit.making import ENTRY, ORDERS, PURCHASED, VARIANTS, experiment

ALLOWED = {
    ("draft", "active"), ("active", "paused"), ("active", "completed"), ("paused", "active"), ("paused", "completed"),
    ("completed", "archived"),
}  # fmt: skip
STARTED = [status for status in Status if status is not Status.DRAFT]
CHANGES: dict[str, Any] = {
    "key": "b",
    "seed": "other",
    "name": "B",
    "description": "x",
    "hypothesis": "x",
    "tags": ["x"],
    "coverage": 60,
    "overrides": {"u": "green"},
    "metrics": [ORDERS],
    "variants": [{"key": "control", "weight": 40}, {"key": "green", "weight": 60}],
    "control": "green",
    "targeting": {"country": "DE"},
    "namespace": {"key": "n", "from": 0, "to": 50},
    "dimensions": ["country"],
    "analysis": {"alpha": 0.1},
    "schedule": {"start_at": ENTRY},
}
STILL = {"name", "description", "hypothesis", "tags", "coverage", "overrides", "metrics"}


def at(status: str, **fields: Any) -> Experiment:
    return experiment(status=status, **{"coverage": 50} | fields)


def changing(status: str, **fields: Any) -> str:
    return outcome_of(lambda: check_change(at(status), at(status, **fields)))


@pytest.mark.parametrize(("start", "to"), list(product(Status, Status)))
def test_only_the_moves_of_the_table_are_allowed(start: Status, to: Status) -> None:
    expected = FINE if (start, to) in ALLOWED else "transition_not_allowed"
    assert outcome_of(lambda: check_move(at(start), to, None)) == expected


def test_a_refused_move_names_those_that_are_allowed() -> None:
    with pytest.raises(ConflictError, match=r"a is active and may become completed, paused, not archived\."):
        check_move(at("active"), Status.ARCHIVED, None)
    with pytest.raises(ConflictError, match=r"may become nothing, not active\."):
        check_move(at("archived"), Status.ACTIVE, None)


@pytest.mark.parametrize(
    ("to", "winner", "expected"),
    [
        (Status.COMPLETED, "green", FINE),
        (Status.COMPLETED, "blue", "unknown_variant"),
        (Status.PAUSED, "green", "winner_not_allowed"),
    ],
)
def test_a_winner_is_a_variant_and_named_with_the_completion(to: Status, winner: str, expected: str) -> None:
    assert outcome_of(lambda: check_move(at("active"), to, winner)) == expected


@pytest.mark.parametrize(
    ("start", "to", "expected"),
    [
        ("draft", "active", {"started_at": ENTRY}),
        ("active", "paused", {"paused_at": ENTRY}),
        ("active", "completed", {"completed_at": ENTRY, "winner": "green", "epoch": 2}),
        ("completed", "archived", {}),
    ],
)
def test_a_move_sets_its_date_and_a_completion_the_winner_and_epoch(
    start: str, to: str, expected: dict[str, Any]
) -> None:
    before = at(start, started_at=None if start == "draft" else ENTRY - timedelta(days=1))
    after = moved(before, Status(to), "green" if to == "completed" else None, ENTRY)
    assert after == before.model_copy(update=expected | {"status": Status(to), "version": 2, "updated_at": ENTRY})


def test_an_experiment_that_goes_on_keeps_its_start() -> None:
    paused = at("paused", paused_at=ENTRY)
    assert moved(paused, Status.ACTIVE, None, ENTRY).started_at == paused.started_at


@pytest.mark.parametrize("name", CHANGES)
def test_in_a_draft_anything_may_change_but_key_and_seed(name: str) -> None:
    assert changing("draft", **{name: CHANGES[name]}) == ("frozen_field" if name in {"key", "seed"} else FINE)


@pytest.mark.parametrize("status", STARTED)
@pytest.mark.parametrize("name", CHANGES)
def test_once_started_only_what_moves_no_unit_may_change(status: Status, name: str) -> None:
    assert changing(status, **{name: CHANGES[name]}) == (FINE if name in STILL else "frozen_field")


@pytest.mark.parametrize("status", STARTED)
def test_the_end_may_be_moved_and_the_start_may_not(status: Status) -> None:
    assert changing(status, schedule={"end_at": ENTRY}) == FINE
    assert changing(status, schedule={"start_at": ENTRY, "end_at": ENTRY}) == "frozen_field"


@pytest.mark.parametrize("status", Status)
def test_coverage_is_lowered_in_a_draft_alone(status: Status) -> None:
    assert changing(status, coverage=49.9) == (FINE if status is Status.DRAFT else "coverage_lowered")


def test_every_field_that_is_frozen_is_named() -> None:
    new = at("active", control="green", seed="x", schedule={"start_at": ENTRY}, name="B")
    with pytest.raises(ConflictError) as caught:
        check_change(at("active"), new)
    assert [fault.loc for fault in caught.value.faults] == [("seed",), ("control",), ("schedule", "start_at")]


def test_what_changes_is_named_and_what_is_sent_again_is_not() -> None:
    assert check_change(at("active"), at("active", name="B", coverage=50.0)) == {"name"}


@pytest.mark.parametrize(("one", "other"), [(True, 1), (1, 1.0), ({"x": False}, {"x": 0}), (None, "control")])
def test_a_value_of_another_type_is_a_change(one: Any, other: Any) -> None:
    variants = [[{**VARIANTS[0], "value": value}, VARIANTS[1]] for value in (one, other)]
    old, new = at("active", variants=variants[0]), at("active", variants=variants[1])
    assert outcome_of(lambda: check_change(old, new)) == "frozen_field"
    assert check_change(old, old) == frozenset()


def test_a_condition_on_another_type_is_a_change() -> None:
    old, new = at("active", targeting={"a": True}), at("active", targeting={"a": 1})
    assert outcome_of(lambda: check_change(old, new)) == "frozen_field"
    assert check_change(old, old) == frozenset()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"metrics": [ORDERS, PURCHASED]}, True),
        ({"metrics": []}, True),
        ({"metrics": [ORDERS | {"window_hours": 5}]}, True),
        ({"analysis": {"cuped_days": 7}}, True),
        ({"analysis": {"alpha": 0.1}}, False),
        ({"dimensions": ["device", "country"]}, False),
        ({"dimensions": ["country"]}, True),
        ({"dimensions": ["country", "device", "plan"]}, True),
        ({"name": "B", "coverage": 100}, False),
    ],
)
def test_units_are_folded_again_where_something_else_is_counted(change: dict[str, Any], expected: bool) -> None:
    old = experiment(ORDERS, dimensions=["country", "device"])
    assert needs_recount(old, Experiment.model_validate(old.model_dump(by_alias=True) | change)) is expected


def test_the_trail_shows_what_callers_see_and_nothing_that_changes_each_time() -> None:
    old = at("active")
    new = old.model_copy(update={"name": "B", "version": 2, "updated_at": ENTRY + timedelta(days=1), "epoch": 2})
    assert [(one.field, one.old, one.new) for one in differences(old, new)] == [("name", "A", "B")]
    assert {one.field for one in differences(None, old)} >= {"key", "variants", "status", "created_at"}


@pytest.mark.parametrize(
    ("update", "action"),
    [({"status": Status.PAUSED, "name": "B"}, "transition"), ({"name": "B"}, "update"), ({"epoch": 2}, "recount")],
)
def test_a_change_is_called_what_it_is(update: dict[str, Any], action: str) -> None:
    old = at("active")
    assert action_of(old, old.model_copy(update=update | {"version": 2})) == action
