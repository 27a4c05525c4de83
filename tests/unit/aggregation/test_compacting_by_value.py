"""Compaction of a dimension's rows: the day's base row overflows as the others do, and never forgets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fairsplit.domain.aggregate import BASE, Row, RowKey
from fairsplit.domain.moments import NOTHING, UNITS, Moments
from fairsplit.domain.value_sums import MOST_VALUES, by_value
from fairsplit.services.compacting import SETTLED_AFTER, compact
from fairsplit.services.rolling_up import Rollup
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.aggregation.value_histories import of_values
from tests.unit.making import ENTRY, day

NOW = ENTRY + timedelta(days=10)
LONG_AGO = NOW - SETTLED_AFTER - timedelta(milliseconds=1)
COUNTRIES = "a#country"
OVERFLOWN = Row(seq="7", revision=3, seen_at=LONG_AGO, overflow=True)


def key(shard: str = "s1", partition: str = COUNTRIES) -> RowKey:
    return RowKey(partition, 1, day(0), shard)


def row(*values: int) -> Row:
    """A row with one unit of each of these values."""
    moments = Moments({(f"green={value}", UNITS, "units"): 1 for value in values})
    return Row(moments, seq="7", revision=3, seen_at=LONG_AGO)


def compacted(*rows: Row, base: Row | None = None) -> FakeRows:
    """The rows of one day behind a compaction, the shards' as s0, s1, …"""
    stored = {key(f"s{number}"): one for number, one in enumerate(rows)}
    store = FakeRows(stored | ({key(BASE): base} if base else {}))
    compact(store, COUNTRIES, 1, NOW)
    return store


def values(one: Row) -> int:
    return len(by_value(one.moments))


def test_sums_by_value_move_to_the_base_row() -> None:
    store = compacted(row(1, 2), row(2, 3))
    assert store.stored[key(BASE)].moments.sums == {
        ("green=1", UNITS, "units"): 1,
        ("green=2", UNITS, "units"): 2,
        ("green=3", UNITS, "units"): 1,
    }
    assert values(store.stored[key("s0")]) == 0


@pytest.mark.parametrize(("more", "overflow"), [(0, False), (1, True)])
def test_rows_of_too_many_values_together_make_the_base_row_overflow(more: int, overflow: bool) -> None:
    base = compacted(row(*range(150)), row(*range(150, MOST_VALUES + more))).stored[key(BASE)]
    assert (base.overflow, values(base)) == (overflow, 0 if overflow else MOST_VALUES)


def test_main_rows_never_overflow() -> None:
    """Not even of more variants than an experiment can have."""
    many = replace(row(*range(MOST_VALUES + 1)), steps=1)
    store = FakeRows({key("s1", "a"): many})
    compact(store, "a", 1, NOW)
    assert store.stored[key(BASE, "a")].moments == many.moments


def test_a_row_that_has_overflowed_makes_the_base_row_do_so_once() -> None:
    store = compacted(OVERFLOWN, row(1))
    assert (store.stored[key(BASE)].overflow, store.stored[key(BASE)].moments) == (True, NOTHING)
    assert store.stored[key("s0")] == replace(OVERFLOWN, revision=4)
    assert (compact(store, COUNTRIES, 1, NOW), store.moves) == (0, 1)


def test_what_comes_to_a_base_row_that_has_overflowed_is_dropped() -> None:
    store = compacted(row(1), base=OVERFLOWN)
    assert store.stored[key(BASE)] == replace(OVERFLOWN, revision=4)
    assert store.stored[key("s0")] == replace(row(), revision=4)


def test_what_comes_again_after_a_move_adds_nothing() -> None:
    store = FakeRows()
    Rollup(store).apply(of_values(3), "s1")
    compact(store, COUNTRIES, 1, NOW)
    Rollup(store).apply(of_values(4), "s1")
    compact(store, COUNTRIES, 1, NOW)
    assert store.stored[key(BASE)].moments.units("units") == 4


def test_values_are_counted_anew_in_a_row_that_was_emptied() -> None:
    store = FakeRows()
    Rollup(store).apply(of_values(150), "s1")
    compact(store, COUNTRIES, 1, NOW)
    Rollup(store).apply(of_values(150, first=200), "s1")
    assert (store.stored[key()].overflow, values(store.stored[key()])) == (False, 150)
    compact(store, COUNTRIES, 1, NOW)
    assert (store.stored[key(BASE)].overflow, store.stored[key()].overflow) == (True, False)
