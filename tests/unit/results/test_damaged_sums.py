"""Sums that do not fit together: those of a unit that is just leaving, or damaged ones. No error, and no numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fairsplit.domain.aggregate import Record, Row, changes
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.stats.sample import ImpossibleSumsError, Sample
from fairsplit.domain.totals import NO_TOTALS
from tests.unit.making import ENTRY, event, folded
from tests.unit.results.fake_reader import SHOP, FakeReader

NAMES = fingerprints(SHOP)
LONG = [event(1, 30), event(30, 12), event(70, 5), event(80, kind="visit")]


def codes(numbers: dict[str, Any]) -> list[str]:
    return [note["code"] for note in numbers.get("notes", [])]


@pytest.mark.parametrize(
    "lost",
    [
        {("green", UNITS, "units"): -6},
        {("green", NAMES["revenue"], "sum_of_squares"): -(10**20)},
        {("green", NAMES["orders"], "sum_of_squares"): -(10**20)},
        {("green", NAMES["aov"], "cross_product_sum"): 10**20},
    ],
)
def test_a_ratio_of_such_sums_is_null_and_says_so(lost: dict[tuple[str, str, str], int]) -> None:
    reader = FakeReader()
    reader.add(Moments(lost))
    answer = reader.results(by_day=True)
    aov = answer["variants"][1]["metrics"]["aov"]
    assert (aov["mean"], aov["variance"], codes(aov)) == (None, None, ["sums_inconsistent"])
    assert codes(answer["comparisons"][3]) == ["sums_inconsistent"]
    assert answer["timeseries"][-1]["variants"][1]["metrics"]["aov"]["mean"] is None


def test_other_metrics_and_variants_keep_their_numbers() -> None:
    reader, whole = FakeReader(), FakeReader().results()
    reader.add(Moments({("green", NAMES["aov"], "cross_product_sum"): 10**20}))
    answer = reader.results()
    assert answer["variants"][0] == whole["variants"][0]
    assert [one["metric"] for one in answer["comparisons"] if one not in whole["comparisons"]] == ["aov"]


@pytest.mark.parametrize("leaving", [{"erased": True, "totals": NO_TOTALS}, {"epoch": 2}])
def test_a_reader_between_two_rows_of_a_unit_that_leaves_gets_an_answer(leaving: dict[str, Any]) -> None:
    """Rollup writes a unit's days one after the other: the unit is gone before its last events are."""
    unit = folded(SHOP, LONG)
    left: Assignment = replace(unit, version=2, **leaving)
    parts = sorted(changes(Record("1", ENTRY, "u", "a", unit, left), "shard").items())
    assert len(parts) >= 3
    for number in range(len(parts)):
        written = {replace(key, shard="written"): Row(change.moments) for key, change in parts[:number]}
        answer = FakeReader(items=[unit, *FakeReader().items[:1]], extra=written).results(by_day=True)
        assert {one["key"] for one in answer["variants"]} == {"control", "green"}


def test_fewer_than_no_units_make_no_split_and_no_error() -> None:
    reader = FakeReader(items=[])
    reader.add(Moments({("green", UNITS, "units"): -50, ("control", UNITS, "units"): 60}))
    srm = reader.results()["summary"]["srm"]
    assert (srm["p_value"], srm["sequential_p_value"], srm["alert"]) == (None, None, False)


@pytest.mark.parametrize(
    "sums",
    [
        {"denominator_sum": 10, "denominator_sum_of_squares": 49},
        {"pre_sum": -10, "pre_sum_of_squares": 49},
        {"denominator_sum_of_squares": 100, "cross_product_sum": 101},
        {"pre_sum_of_squares": 100, "pre_cross_product_sum": -101},
    ],
)
def test_what_no_data_can_have_is_refused_in_denominators_and_pre_periods_too(sums: dict[str, int]) -> None:
    with pytest.raises(ImpossibleSumsError):
        Sample(units=2, sum=0, sum_of_squares=100, **sums)


def test_sums_at_the_very_bound_are_taken() -> None:
    """Two units with the same values, whose denominators are as their numerators."""
    same = Sample(2, 20, 200, denominator_sum=20, denominator_sum_of_squares=200, cross_product_sum=200)
    assert same.variance == 0
