"""Units and detectable differences against statsmodels, known values, and the laws that they keep."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.power import NormalIndPower, normal_sample_size_one_tail

from fairsplit.domain.stats import power
from fairsplit.domain.stats.sequential import multiplier

ALPHAS, POWERS = st.floats(1e-6, 0.5), st.floats(0.3, 0.9999)
SPREADS = st.floats(1e-3, 1e9)


def of_means(effect: float, *, alpha: float = 0.05, chance: float = 0.8, ratio: float = 1.0) -> float:
    """n of the control for two means that are so many standard deviations apart."""
    return power.units_of_control(power.of_mean(1.0, 1.0, effect, ratio=ratio), alpha=alpha, power=chance)


def of_conversions(baseline: float, difference: float, *, alpha: float = 0.05, chance: float = 0.8) -> float:
    return power.units_of_conversion(baseline, difference, alpha=alpha, power=chance)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.2])
@pytest.mark.parametrize("chance", [0.6, 0.8, 0.99])
@pytest.mark.parametrize("ratio", [0.25, 1.0, 3.0])
def test_units_for_a_mean_are_statsmodels(alpha: float, chance: float, ratio: float) -> None:
    units = of_means(0.02, alpha=alpha, chance=chance, ratio=ratio)
    reached = NormalIndPower().power(0.02, units, alpha / 2, ratio=ratio, alternative="larger")
    assert reached == pytest.approx(chance, rel=1e-12)


@pytest.mark.parametrize(
    ("effect", "alpha", "chance", "known"),
    [(0.2, 0.05, 0.8, 392.4), (0.5, 0.05, 0.8, 62.8), (0.5, 0.05, 0.9, 84.1), (0.8, 0.01, 0.8, 36.5)],
)
def test_units_for_a_mean_have_their_known_values(effect: float, alpha: float, chance: float, known: float) -> None:
    assert of_means(effect, alpha=alpha, chance=chance) == pytest.approx(known, abs=0.05)


def test_both_variances_count_by_their_share() -> None:
    spread = power.of_mean(3.0, 8.0, -0.5, ratio=4.0)
    assert spread == (3.0 + 8.0 / 4) / 0.25


@pytest.mark.parametrize("chance", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("alpha", [0.01, 0.1])
@pytest.mark.parametrize(
    ("baseline", "difference"), [(0.2, 0.05), (0.2, -0.05), (0.01, 0.002), (0.8, 0.05), (0.5, 0.3)]
)
def test_units_for_a_conversion_are_statsmodels(
    baseline: float, difference: float, alpha: float, chance: float
) -> None:
    other = baseline + difference
    variance = baseline * (1 - baseline)
    exact = normal_sample_size_one_tail(
        difference,
        chance,
        alpha / 2,
        std_null=math.sqrt(2 * variance),
        std_alternative=math.sqrt(variance + other * (1 - other)),
    )
    assert of_conversions(baseline, difference, alpha=alpha, chance=chance) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(
    ("baseline", "difference", "shown"),
    [(0.2, 0.05, 1_030), (0.2, 0.01, 25_255), (0.1, 0.02, 3_623), (0.05, 0.005, 30_244)],
)
def test_units_for_a_conversion_are_those_of_evan_millers_page(baseline: float, difference: float, shown: int) -> None:
    assert round(of_conversions(baseline, difference)) == shown


def test_the_known_case_is_kept_as_a_fraction() -> None:
    assert of_conversions(0.2, 0.05) == pytest.approx(1_030.2, abs=0.05)


@given(st.floats(0.01, 0.98), st.floats(-0.9, 0.9))
def test_a_rate_and_its_complement_need_the_same(baseline: float, share: float) -> None:
    difference = share * (1 - baseline if share > 0 else baseline)
    if abs(difference) > 1e-6:
        mirrored = of_conversions(1 - baseline, -difference)
        assert of_conversions(baseline, difference) == pytest.approx(mirrored, rel=1e-6)


def test_sides_of_unequal_size_find_a_conversion_as_a_mean_of_equal_variances() -> None:
    variance = 0.3 * 0.7
    spread = power.of_mean(variance, variance, 1e-6, ratio=3.0)
    mean = power.units_of_control(spread, alpha=0.05, power=0.8)
    conversion = power.units_of_conversion(0.3, 1e-6, alpha=0.05, power=0.8, ratio=3.0)
    assert conversion == pytest.approx(mean, rel=1e-4)


@given(ALPHAS, POWERS, SPREADS)
def test_more_power_and_less_alpha_need_more_units(alpha: float, chance: float, spread: float) -> None:
    units = power.units_of_control(spread, alpha=alpha, power=chance)
    assert power.units_of_control(spread, alpha=alpha, power=chance + (1 - chance) / 2) > units
    assert power.units_of_control(spread, alpha=alpha / 2, power=chance) > units
    assert power.units_of_control(spread * 1.01, alpha=alpha, power=chance) > units


@given(ALPHAS, POWERS, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_units_and_the_detectable_difference_undo_each_other(
    alpha: float, chance: float, control: float, treatment: float, difference: float
) -> None:
    units = power.units_of_control(power.of_mean(control, treatment, difference, ratio=2.0), alpha=alpha, power=chance)
    variance = control / units + treatment / (2 * units)
    assert power.detectable(variance, alpha=alpha, power=chance) == pytest.approx(difference, rel=1e-9)


def test_a_pre_period_saves_the_square_of_its_correlation() -> None:
    assert power.with_cuped(1_000.0, 0.6) == pytest.approx(640)


@pytest.mark.parametrize("expected_units", [100.0, 5_000.0, 1e7])
@pytest.mark.parametrize("effect", [2.0, 0.1, 0.003])
def test_a_sequence_needs_what_its_multiplier_says(expected_units: float, effect: float) -> None:
    spread = power.of_mean(1.0, 1.0, effect)

    def units_with(critical: float) -> float:
        return power.units_of_control(spread, alpha=0.05, power=0.8, critical=critical)

    def missing(n: float) -> float:
        critical = multiplier(2 * n, 0.05, expected_units)
        return (critical + float(norm.ppf(0.8))) ** 2 * spread - n

    found = power.at_any_time(units_with, alpha=0.05, expected_units=expected_units, units_in_all=2.0)
    assert found == pytest.approx(brentq(missing, 1e-9, 1e12, xtol=1e-12, rtol=1e-14), rel=1e-8)
    assert found
    assert found > of_means(effect)


def test_a_sequence_that_no_number_is_enough_for_has_none() -> None:
    def units_with(critical: float) -> float:
        return 1e30 * critical

    assert power.at_any_time(units_with, alpha=0.05, expected_units=5_000, units_in_all=2.0) is None


@pytest.mark.parametrize("chance", [5e-324, 1e-9, 0.02])
def test_a_power_that_comes_without_data_takes_no_units(chance: float) -> None:
    assert of_means(0.1, chance=chance) == of_conversions(0.2, 0.05, chance=chance) == 0
    assert power.detectable(1.0, alpha=0.05, power=chance) == 0


@given(
    st.floats(0, 1, exclude_min=True, exclude_max=True),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
    st.floats(allow_nan=False, allow_infinity=False).filter(bool),
    st.floats(0, exclude_min=True, allow_infinity=False),
)
def test_any_question_has_a_number(alpha: float, chance: float, difference: float, variance: float) -> None:
    spread = power.of_mean(variance, variance, difference)
    assert power.units_of_control(spread, alpha=alpha, power=chance) >= 0 or spread == math.inf
    assert power.detectable(variance, alpha=alpha, power=chance) >= 0
