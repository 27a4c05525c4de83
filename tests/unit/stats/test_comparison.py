"""Comparisons against scipy on raw rows, and where a number is refused."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fairsplit.domain.stats.comparison import compare, describe
from fairsplit.domain.stats.contrast import contrast
from fairsplit.domain.stats.estimates import of_mean
from fairsplit.domain.stats.lift import fieller
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sample import ImpossibleSumsError, Sample
from tests.unit.stats.making import sample_of

VALUES = st.lists(st.integers(-(10**7), 10**7).map(lambda value: value / 10_000), min_size=2, max_size=30)


def test_welch_equals_scipy_on_the_raw_rows() -> None:
    generator = random.Random(1)
    a = [round(generator.gauss(10, 3), 4) for _ in range(400)]
    b = [round(generator.gauss(10.4, 5), 4) for _ in range(333)]
    ours = compare(sample_of(a), sample_of(b), kind="mean", plan=Plan()).absolute
    theirs = stats.ttest_ind(b, a, equal_var=False)
    assert ours.ci is not None
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.df == pytest.approx(theirs.df, rel=1e-9)
    assert list(ours.ci) == pytest.approx(list(theirs.confidence_interval()), rel=1e-9)


def test_a_mean_of_1e9_with_a_spread_of_1_is_exact() -> None:
    generator = random.Random(2)
    small = [round(generator.gauss(0, 1), 4) for _ in range(5000)]
    near, far = sample_of(small), sample_of([1_000_000_000 + value for value in small])
    assert far.variance == near.variance


def test_a_difference_of_large_means_is_exact() -> None:
    a, b = sample_of([1e9, 1e9 + 2]), sample_of([1e9 + 0.0001, 1e9 + 2.0001])
    assert compare(a, b, kind="mean", plan=Plan()).absolute.estimate == 0.0001


def test_one_arm_without_variance_has_an_answer() -> None:
    control, treatment = sample_of([0] * 1000), sample_of([1] * 5 + [0] * 995)
    ours = compare(control, treatment, kind="conversion", plan=Plan())
    assert ours.absolute.df == pytest.approx(999)
    assert ours.absolute.p_value == pytest.approx(stats.ttest_1samp([1] * 5 + [0] * 995, 0).pvalue, rel=1e-9)
    assert ours.relative.estimate is None
    assert [note.code for note in ours.notes] == ["control_mean_zero", "few_conversions"]


@pytest.mark.parametrize(
    ("a", "b", "code"),
    [([], [1, 2], "no_units"), ([1], [1, 2], "too_few_units"), ([2, 2], [2, 2], "no_variance")],
)
def test_a_number_that_would_be_made_up_is_refused_with_a_code(a: list[float], b: list[float], code: str) -> None:
    ours = compare(sample_of(a), sample_of(b), kind="mean", plan=Plan())
    assert ours.absolute.p_value is None
    assert ours.absolute.ci is None
    assert code in [note.code for note in ours.notes]


@pytest.mark.parametrize(
    ("values", "code"), [([], "no_units"), ([1], "too_few_units"), ([0, 0], "no_variance"), ([3, 3, 3], "no_variance")]
)
def test_a_variants_own_interval_is_refused_where_nothing_tells_its_width(values: list[float], code: str) -> None:
    ours = describe(sample_of(values), kind="mean", alpha=0.05)
    assert ours.ci is None
    assert [note.code for note in ours.notes] == [code]


def test_a_control_mean_near_zero_keeps_the_estimate_and_refuses_the_interval() -> None:
    ours = compare(sample_of([-1, 1, 0.1]), sample_of([1, 2, 3]), kind="mean", plan=Plan()).relative
    assert ours.estimate is not None
    assert ours.ci is None
    assert [note.code for note in ours.notes] == ["lift_not_estimable"]


@given(VALUES, VALUES)
def test_the_lift_leaves_out_0_just_when_the_difference_does(a: list[float], b: list[float]) -> None:
    ours = compare(sample_of(a), sample_of(b), kind="mean", plan=Plan())
    if ours.relative.ci and ours.absolute.ci and abs((ours.absolute.p_value or 1) - 0.05) > 1e-6:
        assert (ours.relative.ci[0] <= 0 <= ours.relative.ci[1]) == (ours.absolute.ci[0] <= 0 <= ours.absolute.ci[1])


@given(VALUES, VALUES)
def test_the_ends_of_the_lift_solve_fiellers_equation(a: list[float], b: list[float]) -> None:
    one, other = sample_of(a), sample_of(b)
    va, vb = (one.variance or 0) / one.units, (other.variance or 0) / other.units
    mean, delta, c = one.mean or 0, (other.mean or 0) - (one.mean or 0), 2.0
    for bound in fieller(contrast(of_mean(one), of_mean(other)), c) or ():
        signed = bound if mean > 0 else -bound
        gap = (delta - signed * mean) ** 2
        assert gap == pytest.approx(c * c * (vb + (1 + signed) ** 2 * va), rel=1e-6, abs=1e-9)


def test_a_ratio_follows_the_delta_method() -> None:
    generator = random.Random(3)
    below = [float(generator.randint(1, 9)) for _ in range(500)]
    above = [round(one * generator.gauss(2, 0.5), 4) for one in below]
    ratio = sum(above) / sum(below)
    n, mean_below = len(below), sum(below) / len(below)
    residuals = [(y - ratio * x) / mean_below for y, x in zip(above, below, strict=True)]
    expected = sum(one * one for one in residuals) / (n - 1)
    ours = describe(sample_of(above, below), kind="ratio", alpha=0.05)
    assert ours.mean == pytest.approx(ratio, rel=1e-12)
    assert ours.variance == pytest.approx(expected, rel=1e-9)


def test_a_ratio_without_a_denominator_is_refused() -> None:
    ours = compare(sample_of([1, 2], [0, 0]), sample_of([1, 2], [1, 1]), kind="ratio", plan=Plan())
    assert ours.absolute.estimate is None
    assert [note.code for note in ours.notes] == ["no_denominator"]


@pytest.mark.parametrize(
    "sums",
    [
        {"units": 2, "sum": 10, "sum_of_squares": 49},
        {"units": -1, "sum": 0, "sum_of_squares": 0},
        {"units": 0, "sum": 0, "sum_of_squares": 1},
        {"units": 0, "sum": 0, "sum_of_squares": 0, "pre_sum_of_squares": 1},
        {"units": 4, "sum": 2, "sum_of_squares": 2, "pre_sum": 3, "pre_sum_of_squares": 3},  # 1 of 4 has neither
        {"units": 4, "sum": 2, "sum_of_squares": 2, "denominator_sum": 3, "denominator_sum_of_squares": 3},
    ],
)
def test_sums_that_no_data_can_have_are_refused(sums: dict[str, int]) -> None:
    with pytest.raises(ImpossibleSumsError):
        Sample(**sums)


@given(VALUES, VALUES)
def test_sums_add(a: list[float], b: list[float]) -> None:
    assert sample_of(a) + sample_of(b) == sample_of([*a, *b])
