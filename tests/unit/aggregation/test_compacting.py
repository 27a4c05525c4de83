"""Compaction: sums move from shard rows to the day's base row, and nothing of them is lost or seen twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fairsplit.domain.aggregate import BASE, Row, RowKey
from fairsplit.domain.moments import NOTHING, UNITS, Moments, total
from fairsplit.services.compacting import FORGOTTEN_AFTER, ROWS_AT_ONCE, SETTLED_AFTER, compact, forget_old_epochs
from fairsplit.services.rolling_up import Rollup
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.aggregation.histories import coming, record
from tests.unit.making import ENTRY, assignment, day

NOW = ENTRY + timedelta(days=10)
LONG_AGO = NOW - SETTLED_AFTER - timedelta(milliseconds=1)


def key(shard: str = "s1", number: int = 0, epoch: int = 1, experiment: str = "a") -> RowKey:
    return RowKey(experiment, epoch, day(number), shard)


def row(units: int = 1, **fields: object) -> Row:
    held = Moments({("green", UNITS, "units"): units} if units else {})
    return replace(Row(held, steps=units, seq="7", revision=3, seen_at=LONG_AGO), **fields)  # type: ignore[arg-type]


def units(store: FakeRows) -> int:
    return total(one.moments for one in store.stored.values()).units("units")


def test_sums_and_steps_move_to_the_base_row_of_their_day() -> None:
    store = FakeRows({key("s1"): row(2), key("s2"): row(3), key("s1", 1): row(5)})
    assert compact(store, "a", 1, NOW) == 3
    base = {number: store.stored[key(BASE, number)] for number in (0, 1)}
    assert {number: (one.moments.units("units"), one.steps) for number, one in base.items()} == {0: (5, 5), 1: (5, 5)}
    assert units(store) == 10


def test_a_row_that_was_emptied_keeps_what_it_has_seen() -> None:
    store = FakeRows({key(): row(2)})
    compact(store, "a", 1, NOW)
    assert store.stored[key()] == Row(NOTHING, steps=0, seq="7", revision=4, seen_at=LONG_AGO)


def test_a_base_row_is_added_to() -> None:
    store = FakeRows({key(): row(2), key(BASE): row(5, seq="", revision=9, seen_at=NOW)})
    compact(store, "a", 1, NOW)
    assert store.stored[key(BASE)] == row(7, seq="", revision=10, seen_at=NOW)


@pytest.mark.parametrize(
    "left_alone",
    [
        row(seen_at=LONG_AGO + timedelta(milliseconds=1)),  # rollup may still write it
        row(seen_at=None),
        row(0),  # nothing in it
    ],
)
def test_only_what_has_settled_and_holds_anything_moves(left_alone: Row) -> None:
    store = FakeRows({key(): left_alone})
    assert (compact(store, "a", 1, NOW), store.stored, store.moves) == (0, {key(): left_alone}, 0)


def test_a_row_of_steps_alone_moves_too() -> None:
    store = FakeRows({key(): row(0, steps=4)})
    assert compact(store, "a", 1, NOW) == 1
    assert store.stored[key(BASE)].steps == 4


def test_what_was_compacted_is_not_moved_again() -> None:
    store = FakeRows({key(): row(2)})
    compact(store, "a", 1, NOW)
    assert (compact(store, "a", 1, NOW), store.moves) == (0, 1)


def test_each_day_and_epoch_is_one_transaction_of_90_rows_at_most() -> None:
    store = FakeRows({key(f"s{number}"): row() for number in range(ROWS_AT_ONCE + 5)} | {key(epoch=2): row()})
    assert compact(store, "a", 1, NOW) == ROWS_AT_ONCE + 1
    assert (store.moves, ROWS_AT_ONCE) == (2, 90)
    assert (compact(store, "a", 1, NOW), units(store)) == (5, ROWS_AT_ONCE + 6)


def test_older_epochs_and_other_experiments_are_left_alone() -> None:
    rows = {key(epoch=1): row(), key(experiment="b", epoch=2): row()}
    store = FakeRows(dict(rows))
    assert compact(store, "a", 2, NOW) == 0
    assert store.stored == rows


def test_a_move_that_loses_changes_nothing_and_the_others_go_on() -> None:
    store = FakeRows({key(): row(2), key(number=1): row(3)})
    store.before_move = lambda: store.touch(key())
    assert compact(store, "a", 1, NOW) == 1
    assert store.stored[key()].moments.units("units") == 2
    assert units(store) == 5


def test_records_that_come_again_after_a_move_add_nothing() -> None:
    store = FakeRows()
    Rollup(store).apply(coming(0), "s1")
    compact(store, "a", 1, NOW)
    Rollup(store).apply([*coming(0), record(2, None, assignment(unit_id="x"))], "s1")
    assert units(store) == 2
    compact(store, "a", 1, NOW)
    assert store.stored[key(BASE)].moments.units("units") == 2


def test_rows_of_old_epochs_go_when_no_record_can_come_again() -> None:
    old = NOW - FORGOTTEN_AFTER
    store = FakeRows(
        {
            key(epoch=1): row(seen_at=old - timedelta(seconds=1)),
            key("s2", epoch=1): row(seen_at=old),
            key("s3", epoch=1): row(seen_at=None),
            key(epoch=2): row(seen_at=old - timedelta(seconds=1)),
        }
    )
    assert forget_old_epochs(store, "a", 2, NOW) == 2
    assert sorted(store.dropped) == [key(epoch=1), key("s3", epoch=1)]
