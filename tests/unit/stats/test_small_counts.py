"""Few conversions: the exact test and the score interval, against other libraries and against what they promise."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from fairsplit.domain.stats import small_counts
from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.stats.small_counts import expected_least, fisher_mid_p, newcombe, wilson

TABLES = [(10, 12, 0, 3), (200, 1_800, 5, 20), (1_000, 1_000, 0, 5), (50, 50, 49, 50), (7, 900, 7, 2), (30, 40, 1, 1)]


def conversions(units: int, converted: int) -> Sample:
    return Sample(units, converted, converted, 1)


def mid_p_by_scipy(na: int, nb: int, a: int, b: int) -> float:
    tables = hypergeom(na + nb, a + b, na)
    weights = [tables.pmf(k) for k in range(max(0, a + b - nb), min(a + b, na) + 1)]
    mine = tables.pmf(a)
    return math.fsum(one if one < mine * (1 - 1e-7) else 0.5 * one for one in weights if one <= mine * (1 + 1e-7))


@pytest.mark.parametrize(("na", "nb", "a", "b"), TABLES)
def test_mid_p_is_that_of_scipys_hypergeometric_distribution(na: int, nb: int, a: int, b: int) -> None:
    assert fisher_mid_p((na, nb), (a, b)) == pytest.approx(mid_p_by_scipy(na, nb, a, b), rel=1e-9)


@pytest.mark.parametrize(("na", "nb", "a", "b"), TABLES)
def test_the_interval_is_statsmodels_newcombe(na: int, nb: int, a: int, b: int) -> None:
    theirs = confint_proportions_2indep(b, nb, a, na, method="newcomb", compare="diff", alpha=0.05)
    assert newcombe((na, nb), (a, b), 0.05) == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("units", "converted"), [(10, 0), (10, 10), (1_000, 3), (7, 4)])
def test_the_interval_of_one_rate_is_statsmodels_wilson(units: int, converted: int) -> None:
    theirs = proportion_confint(converted, units, alpha=0.1, method="wilson")
    assert wilson(units, converted, 0.1) == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def test_far_in_the_tail_nothing_is_lost() -> None:
    assert 0 < fisher_mid_p((200, 10_000), (150, 0)) < 1e-250


def test_a_million_conversions_among_a_trillion_units_take_as_many_tables_as_a_few() -> None:
    units = (10**12 - 10**6, 10**6)
    assert len(small_counts._log_weights(units, 4 * 10**6)) < 300
    assert fisher_mid_p(units, (4 * 10**6 - 5, 5)) == pytest.approx(2 * 0.293, abs=0.06)  # Poisson's, of a mean of 4
    assert fisher_mid_p(units, (3 * 10**6, 10**6)) == 0


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_both_orders_of_the_variants_say_the_same(na: int, nb: int, data: st.DataObject) -> None:
    a, b = data.draw(st.integers(0, na)), data.draw(st.integers(0, nb))
    low, high = newcombe((na, nb), (a, b), 0.05)
    assert fisher_mid_p((nb, na), (b, a)) == pytest.approx(fisher_mid_p((na, nb), (a, b)))
    assert newcombe((nb, na), (b, a), 0.05) == pytest.approx((-high, -low))
    assert low <= b / nb - a / na <= high


def test_false_findings_at_one_percent_of_200_and_1800_units_stay_below_the_level() -> None:
    """Enumerated, not drawn: Welch alone has more than 13 %."""
    by_rule = by_welch = 0.0
    for a, b in product(range(13), range(50)):
        chance = binom.pmf(a, 200, 0.01) * binom.pmf(b, 1_800, 0.01)
        found = compare(conversions(200, a), conversions(1_800, b), kind="conversion", plan=Plan())
        by_rule += chance * ((found.p_value or 1) < 0.05)
        by_welch += chance * ((found.absolute.p_value or 1) < 0.05)
    assert by_welch > 0.13
    assert by_rule == pytest.approx(0.044, abs=0.003)


@pytest.mark.parametrize(
    ("units", "converted", "least"), [((100, 100), (3, 7), 5), ((100, 300), (3, 7), 2.5), ((100, 100), (97, 95), 4)]
)
def test_the_least_expected_count_is_that_of_the_smaller_variant(
    units: tuple[int, int], converted: tuple[int, int], least: float
) -> None:
    assert expected_least(units, converted) == least


def test_the_exact_test_stands_beside_welchs_and_decides_only_where_counts_are_small() -> None:
    few = compare(conversions(100, 1), conversions(100, 8), kind="conversion", plan=Plan())
    many = compare(conversions(100, 2), conversions(100, 8), kind="conversion", plan=Plan())
    assert few.exact is not None
    assert few.p_value == few.exact.p_value != few.absolute.p_value
    assert few.notes[-1].code == "few_conversions"
    assert (many.exact, many.p_value) == (None, many.absolute.p_value)


@pytest.mark.parametrize(("a", "b"), [((0, 0), (10, 1)), ((10, 0), (10, 0)), ((10, 10), (10, 10))])
def test_where_nothing_can_be_told_there_is_no_exact_test(a: tuple[int, int], b: tuple[int, int]) -> None:
    assert compare(conversions(*a), conversions(*b), kind="conversion", plan=Plan()).exact is None


def test_counts_and_means_have_no_exact_test() -> None:
    assert compare(conversions(10, 1), conversions(10, 3), kind="count", plan=Plan()).exact is None
