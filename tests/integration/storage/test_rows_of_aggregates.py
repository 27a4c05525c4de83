"""Rows of sums: each write only over what was read, and moves between rows all at once or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from fairsplit.domain.aggregate import BASE, Row, RowKey
from fairsplit.domain.moments import NOTHING, Moments
from fairsplit.storage.aggregates import Aggregates
from tests.engines import Store
from tests.full_rows import filled, one_to_45_digits, symbols, words
from tests.integration.storage.making import NOW, fresh_key

pytestmark = pytest.mark.engine
DAY = date(2026, 3, 1)
SUMS = Moments({("green", "", "units"): 3, ("green", "revenue@1", "sum_of_squares"): 10**40, ("a", "b@1", "sum"): -1})


@pytest.fixture
def aggregates(store: Store) -> Aggregates:
    return Aggregates(store.client, store.tables["AggregatesTable"])


def row(revision: int = 1, **fields: Any) -> Row:
    whole: dict[str, Any] = {"moments": SUMS, "steps": 3, "seq": "7".zfill(40), "revision": revision, "seen_at": NOW}
    return Row(**whole | fields)


def row_key(shard: str = "shard-1", **fields: Any) -> RowKey:
    """A row of an experiment of its own."""
    whole: dict[str, Any] = {"experiment": fresh_key(), "epoch": 1, "day": DAY, "shard": shard}
    return RowKey(**whole | fields)


def stored(aggregates: Aggregates, key: RowKey) -> Row | None:
    return aggregates.rows(key.experiment, 0).get(key)


def test_a_new_row_is_written_and_read_back_exactly(aggregates: Aggregates) -> None:
    key = row_key()
    assert aggregates.put(key, row(), read=None) is None
    assert aggregates.rows(key.experiment, 1) == {key: row()}


def test_a_row_that_is_there_answers_a_writer_who_saw_none(aggregates: Aggregates) -> None:
    key = row_key()
    aggregates.put(key, row(), read=None)
    assert aggregates.put(key, row(steps=99), read=None) == row()
    assert stored(aggregates, key) == row()


def test_a_row_is_replaced_by_who_read_it_as_it_is(aggregates: Aggregates) -> None:
    key = row_key()
    aggregates.put(key, row(), read=None)
    following = row(2, seq="8".zfill(40), moments=NOTHING)
    assert aggregates.put(key, following, read=row()) is None
    assert stored(aggregates, key) == following


@pytest.mark.parametrize("read", [row(2), row(seq="6".zfill(40)), row(2, seq="8".zfill(40))])
def test_a_writer_who_read_another_row_is_answered_with_the_one_that_is(aggregates: Aggregates, read: Row) -> None:
    key = row_key()
    aggregates.put(key, row(), read=None)
    assert aggregates.put(key, row(3), read=read) == row()
    assert stored(aggregates, key) == row()


def test_a_row_that_is_gone_answers_empty(aggregates: Aggregates) -> None:
    key = row_key()
    assert aggregates.put(key, row(2), read=row()) == Row()
    assert stored(aggregates, key) is None


def test_rows_are_read_from_an_epoch_on_and_up_to_a_day(aggregates: Aggregates) -> None:
    name = fresh_key()
    keys = [
        row_key(experiment=name, epoch=epoch, day=DAY + timedelta(days=day)) for epoch in (1, 2, 10) for day in (0, 1)
    ]
    for key in keys:
        aggregates.put(key, row(), read=None)
    aggregates.mark_for_recount(name, "a note among the rows", NOW)
    assert set(aggregates.rows(name, 0)) == set(keys)
    assert set(aggregates.rows(name, 2)) == set(keys[2:])
    assert set(aggregates.rows(name, 2, DAY)) == {keys[2], keys[4]}


def test_every_page_of_rows_is_read(aggregates: Aggregates) -> None:
    name = fresh_key()
    noise = Moments({(f"variant-{number}", "revenue@1", "sum"): 7**number for number in range(700)})
    keys = [row_key(f"shard-{number}", experiment=name) for number in range(15)]
    for key in keys:
        aggregates.put(key, row(moments=noise), read=None)
    assert aggregates.rows(name, 1) == dict.fromkeys(keys, row(moments=noise))


def test_a_move_writes_all_rows_at_once_and_is_counted(aggregates: Aggregates) -> None:
    shard = row_key()
    base = replace(shard, shard=BASE)
    aggregates.put(shard, row(), read=None)
    after = {base: row(seq=""), shard: row(2, moments=NOTHING, steps=0)}
    assert aggregates.compactions(shard.experiment) == 0
    assert aggregates.move({base: None, shard: row()}, after, NOW)
    assert aggregates.rows(shard.experiment, 1) == after
    assert aggregates.compactions(shard.experiment) == 1


@pytest.mark.parametrize("stale", ["base", "shard"])
def test_a_move_of_which_one_row_has_changed_changes_nothing(aggregates: Aggregates, stale: str) -> None:
    shard = row_key()
    base = replace(shard, shard=BASE)
    for key in (base, shard):
        aggregates.put(key, row(), read=None)
    before = {base: row(), shard: row()} | {base if stale == "base" else shard: row(9)}
    assert not aggregates.move({**before}, {base: row(2, steps=6), shard: row(2, moments=NOTHING, steps=0)}, NOW)
    assert aggregates.rows(shard.experiment, 1) == {base: row(), shard: row()}
    assert aggregates.compactions(shard.experiment) == 0


def test_an_emptied_row_expires_and_one_with_sums_does_not(aggregates: Aggregates) -> None:
    full, emptied = row_key(BASE), row_key()
    emptied = replace(emptied, experiment=full.experiment)
    aggregates.move({full: None, emptied: None}, {full: row(), emptied: row(moments=NOTHING, steps=0)}, NOW)
    expiry = {item["row_key"]["S"]: item.get("expires_at") for item in items(aggregates, full.experiment)}
    at = str(int((NOW + timedelta(hours=72)).timestamp()))
    assert expiry == {"000001#2026-03-01#base": None, "000001#2026-03-01#shard-1": {"N": at}, "~compactions": None}


def items(aggregates: Aggregates, experiment: str) -> list[dict[str, Any]]:
    """All items of an experiment."""
    page = aggregates.client.query(
        TableName=aggregates.table,
        KeyConditionExpression="experiment = :experiment",
        ExpressionAttributeValues={":experiment": {"S": experiment}},
    )
    return [dict(item) for item in page["Items"]]


def test_rows_are_dropped_where_they_still_are_what_was_read(aggregates: Aggregates) -> None:
    gone = row_key()
    kept = replace(gone, shard="shard-2")
    for key in (gone, kept):
        aggregates.put(key, row(), read=None)
    aggregates.drop({gone: row(), kept: row(2)})
    assert set(aggregates.rows(gone.experiment, 0)) == {kept}


def test_a_row_that_has_overflowed_is_read_back_as_that(aggregates: Aggregates) -> None:
    key = row_key()
    assert aggregates.put(key, row(moments=NOTHING, steps=0, overflow=True), read=None) is None
    assert stored(aggregates, key) == row(moments=NOTHING, steps=0, overflow=True)


def test_a_base_row_that_has_overflowed_never_expires(aggregates: Aggregates) -> None:
    base, shard = row_key(BASE), row_key()
    shard = replace(shard, experiment=base.experiment)
    overflown = row(moments=NOTHING, steps=0, overflow=True)
    aggregates.move({base: None, shard: None}, {base: overflown, shard: overflown}, NOW)
    expiring = [item["row_key"]["S"] for item in items(aggregates, base.experiment) if "expires_at" in item]
    assert expiring == ["000001#2026-03-01#shard-1"]


@pytest.mark.parametrize("text", [words, symbols])
def test_the_fullest_row_of_a_dimension_fits_into_an_item(
    aggregates: Aggregates, text: Callable[[Random], str]
) -> None:
    key = row_key(experiment=f"{fresh_key()}#country")
    full = row(moments=filled(Random(5), 10, 200, 20, one_to_45_digits, text), steps=0)
    assert aggregates.put(key, full, read=None) is None
    assert stored(aggregates, key) == full
