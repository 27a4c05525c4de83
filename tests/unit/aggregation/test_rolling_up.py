"""Rollup over a store in memory: each record's change is added once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from fairsplit.domain.aggregate import Record, RowKey
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.moments import NOTHING, Moments, of_assignment, total
from fairsplit.services import rolling_up
from fairsplit.services.rolling_up import ATTEMPTS, Rollup
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.aggregation.histories import coming, history, record, steps, sums
from tests.unit.making import ORDERS, assignment, day, event, experiment, folded


def rolled(*batches: Sequence[Record]) -> FakeRows:
    """The rows after these batches."""
    store = FakeRows()
    rollup = Rollup(store)
    for batch in batches:
        rollup.apply(batch, "shard")
    return store


@pytest.mark.parametrize("seed", range(5))
def test_the_rows_hold_what_the_units_say_in_the_end(seed: int) -> None:
    records = list(history(seed, erasing=False))
    last = {one.unit_id: one.new for one in records if one.new}.values()
    expected = dict[RowKey, Moments]()
    for unit in last:
        for at, moments in of_assignment(unit).items():
            place = RowKey("a", unit.epoch, at, "shard")
            expected[place] = expected.get(place, NOTHING) + moments
    store = rolled(records)
    assert sums(store) == expected
    assert steps(store) == sum(unit.version for unit in last)


@pytest.mark.parametrize("seed", range(20))
def test_a_replay_with_any_boundaries_changes_nothing(seed: int) -> None:
    """Batches begin anywhere in what was sent before, by a process that remembers its rows or by a new one."""
    records, random, store, start = list(history(seed)), Random(seed), FakeRows(), 0
    rollup = Rollup(store)
    while start < len(records):
        end = random.randint(start + 1, len(records))
        rollup = rollup if random.random() < 0.5 else Rollup(store)
        rollup.apply(records[random.randint(0, start) : end], "shard")
        start = end
    assert (sums(store), steps(store)) == (sums(rolled(records)), steps(rolled(records)))


@pytest.mark.parametrize("seed", range(10))
def test_a_crash_between_two_rows_is_mended_by_the_same_batch(seed: int) -> None:
    records, random, store = list(history(seed)), Random(seed), FakeRows()

    def crash(_key: RowKey) -> None:
        if random.random() < 0.3:
            raise ThrottledError("store_busy", "busy")

    store.before_put = crash
    rollup = Rollup(store)
    for start in range(0, len(records), 10):
        while not is_applied(rollup, records[start : start + 10]):
            pass
    assert (sums(store), steps(store)) == (sums(rolled(records)), steps(rolled(records)))


def is_applied(rollup: Rollup, batch: Sequence[Record]) -> bool:
    try:
        rollup.apply(batch, "shard")
    except ThrottledError:
        return False
    return True


def test_records_are_added_in_the_order_of_their_sequence() -> None:
    records = list(history(3))
    assert sums(rolled(records[::-1])) == sums(rolled(records))
    (row,) = rolled([record(seq, None, assignment(unit_id=str(seq))) for seq in (10, 9)]).stored.values()
    assert row.seq == "10".zfill(40)


def test_a_row_that_is_known_costs_one_write() -> None:
    store = rolled(coming(0), [record(8, None, assignment(unit_id="x"))])
    assert len(store.puts) == 2
    assert sum(one.units("units") for one in sums(store).values()) == 2


@pytest.mark.parametrize(("windows", "days"), [((), {0}), ((24,), {0, 1}), ((24, 12, 36), {0, 1, 2})])
def test_a_batch_writes_one_row_more_for_each_day_on_which_windows_end(
    windows: tuple[int, ...], days: set[int]
) -> None:
    """Of units that came on one day, and bought on it."""
    one = experiment(ORDERS, *(ORDERS | {"key": f"within-{hours}", "window_hours": hours} for hours in windows))
    store = rolled([record(seq, None, folded(one, [event(1)], unit_id=f"u{seq}")) for seq in range(1, 9)])
    assert [key.day for key in store.puts] == [day(number) for number in sorted(days)]


def test_a_row_that_is_there_already_is_refused_once_and_left_as_it_is() -> None:
    store = rolled(coming(0))
    before = dict(store.stored)
    Rollup(store).apply(coming(0), "shard")
    assert (store.stored, len(store.puts)) == (before, 2)


def test_a_refused_write_adds_to_the_row_as_it_is_what_that_has_not_seen() -> None:
    store = rolled(coming(0))
    Rollup(store).apply([*coming(0), record(8, None, assignment(unit_id="x"))], "shard")
    assert total(sums(store).values()).units("units") == 2
    assert len(store.puts) == 3


def test_sums_that_compaction_moved_in_between_are_not_written_back() -> None:
    store = FakeRows()
    rollup = Rollup(store)
    rollup.apply(coming(0), "shard")
    (key,) = store.stored
    store.stored[key] = replace(store.stored[key], moments=NOTHING, steps=0, revision=2)
    rollup.apply([*coming(0), record(8, None, assignment(unit_id="x"))], "shard")
    assert sums(store)[key].units("units") == 1


def test_a_row_that_is_gone_is_begun_anew() -> None:
    store = FakeRows()
    rollup = Rollup(store)
    rollup.apply(coming(0), "shard")
    store.stored.clear()
    rollup.apply([record(8, None, assignment(unit_id="x"))], "shard")
    (row,) = store.stored.values()
    assert (row.moments.units("units"), row.revision) == (1, 1)


def test_a_row_that_others_write_each_time_makes_the_batch_come_again() -> None:
    store = FakeRows()
    rollup = Rollup(store)
    rollup.apply(coming(0), "shard")
    store.before_put = store.touch
    with pytest.raises(ThrottledError):
        rollup.apply([record(8, None, assignment(unit_id="x"))], "shard")
    assert (len(store.puts), rollup.known) == (1 + ATTEMPTS, {})


def test_rows_are_written_in_the_order_of_epoch_and_day() -> None:
    assert (puts := rolled(list(history(2))).puts) == sorted(puts)


def test_a_bounded_number_of_rows_is_remembered_those_written_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling_up, "KNOWN_ROWS", 2)
    store = FakeRows()
    rollup = Rollup(store)
    for number in (0, 1, 0, 2):
        rollup.apply([record(9 + len(store.puts), None, coming(number)[0].new)], "shard")
    assert [key.day for key in rollup.known] == [day(0), day(2)]
    rollup.apply([record(20, None, coming(1)[0].new)], "shard")
    assert total(sums(store).values()).units("units") == 5


def test_shards_have_rows_of_their_own() -> None:
    store = FakeRows()
    Rollup(store).apply(coming(0), "one")
    Rollup(store).apply(coming(0), "other")
    assert {key.shard for key in sums(store)} == {"one", "other"}


def test_a_bounded_number_of_sums_is_remembered_those_written_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling_up, "KNOWN_SUMS", 2)
    store = FakeRows()
    rollup = Rollup(store)
    for number in (0, 1, 0, 2):
        rollup.apply([record(9 + len(store.puts), None, coming(number)[0].new)], "shard")
    assert [key.day for key in rollup.known] == [day(0), day(2)]
    assert rollup.known_sums == 2
