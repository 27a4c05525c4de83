"""What one stream record adds to the rows of its dimensions, and what becomes of rows of too many values."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairsplit.domain import value_sums
from fairsplit.domain.aggregate import Change, Record, Row, RowKey, changes
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.moments import NOTHING, UNITS, Moments, of_assignment, total
from fairsplit.domain.totals import Totals
from fairsplit.domain.value_sums import MOST_VALUES, by_value, under_value
from fairsplit.services.rolling_up import Rollup
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.aggregation.histories import record
from tests.unit.aggregation.value_histories import ONE, history, of_values, rolled, unit
from tests.unit.making import ENTRY, assignment, day, event, folded

SEEDS = st.integers(0, 2**32)
BEFORE = folded(ONE, [event(1, 5), event(30, 2)], version=2, dimensions={"country": "DE", "device": None})
AFTER = folded(ONE, [event(1, 5), event(30, 2), event(50, 1)], version=5, dimensions=BEFORE.dimensions)


def made(old: Assignment | None, new: Assignment | None, partition: str) -> dict[RowKey, Change]:
    found = changes(Record("7", ENTRY, "u", "a", old, new), "shard")
    return {key: change for key, change in found.items() if key.experiment == partition}


def moments(found: dict[RowKey, Change]) -> dict[RowKey, Moments]:
    return {key: change.moments for key, change in found.items()}


def key(partition: str = "a#country", number: int = 0, epoch: int = 1) -> RowKey:
    return RowKey(partition, epoch, day(number), "shard")


@pytest.mark.parametrize(("partition", "value"), [("a#country", '"DE"'), ("a#device", "null")])
def test_a_new_unit_adds_all_it_has_under_its_value(partition: str, value: str) -> None:
    expected = {key(partition, number): under_value(of_assignment(BEFORE)[day(number)], value) for number in (0, 1)}
    assert moments(made(None, BEFORE, partition)) == expected


def test_changed_totals_add_the_difference_alone() -> None:
    found = made(BEFORE, AFTER, "a#country")
    assert moments(found) == {key(number=2): under_value(of_assignment(AFTER)[day(2)], '"DE"')}


def test_a_step_that_changes_no_sum_writes_no_row_of_a_dimension() -> None:
    assert made(BEFORE, replace(BEFORE, version=3), "a#country") == {}


def test_rows_of_dimensions_have_no_steps() -> None:
    assert {change.steps for change in made(None, BEFORE, "a#device").values()} == {0}


def test_a_unit_without_dimensions_is_in_no_row_of_any() -> None:
    found = changes(Record("7", ENTRY, "u", "a", None, replace(BEFORE, dimensions={})), "shard")
    assert {place.experiment for place in found} == {"a"}


def test_a_unit_that_moves_to_another_epoch_is_taken_from_the_one_and_added_to_the_other() -> None:
    found = moments(made(BEFORE, replace(AFTER, epoch=2), "a#country"))
    taken = {place: NOTHING - one for place, one in moments(made(None, BEFORE, "a#country")).items()}
    assert found == taken | moments(made(None, replace(AFTER, epoch=2), "a#country"))


def test_the_mark_of_an_erasure_takes_all_out_and_counts_nothing() -> None:
    erased = assignment(version=3, erased=True)  # the mark has removed the dimensions
    for partition in ("a#country", "a#device"):
        both = [*made(None, BEFORE, partition).values(), *made(BEFORE, erased, partition).values()]
        assert total(one.moments for one in both) == NOTHING
    assert made(erased, None, "a#country") == {}
    assert made(BEFORE, replace(erased, dimensions=BEFORE.dimensions), "a#country") == made(BEFORE, erased, "a#country")


def test_the_removal_of_a_unit_without_the_mark_takes_all_out() -> None:
    both = [*made(None, BEFORE, "a#country").values(), *made(BEFORE, None, "a#country").values()]
    assert total(one.moments for one in both) == NOTHING


def test_a_unit_that_becomes_mixed_is_counted_as_that() -> None:
    both = [
        made(None, BEFORE, "a#country"),
        made(BEFORE, replace(BEFORE, totals=Totals(mixed=True), version=3), "a#country"),
    ]
    left = total(one.moments for found in both for one in found.values())
    assert left == Moments({('green="DE"', UNITS, "mixed"): 1})


def test_a_dimension_that_was_declared_later_begins_with_all_the_unit_has() -> None:
    old = replace(BEFORE, dimensions={"country": "DE"})
    new = replace(BEFORE, version=3, epoch=2)
    assert moments(made(old, new, "a#device")) == moments(made(None, new, "a#device"))


def test_a_value_that_changed_leaves_the_old_one() -> None:
    found = made(unit("DE"), unit("FR", version=2), "a#country")
    assert by_value(total(moments(found).values())) == {
        '"DE"': Moments({("green", UNITS, "units"): -1}),
        '"FR"': Moments({("green", UNITS, "units"): 1}),
    }


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_the_values_of_a_row_add_up_to_the_main_row(seed: int) -> None:
    """But for the erased, who are counted there alone."""
    rows = rolled(list(history(seed))).stored
    for place, row in rows.items():
        if place.experiment == "a":
            there = rows.get(replace(place, experiment="a#country"), Row())
            main = {name: value for name, value in row.moments.sums.items() if name[2] != "erased"}
            assert total(by_value(there.moments).values()) == Moments(main)


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_the_rows_hold_what_the_units_say_in_the_end(seed: int) -> None:
    records = list(history(seed))
    last = [one for one in {one.unit_id: one.new for one in records}.values() if one is not None]
    expected: dict[RowKey, Moments] = {}
    for one in last:
        for place, change in changes(record(1, None, one), "shard").items():
            if place.is_of_dimension:
                expected[place] = expected.get(place, NOTHING) + change.moments
    found = {place: row.moments for place, row in rolled(records).stored.items() if place.is_of_dimension}
    assert {place: one for place, one in found.items() if one} == expected


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.sampled_from([2, 4, MOST_VALUES]))
def test_rows_are_the_same_for_any_order_batches_and_replay(seed: int, most: int) -> None:
    """Also where some of them overflow: all but the number of their writings."""
    records, random = list(history(seed)), Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(value_sums, "MOST_VALUES", most)
        whole, store, start = rolled(records), FakeRows(), 0
        rollup = Rollup(store)
        while start < len(records):
            end = random.randint(start + 1, len(records))
            rollup = rollup if random.random() < 0.5 else Rollup(store)
            batch = records[random.randint(0, start) : end]
            rollup.apply(random.sample(batch, len(batch)), "shard")
            start = end
    assert without_revisions(store) == without_revisions(whole)


def without_revisions(store: FakeRows) -> dict[RowKey, Row]:
    return {place: replace(row, revision=0) for place, row in store.stored.items()}


def test_a_row_of_too_many_values_drops_its_sums_and_says_so() -> None:
    rows = rolled(of_values(MOST_VALUES)).stored
    assert (rows[key()].overflow, len(by_value(rows[key()].moments))) == (False, MOST_VALUES)
    rows = rolled(of_values(MOST_VALUES + 1)).stored
    assert (rows[key()].overflow, rows[key()].moments) == (True, NOTHING)
    assert rows[key()].seq == str(MOST_VALUES + 1).zfill(40)


def test_the_main_sums_do_not_suffer_from_many_values() -> None:
    rows = rolled(of_values(3 * MOST_VALUES)).stored
    main = rows[key("a")]
    assert (main.moments.units("units"), main.steps, main.overflow) == (3 * MOST_VALUES, 3 * MOST_VALUES, False)


def test_a_row_that_has_overflowed_stays_so_and_is_written_no_more() -> None:
    store = rolled(of_values(MOST_VALUES + 1))
    before, writings = store.stored[key()], store.puts.count(key())
    gone = [record(900 + number, one.new, None) for number, one in enumerate(of_values(150))]
    rollup = Rollup(store)
    rollup.apply(gone, "shard")
    rollup.apply(of_values(5, first=2_000), "shard")
    assert store.stored[key()] == before
    assert store.puts.count(key()) == writings + 1  # the one by which a new process finds out


def test_values_that_come_and_go_within_a_batch_count_all_the_same() -> None:
    """One batch, or one for each record: the row is the same."""
    come = of_values(MOST_VALUES + 1)
    gone = [record(500 + number, one.new, None) for number, one in enumerate(come)]
    assert rolled([*come, *gone]).stored[key()].overflow
    assert rolled(*[[one] for one in [*come, *gone]]).stored[key()].overflow
    in_turn = sorted([*of_values(150), *gone[:100], *of_values(150, first=700)], key=lambda one: one.seq)
    assert not rolled(in_turn).stored[key()].overflow
