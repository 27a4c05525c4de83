"""Importing over a store in memory: which items are taken, what is stored, and what becomes of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.eligibility import choose_variant
from fairsplit.domain.experiment import Status
from fairsplit.domain.hashing import bucket_of
from fairsplit.domain.timestamps import to_text
from fairsplit.services.importing import MOST, Imported, Importing
from tests.outcomes import FINE, outcome_of
from tests.unit.assignments.fake_store import FakeStore
from tests.unit.making import ENTRY, assignment, experiment

ITEM = {"unit_id": "u", "variant": "green"}
MILLISECOND = timedelta(milliseconds=1)
OLDEST = ENTRY - timedelta(days=90)


def bring(items: Any, store: FakeStore | None = None, **fields: Any) -> Imported:
    kept, into = store or FakeStore(), experiment(**fields)
    kept.experiments[into.key] = into
    return Importing(kept, kept, into, ENTRY, kept.nonce).import_all({"items": items})


def code_of(item: Any, **fields: Any) -> str:
    """What becomes of one item."""
    done = bring([item], **fields)
    return str(done.rejected[0]["code"]) if done.rejected else FINE


def test_an_item_is_stored_with_its_variant_time_and_dimensions() -> None:
    store, at = FakeStore(), OLDEST + MILLISECOND
    item = ITEM | {"assigned_at": to_text(at), "attributes": {"country": "DE", "secret": "x"}}
    assert bring([item], store, dimensions=["country"], epoch=4, started_at=ENTRY) == Imported(1, 0, [])
    assert store.items["u", "a"] == assignment(
        bucket=bucket_of("seed", "u"), assigned_at=at, incarnation="nonce-1", dimensions={"country": "DE"}, epoch=4
    )


def test_without_a_variant_the_hash_decides_and_without_a_time_it_is_now() -> None:
    store = FakeStore()
    bring([{"unit_id": f"u{number}"} for number in range(40)], store)
    for (unit_id, _), item in store.items.items():
        assert item.variant == choose_variant(experiment(), unit_id, {}).variant
        assert item.assigned_at == ENTRY
    assert len({item.incarnation for item in store.items.values()}) == 40


def test_a_named_variant_needs_neither_targeting_nor_coverage_and_the_hash_does() -> None:
    fields = {"targeting": {"country": "DE"}, "coverage": 0}
    assert code_of(ITEM, **fields) == FINE
    assert code_of({"unit_id": "u"}, **fields) == "not_targeted"
    assert code_of({"unit_id": "u", "attributes": {"country": "DE"}}, **fields) == "not_covered"
    assert code_of({"unit_id": "u"}, namespace={"key": "n", "from": 0, "to": 0}) == "not_in_namespace"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (5, "invalid_type"),
        ([], "invalid_type"),
        (ITEM | {"x": 1}, "unknown_field"),
        ({"variant": "green"}, "unit_id_invalid"),
        ({"unit_id": 5}, "unit_id_invalid"),
        ({"unit_id": "a\n"}, "unit_id_invalid"),
        (ITEM | {"variant": "blue"}, "unknown_variant"),
        (ITEM | {"variant": 5}, "unknown_variant"),
        (ITEM | {"variant": []}, "unknown_variant"),
        (ITEM | {"attributes": []}, "invalid_type"),
        (ITEM | {"attributes": {"x": "x" * 9_000}}, "attributes_too_large"),
        (ITEM | {"assigned_at": "yesterday"}, "assigned_at_invalid"),
        (ITEM | {"assigned_at": 5}, "assigned_at_invalid"),
        (ITEM | {"assigned_at": {}}, "assigned_at_invalid"),
        (ITEM | {"assigned_at": "2026-03-15T12:00:00"}, "assigned_at_invalid"),
        (ITEM | {"unit_id": "qa"}, "override"),
    ],
)
def test_an_item_that_breaks_a_rule_is_refused_with_its_code(item: Any, code: str) -> None:
    assert code_of(item, overrides={"qa": "green"}) == code


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (ENTRY, FINE),
        (ENTRY + MILLISECOND, "assigned_at_in_future"),
        (OLDEST, FINE),
        (OLDEST - MILLISECOND, "assigned_at_too_old"),
    ],
)
def test_a_time_may_be_up_to_ninety_days_ago(at: Any, code: str) -> None:
    assert code_of(ITEM | {"assigned_at": to_text(at)}) == code


def test_what_is_refused_leaves_the_others_and_is_named_by_its_place() -> None:
    store = FakeStore()
    done = bring([ITEM | {"unit_id": ""}, ITEM, 5, ITEM | {"unit_id": "v"}], store)
    assert (done.created, [one["index"] for one in done.rejected]) == (2, [0, 2])
    assert all(set(one) == {"index", "code", "detail"} for one in done.rejected)
    assert {unit_id for unit_id, _ in store.items} == {"u", "v"}


def test_a_unit_that_is_there_stays_as_it_is() -> None:
    store, there = FakeStore(), assignment(variant="control", incarnation="theirs")
    store.keep(there)
    assert bring([ITEM], store) == Imported(0, 1, [])
    assert store.items["u", "a"] == there


def test_a_unit_that_stands_twice_is_stored_once_as_it_first_stands() -> None:
    store = FakeStore()
    done = bring([ITEM, ITEM, ITEM | {"variant": "control"}], store)
    assert (done.created, done.existing, store.calls) == (1, 2, ["insert 1"])
    assert store.items["u", "a"].variant == "green"


def test_what_the_store_throttles_is_refused_wherever_it_stands() -> None:
    store = FakeStore(throttled={"u"})
    done = bring([ITEM, ITEM | {"unit_id": "v"}, ITEM], store)
    assert (done.created, done.existing) == (1, 0)
    assert [(one["index"], one["code"]) for one in done.rejected] == [(0, "throttled"), (2, "throttled")]


@pytest.mark.parametrize("status", Status)
def test_what_is_over_takes_no_imports(status: Status) -> None:
    expected = FINE if status in {"draft", "active", "paused"} else "not_importable"
    assert outcome_of(lambda: bring([ITEM], status=status)) == expected


@pytest.mark.parametrize("items", [None, {}, "x", [], [ITEM] * (MOST + 1)])
def test_there_are_1_to_1000_items(items: Any) -> None:
    assert outcome_of(lambda: bring(items)) == "items_count"
    assert outcome_of(lambda: bring([ITEM] * MOST)) == FINE


def test_another_field_beside_the_items_is_refused() -> None:
    importing = Importing(FakeStore(), FakeStore(), experiment(), ENTRY, lambda: "x")
    assert outcome_of(lambda: importing.import_all({"items": [ITEM], "force": True})) == "unknown_field"


def test_an_experiment_that_is_over_is_named_before_its_items_are_read() -> None:
    over = replace(Importing(FakeStore(), FakeStore(), experiment(status="archived"), ENTRY, lambda: "x"))
    assert outcome_of(lambda: over.import_all({"items": 5, "x": 1})) == "not_importable"
