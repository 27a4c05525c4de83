"""Laws of the hash: the same unit stays where it is, buckets fill evenly, and seeds know nothing of one another."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fairsplit.domain.hashing import BUCKETS, bucket_of, bucket_ranges, choose, position_of

WEIGHTS = (
    st.lists(st.integers(0, 100), min_size=2, max_size=10)
    .filter(any)
    .map(lambda parts: [p / sum(parts) for p in parts])
)
COVERAGE = st.integers(0, 10_000).map(lambda number: number / 10_000)
BUCKET = st.integers(0, BUCKETS - 1).map(lambda number: number / BUCKETS)
UNITS = [f"user-{number}" for number in range(20_000)]


@given(st.text(max_size=20), st.text(min_size=1, max_size=40))
def test_a_unit_always_falls_into_the_same_bucket(seed: str, unit_id: str) -> None:
    bucket = bucket_of(seed, unit_id)
    assert 0 <= bucket < BUCKETS
    assert bucket == bucket_of(seed, unit_id) == round(position_of(seed, unit_id) * BUCKETS)


@given(WEIGHTS, COVERAGE, COVERAGE, BUCKET)
def test_growing_the_coverage_moves_nobody_who_is_in(
    weights: list[float], one: float, other: float, position: float
) -> None:
    small, large = sorted((one, other))
    before = choose(position, bucket_ranges(len(weights), small, weights))
    assert before in {None, choose(position, bucket_ranges(len(weights), large, weights))}


@given(WEIGHTS, COVERAGE)
def test_ranges_do_not_overlap_and_cover_what_they_should(weights: list[float], coverage: float) -> None:
    ranges = bucket_ranges(len(weights), coverage, weights)
    assert all(end <= start for (_, end), (start, _) in pairwise(ranges))
    assert sum(end - start for start, end in ranges) == pytest.approx(coverage)


@given(WEIGHTS, BUCKET)
def test_full_coverage_leaves_no_bucket_out(weights: list[float], position: float) -> None:
    number = choose(position, bucket_ranges(len(weights), 1, weights))
    assert number is not None
    assert weights[number] > 0


@pytest.mark.parametrize("seed", ["a", "checkout-button", "9f2c"])
def test_units_fill_the_buckets_evenly(seed: str) -> None:
    counts = Counter(bucket_of(seed, unit) * 100 // BUCKETS for unit in UNITS)
    assert stats.chisquare([counts[number] for number in range(100)]).pvalue > 0.001


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("a", "aa"), ("seed-1", "seed-2")])
def test_two_seeds_are_independent(one: str, other: str) -> None:
    """A single FNV-1a fails each of these: the second round takes away what the first leaves of the seed."""
    places = Counter((bucket_of(one, unit) * 10 // BUCKETS, bucket_of(other, unit) * 10 // BUCKETS) for unit in UNITS)
    table = [[places[row, column] for column in range(10)] for row in range(10)]
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_two_units_that_differ_in_the_last_character_are_independent() -> None:
    near = [(bucket_of("s", f"{unit}a"), bucket_of("s", f"{unit}b")) for unit in UNITS]
    places = Counter((one * 10 // BUCKETS, other * 10 // BUCKETS) for one, other in near)
    table = [[places[row, column] for column in range(10)] for row in range(10)]
    assert stats.chi2_contingency(table).pvalue > 0.001
