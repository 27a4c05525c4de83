"""Sums by value: parted as they were joined, and never more than an item can hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.moments import NOTHING, UNITS, Moments, total
from fairsplit.domain.value_sums import MOST_BYTES, MOST_VALUES, ValueSums, by_value, fits, under_value
from fairsplit.storage.packing import pack
from tests.full_rows import controls, digits_of_field, filled, one_to_45_digits, symbols, words

ITEM = 400 * 1024
SPARE = 4_096  # for the keys and numbers of an item
COUNTS = ["units_with_event", "events", "sum", "sum_of_squares"]
MOMENTS = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["", "m@1"]), st.sampled_from(COUNTS)),
    st.integers(-(10**40), 10**40).filter(bool),
).map(Moments)


def units(variant: str, value: str, number: int = 1) -> Moments:
    return under_value(Moments({(variant, UNITS, "units"): number}), value)


def of_values(count: int) -> Moments:
    return total(units("green", f"{number}") for number in range(count))


@given(st.dictionaries(st.sampled_from(['"DE"', "3", "null", '"a=b"']), MOMENTS.filter(bool)))
def test_what_is_joined_under_values_is_parted_again(parts: dict[str, Moments]) -> None:
    joined = total(under_value(moments, value) for value, moments in parts.items())
    assert by_value(joined) == parts


@pytest.mark.parametrize(("count", "expected"), [(MOST_VALUES, True), (MOST_VALUES + 1, False)])
def test_a_row_has_200_values_at_most(count: int, expected: bool) -> None:
    assert fits(of_values(count)) is expected
    assert MOST_VALUES == 200


def test_a_value_of_several_variants_and_metrics_is_one() -> None:
    more = [units("control", f"{number}") for number in range(MOST_VALUES)]
    events = [under_value(Moments({("green", "m@1", "events"): 1}), f"{number}") for number in range(MOST_VALUES)]
    assert fits(total([of_values(MOST_VALUES), *more, *events]))


def test_a_value_of_which_nothing_is_left_is_none() -> None:
    sums = ValueSums(of_values(MOST_VALUES))
    sums.add(units("green", "new"))
    assert not sums.fits
    sums.add(units("green", "0", -1))
    assert sums.fits


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(["1", '"x"', "null"]))))
def test_what_was_added_one_by_one_takes_as_much_as_all_at_once(parts: list[tuple[Moments, str]]) -> None:
    named = [under_value(moments, value) for moments, value in parts]
    sums = ValueSums(NOTHING)
    for one in named:
        sums.add(one)
    whole = ValueSums(total(named))
    assert (sums.sums, sums.size, sums.values) == (whole.sums, whole.size, whole.values)
    for one in named:
        sums.add(NOTHING - one)
    assert (sums.sums, sums.size, len(sums.values)) == ({}, 0, 0)


def test_two_variants_with_seven_metrics_and_200_values_fit() -> None:
    assert fits(filled(Random(1), 2, MOST_VALUES, 7, digits_of_field, words))


def test_few_values_of_many_metrics_and_variants_are_too_much() -> None:
    full = filled(Random(4), 10, MOST_VALUES, 20, digits_of_field, words)
    (value, *_) = by_value(full)
    more = under_value(by_value(full)[value], '"one more"')
    assert fits(full)
    assert not fits(full + more)
    assert len(by_value(full + more)) < MOST_VALUES / 4


@pytest.mark.parametrize("share", [1.0, 0.3, 0.03])
@pytest.mark.parametrize("text", [words, symbols, controls])
@pytest.mark.parametrize("digits", [digits_of_field, one_to_45_digits])
def test_the_fullest_row_that_fits_is_far_from_what_an_item_may_hold(
    share: float, text: Callable[[Random], str], digits: Callable[[Random, str], int]
) -> None:
    """Ten variants, twenty metrics and 200 values would take up to twenty times as much."""
    moments = filled(Random(2), 10, MOST_VALUES, 20, digits, text, share)
    assert fits(moments)
    sums = ValueSums(moments)
    assert sums.size > MOST_BYTES - 6_000 or len(sums.values) == MOST_VALUES
    (packed,) = pack(moments.as_json()).values()
    assert len(packed) <= sums.size
    assert MOST_BYTES <= 0.75 * (ITEM - SPARE)


def test_the_numbers_of_units_alone_take_little() -> None:
    moments = filled(Random(3), 10, MOST_VALUES, 0, digits_of_field, words)
    assert len(by_value(moments)) == MOST_VALUES
    assert ValueSums(moments).size < len(json.dumps(moments.as_json()))
