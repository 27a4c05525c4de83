"""Sample ratio mismatch and corrections for many comparisons."""

from __future__ import annotations

import math
import random

import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from fairsplit.domain.stats.correction import adjust
from fairsplit.domain.stats.srm import ratio_mismatch

HALF = {"a": 50, "b": 50}


def test_the_known_case_of_a_hidden_mismatch_is_flagged() -> None:
    found = ratio_mismatch({"a": 821_588, "b": 815_482}, HALF)
    assert found.p_value == pytest.approx(1.8e-6, rel=0.02)
    assert found.flagged


def test_chi_square_equals_scipy() -> None:
    found = ratio_mismatch({"a": 480, "b": 260, "c": 260}, {"a": 50, "b": 25, "c": 25})
    assert found.p_value == pytest.approx(stats.chisquare([480, 260, 260], [500, 250, 250]).pvalue, rel=1e-12)
    assert found.expected == {"a": 500, "b": 250, "c": 250}


def test_a_unit_where_the_weight_is_0_flags() -> None:
    assert ratio_mismatch({"a": 10, "b": 10, "c": 1}, HALF | {"c": 0}).flagged


@pytest.mark.parametrize("weight", [1e-300, 5e-324, 1e-11])
def test_a_weight_next_to_0_is_as_0(weight: float) -> None:
    found = ratio_mismatch({"a": 10, "b": 10, "c": 1}, HALF | {"c": weight})
    assert found == ratio_mismatch({"a": 10, "b": 10, "c": 1}, HALF | {"c": 0})


def test_without_units_there_is_no_p_value() -> None:
    found = ratio_mismatch({}, HALF)
    assert (found.p_value, found.sequential_p_value, found.flagged, found.alert) == (None, None, False, False)


@pytest.mark.parametrize(
    ("units", "shares"),
    [((5_200, 4_800), (0.5, 0.5)), ((700, 350, 250), (0.5, 0.3, 0.2)), ((90, 20), (0.9, 0.1)), ((60, 60), (0.4, 0.6))],
)
def test_the_sequential_p_value_is_one_over_the_bayes_factor_of_scipys_distributions(
    units: tuple[int, ...], shares: tuple[float, ...]
) -> None:
    n = sum(units)
    spread_out = stats.dirichlet_multinomial.logpmf(units, [100 * share for share in shares], n)
    as_planned = stats.multinomial.logpmf(units, n, shares)
    found = ratio_mismatch(dict(zip("abc", units, strict=False)), dict(zip("abc", shares, strict=False)))
    assert found.sequential_p_value == pytest.approx(min(1.0, math.exp(as_planned - spread_out)), rel=1e-8)


def test_a_fair_split_is_not_alerted_although_looked_at_after_each_thousand() -> None:
    generator = random.Random(5)
    units = {"a": 0, "b": 0}
    for _ in range(100):
        for _ in range(1000):
            units["a" if generator.random() < 0.5 else "b"] += 1
        assert not ratio_mismatch(units, HALF).alert


def test_an_unfair_split_is_alerted() -> None:
    assert ratio_mismatch({"a": 5_500, "b": 4_500}, HALF).alert


@pytest.mark.parametrize(("ours", "theirs"), [("holm", "holm"), ("bh", "fdr_bh")])
def test_corrections_equal_statsmodels(ours: str, theirs: str) -> None:
    p_values = [0.04, 0.001, 0.03, 0.5, 0.011, 0.03]
    assert adjust(ours, p_values) == pytest.approx(list(multipletests(p_values, method=theirs)[1]), rel=1e-12)


@pytest.mark.parametrize("method", ["none", "holm", "bh"])
def test_no_adjusted_p_value_is_below_the_p_value(method: str) -> None:
    generator = random.Random(6)
    for _ in range(1_000):
        p_values = [generator.random() for _ in range(7)]
        adjusted = [p or 0.0 for p in adjust(method, p_values)]
        assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))


def test_what_has_no_p_value_takes_no_part() -> None:
    assert adjust("holm", [0.02, None, 0.03]) == [0.04, None, 0.04]
    assert adjust("none", [0.02, None]) == [0.02, None]
