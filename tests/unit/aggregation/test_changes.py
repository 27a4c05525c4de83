"""What one stream record of an assignment adds to the rows, and how a row takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings

from fairsplit.domain.aggregate import Change, Record, Row, RowKey, changes
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.event import Event
from fairsplit.domain.moments import NOTHING, UNITS, Moments, of_assignment, total
from tests.unit.making import ENTRY, ORDERS, REVENUE, TODAY, assignment, day, event, events, experiment, folded

ONE = experiment(ORDERS, REVENUE)
BEFORE = folded(ONE, [event(1, 5), event(30, 2)], version=2)
AFTER = folded(ONE, [event(1, 5), event(30, 2), event(50, 1)], version=5)


def key(number: int = 0, epoch: int = 1) -> RowKey:
    return RowKey("a", epoch, day(number), "shard")


def made(old: Assignment | None, new: Assignment | None) -> dict[RowKey, Change]:
    return changes(Record("7", ENTRY, "u", "a", old, new), "shard")


def moments(found: dict[RowKey, Change]) -> dict[RowKey, Moments]:
    return {place: change.moments for place, change in found.items()}


def change(seq: int, units: int = 1, minutes: int = 0) -> Change:
    added = Moments({("green", UNITS, "units"): units})
    return Change(str(seq).zfill(40), ENTRY + timedelta(minutes=minutes), added, steps=2)


def test_a_new_unit_adds_all_it_has() -> None:
    assert moments(made(None, BEFORE)) == {key(number): of_assignment(BEFORE)[day(number)] for number in (0, 1)}


def test_changed_totals_add_the_difference_alone() -> None:
    found = made(BEFORE, AFTER)
    assert found.keys() == {key(2)}
    assert found[key(2)].moments == of_assignment(AFTER)[day(2)]


@settings(max_examples=50)
@given(events(), events())
def test_what_was_and_what_is_added_is_what_is(sent: list[Event], more: list[Event]) -> None:
    old, new = folded(ONE, sent), folded(ONE, [*sent, *more], version=2)
    both = [*made(None, old).items(), *made(old, new).items()]
    for number in range(-1, 7):
        added = total(one.moments for place, one in both if place == key(number))
        assert added == of_assignment(new).get(day(number), NOTHING)


def test_the_steps_of_a_units_versions_add_up_to_the_last_one() -> None:
    found = [*made(None, BEFORE).values(), *made(BEFORE, AFTER).values()]
    assert sum(one.steps for one in made(None, BEFORE).values()) == 2
    assert sum(one.steps for one in found) == 5


def test_a_step_that_changes_no_sum_is_counted_all_the_same() -> None:
    assert made(BEFORE, replace(BEFORE, version=3)) == {key(0): Change("7", ENTRY, NOTHING, 1)}


def test_nothing_new_adds_nothing() -> None:
    assert made(BEFORE, BEFORE) == {}


def test_a_unit_that_moves_to_another_epoch_is_taken_from_the_one_and_added_to_the_other() -> None:
    moved = replace(AFTER, epoch=2)
    found = made(BEFORE, moved)
    taken = {place: NOTHING - one for place, one in moments(made(None, BEFORE)).items()}
    assert moments(found) == taken | moments(made(None, moved))
    for epoch, steps in ((1, -2), (2, 5)):
        assert sum(one.steps for place, one in found.items() if place.epoch == epoch) == steps


def test_the_mark_of_an_erasure_takes_all_out_and_counts_the_erased() -> None:
    erased = assignment(version=3, erased=True)
    left = total(one.moments for one in [*made(None, BEFORE).values(), *made(BEFORE, erased).values()])
    assert left == Moments({("green", UNITS, "erased"): 1})
    assert sum(one.steps for one in made(BEFORE, erased).values()) == -2


def test_the_removal_of_an_erased_unit_changes_nothing() -> None:
    assert made(assignment(version=3, erased=True), None) == {}


def test_the_removal_of_a_unit_without_the_mark_takes_all_out() -> None:
    found = made(BEFORE, None)
    assert moments(found) == {place: NOTHING - one for place, one in moments(made(None, BEFORE)).items()}
    assert sum(one.steps for one in found.values()) == -2


def test_a_row_is_named_by_experiment_epoch_day_and_shard() -> None:
    record = Record("7", ENTRY, "u", "b", None, replace(BEFORE, experiment="b", epoch=4))
    assert min(changes(record, "other")) == RowKey("b", 4, TODAY, "other")


def test_a_row_takes_what_is_behind_the_last_that_it_has_seen() -> None:
    row = Row().with_all([change(1), change(2)])
    again = row.with_all([change(1), change(2), change(3, units=5)])
    assert (again.moments.units("units"), again.steps) == (7, 6)
    assert (row.seq, again.seq) == (change(2).seq, change(3).seq)


def test_a_row_that_has_seen_it_all_stays_the_very_same() -> None:
    row = Row().with_all([change(9), change(10)])
    assert row.with_all([change(9), change(10)]) is row
    assert row.with_all([]) is row


def test_sequence_numbers_are_ordered_as_numbers() -> None:
    row = Row().with_all([change(9)])
    assert row.with_all([change(10)]).moments.units("units") == 2
    assert row.with_all([change(8)]) is row


def test_each_writing_raises_the_revision_by_one() -> None:
    row = Row().with_all([change(1), change(2)])
    assert (row.revision, row.with_all([change(3)]).revision) == (1, 2)


def test_a_row_knows_the_newest_change_in_it() -> None:
    row = Row().with_all([change(1, minutes=9), change(2, minutes=3)])
    assert row.seen_at == ENTRY + timedelta(minutes=9)
    assert row.with_all([change(3, minutes=4)]).seen_at == ENTRY + timedelta(minutes=9)
    assert row.with_all([change(3, minutes=11)]).seen_at == ENTRY + timedelta(minutes=11)


def test_a_row_ends_the_same_however_the_changes_are_cut_into_batches() -> None:
    pieces, random = [change(number, number, number % 5) for number in range(1, 30)], Random(4)
    whole = Row().with_all(pieces)
    for _ in range(50):
        row, start = Row(), 0
        while start < len(pieces):
            end = random.randint(start + 1, len(pieces))
            row = row.with_all(pieces[random.randint(0, start) : end])
            start = end
        assert replace(row, revision=1) == whole
