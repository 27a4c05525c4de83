"""Group-sequential bounds: against published ones, against multivariate normal probabilities, and by simulation."""

from __future__ import annotations

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import multivariate_normal

from fairsplit.domain.stats import group_sequential, spending
from fairsplit.domain.stats.group_sequential import (
    SMALLEST_STEP,
    Curve,
    bounds,
    counted_looks,
    critical_value,
    curve_of,
    repeated_p,
)
from fairsplit.domain.stats.kernel import normal_density, normal_quantile, normal_tail
from fairsplit.domain.stats.spending import gauss_legendre, spending_bounds, spent

UNEVEN = [(0.5, 1.0), (0.1, 0.35, 0.5, 1.0), (0.3, 0.32, 0.9), (0.2, 0.4, 0.6, 0.8, 1.0)]
LEVELS = st.one_of(st.floats(0.001, 0.5), st.floats(-30, -0.1).map(lambda power: 10**power))
FEW_LOOKS = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=4).map(lambda many: counted_looks(tuple(sorted(many))))
SIZES = st.one_of(st.floats(0, 6), st.floats(0, 45))


def even(number: int) -> tuple[float, ...]:
    return tuple(look / number for look in range(1, number + 1))


def never_crossed(fractions: tuple[float, ...], limits: list[float]) -> float:
    """The chance that |z| stays within all limits where there is no effect, by SciPy."""
    covariance = [[math.sqrt(min(s, t) / max(s, t)) for s in fractions] for t in fractions]
    law = multivariate_normal(
        mean=[0.0] * len(limits), cov=covariance, abseps=1e-8, releps=1e-8, maxpts=2_000_000, seed=1
    )
    return float(law.cdf(limits, lower_limit=[-limit for limit in limits]))


@pytest.mark.parametrize(
    ("number", "published"),
    [
        (2, [2.963, 1.969]),
        (3, [3.710, 2.511, 1.993]),
        (4, [4.333, 2.963, 2.359, 2.014]),
        (5, [4.877, 3.357, 2.680, 2.290, 2.031]),
    ],
)
def test_bounds_of_even_looks_are_the_published_ones(number: int, published: list[float]) -> None:
    """Those of Lan & DeMets' O'Brien–Fleming type at 5 %, two-sided, as in Reboussin, DeMets, Kim & Lan (2000)."""
    assert bounds(even(number), 0.05) == pytest.approx(published, abs=6e-4)


def test_bounds_of_four_looks_are_those_of_another_program() -> None:
    """PharmCat's SeqBounds.jl prints them for a one-sided test at 5 %, with the coarse grid that it has by default."""
    assert bounds(even(4), 0.1) == pytest.approx([3.74955, 2.53993, 2.01604, 1.72014], abs=1e-4)


@pytest.mark.parametrize("number", [2, 5, 14, 100])
def test_bounds_of_even_looks_fall_and_stay_above_one_looks(number: int) -> None:
    limits = bounds(even(number), 0.05)
    assert limits == sorted(limits, reverse=True)
    assert normal_quantile(0.025) < limits[-1]
    assert limits[0] < spending.FARTHEST


@pytest.mark.parametrize("fractions", UNEVEN)
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
def test_each_look_spends_just_what_it_may(fractions: tuple[float, ...], alpha: float) -> None:
    limits = bounds(fractions, alpha)
    for look, fraction in enumerate(fractions, start=1):
        crossed = 1 - never_crossed(fractions[:look], limits[:look])
        assert crossed == pytest.approx(2 * spent(fraction, alpha), abs=1e-5)  # SciPy's points are random


@pytest.mark.parametrize("before", [0.5, 0.9, 0.99, 0.999, 0.9999, 1 - 1e-6, 1 - 1e-9])
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3])
def test_a_last_step_however_short_spends_what_is_left(before: float, alpha: float) -> None:
    """Against SciPy's adaptive quadrature, to six digits of the little that is spent."""
    first, last = bounds((before, 1.0), alpha)
    sd, edge = math.sqrt(1 - before), first * math.sqrt(before)
    crossed, _ = quad(
        lambda steps: normal_density((edge - steps * sd) / math.sqrt(before)) * normal_tail((last - edge) / sd + steps),
        0,
        min(2 * edge / sd, 40),
        epsabs=0,
        epsrel=1e-10,
    )
    assert crossed * sd / math.sqrt(before) == pytest.approx(spent(1.0, alpha) - spent(before, alpha), rel=1e-6)


def test_at_the_end_all_of_alpha_is_spent() -> None:
    for alpha in (0.001, 0.05, 0.5):
        assert 2 * spent(1.0, alpha) == pytest.approx(alpha, rel=1e-12)


@pytest.mark.parametrize("z", [0.0, 0.3, 1.0, 1.96, 4.0, 7.0])
def test_one_look_at_the_end_is_the_usual_test(z: float) -> None:
    assert critical_value((1.0,), 0, 0.05) == pytest.approx(normal_quantile(0.025), rel=1e-9)
    assert repeated_p((1.0,), 0, z) == pytest.approx(2 * normal_tail(z), rel=1e-9)


@settings(max_examples=80, deadline=None)
@given(FEW_LOOKS, LEVELS, SIZES, st.data())
def test_p_is_below_alpha_just_when_the_bound_is_crossed(
    fractions: tuple[float, ...], alpha: float, z: float, data: st.DataObject
) -> None:
    look = data.draw(st.integers(0, len(fractions) - 1))
    limit, p_value = critical_value(fractions, look, alpha), repeated_p(fractions, look, z)
    assert 0 < p_value <= 1
    if abs(z - limit) > 1e-9:
        assert (p_value < alpha) == (z > limit)
    assert repeated_p(fractions, look, -z) == p_value


@pytest.mark.parametrize("fractions", [(0.05, 0.5), *UNEVEN])
@pytest.mark.parametrize("alpha", [1e-12, 1e-16, 1e-100, 1e-290])
def test_so_it_is_for_an_alpha_that_no_integration_reaches(fractions: tuple[float, ...], alpha: float) -> None:
    for look in range(len(fractions)):
        limit = critical_value(fractions, look, alpha)
        assert 0.999 * normal_quantile(alpha / 2) <= limit <= spending.FARTHEST
        assert repeated_p(fractions, look, limit * 0.999) > alpha
        assert limit == spending.FARTHEST or repeated_p(fractions, look, limit * 1.001) < alpha


@settings(max_examples=60, deadline=None)
@given(FEW_LOOKS, SIZES, st.floats(0.01, 1))
def test_more_evidence_has_a_smaller_p(fractions: tuple[float, ...], z: float, more: float) -> None:
    for look in range(len(fractions)):
        assert repeated_p(fractions, look, z + more) <= repeated_p(fractions, look, z)


@pytest.mark.parametrize("fractions", [(0.01, 0.02, 1.0), (0.02, 0.5, 1.0), (0.5, 0.999999, 1.0), even(14)])
def test_a_smaller_alpha_never_has_a_smaller_bound(fractions: tuple[float, ...]) -> None:
    for look in range(len(fractions)):
        limits = [curve_of(fractions).bound(look, number / 100) for number in range(1_200)]
        assert limits == sorted(limits)


@pytest.mark.parametrize("fractions", [*UNEVEN, even(14), (0.5, 0.9999, 1.0)])
@pytest.mark.parametrize(("alpha", "off"), [(1e-5, 1e-4), (0.001, 1e-6), (0.0123, 1e-6), (0.05, 1e-6), (0.2, 1e-5)])
def test_the_curve_between_its_nodes_is_the_bound(fractions: tuple[float, ...], alpha: float, off: float) -> None:
    for look, limit in enumerate(bounds(fractions, alpha)):
        if limit < 8:
            assert critical_value(fractions, look, alpha) == pytest.approx(limit, abs=off)


def test_a_repeated_p_is_never_below_the_one_of_a_single_look() -> None:
    for z in (0.5, 2.0, 3.5):
        assert repeated_p(even(5), 4, z) > 2 * normal_tail(z)
        assert repeated_p(even(5), 1, z) > repeated_p(even(5), 4, z)


def test_a_huge_effect_has_a_small_p_and_no_error() -> None:
    assert 0 < repeated_p(even(5), 4, 1e6) < 1e-290
    assert 2 * normal_tail(10) < repeated_p(even(5), 4, 10) < 2 * normal_tail(9.9)
    assert bounds((1e-2, 1.0), 1e-9)[0] == spending.FARTHEST


@pytest.mark.parametrize(
    ("given_looks", "counted"),
    [
        ((), ()),
        ((0.001,), ()),
        ((0.2, 0.2, 0.205, 0.21), (0.2, 0.21)),
        ((0.5, 1.3, 1.6), (0.5, 1.0)),
        ((0.5, 0.999, 1.0, 1.0), (0.5, 0.999, 1.0)),
        ((1.0,), (1.0,)),
    ],
)
def test_looks_that_bring_nothing_or_come_too_late_do_not_count(
    given_looks: tuple[float, ...], counted: tuple[float, ...]
) -> None:
    assert counted_looks(given_looks) == counted


def test_a_hundred_looks_of_one_percent_all_count() -> None:
    assert len(counted_looks(even(100))) == 100
    assert len(counted_looks(tuple(number / 1_000 for number in range(1, 1_001)))) <= 1 / SMALLEST_STEP


def test_fourteen_looks_keep_the_error_and_nearly_all_power() -> None:
    """Where one look at the end finds an effect in 63.6 % of experiments, fourteen find it in 61.7 %."""
    limits = np.array(bounds(even(14), 0.05))
    generator = np.random.default_rng(14)
    steps = generator.normal(size=(200_000, 14)) / math.sqrt(14)
    times = np.array(even(14))
    for drift, once, expected in ((0.0, 0.05, 0.05), (1.959964 + 0.3478, 0.636, 0.617)):
        z = (np.cumsum(steps, axis=1) + drift * times) / np.sqrt(times)
        assert (np.abs(z[:, -1]) > 1.959964).mean() == pytest.approx(once, abs=0.003)
        assert (np.abs(z) > limits).any(axis=1).mean() == pytest.approx(expected, abs=0.003)


@pytest.mark.parametrize("number", [7, 14, 100])
def test_five_percent_more_units_make_up_for_the_looks(number: int) -> None:
    """An experiment that one look would give a power of 80 %, planned with 5 % more units and looked at so often."""
    times, limits = np.array(even(number)), np.array(bounds(even(number), 0.05))
    steps = np.random.default_rng(number).normal(size=(60_000, number)) / math.sqrt(number)
    drift = (normal_quantile(0.025) + normal_quantile(0.2)) * math.sqrt(1.05)
    z = (np.cumsum(steps, axis=1) + drift * times) / np.sqrt(times)
    assert 0.8 < (np.abs(z) > limits).any(axis=1).mean() < 0.82


def test_the_curve_is_made_once_for_all_p_values() -> None:
    curve_of.cache_clear()
    with patch.object(group_sequential, "spending_bounds", wraps=spending_bounds) as made:
        for number in range(60):
            repeated_p(even(14), 13, number / 20)
        assert made.call_count <= group_sequential.MOST_NODES
        first = made.call_count
        repeated_p(even(14), 6, 1.234)
        assert made.call_count - first <= group_sequential.MOST_NODES - first


@pytest.mark.parametrize("fractions", [(1.0,), (0.05, 0.06, 1.0), even(14)])
def test_a_p_value_is_found_in_few_steps(fractions: tuple[float, ...]) -> None:
    bound, asked = Curve.bound, 0

    def counted(curve: Curve, look: int, quantile: float) -> float:
        nonlocal asked
        asked += 1
        return bound(curve, look, quantile)

    with patch.object(Curve, "bound", counted):
        for look in range(len(fractions)):
            for z in (0.0, 0.01, 0.5, 1.0, 1.96, 2.5, 4.0, 7.0, 12.0, 40.0):
                asked = 0
                repeated_p(fractions, look, z)
                assert asked <= 20, (look, z)


def test_no_density_is_made_behind_the_last_look() -> None:
    with patch.object(spending, "_beyond", wraps=spending._beyond) as made:
        bounds((0.5, 0.999999, 1.0), 0.05)
    assert made.call_count == 2


@pytest.mark.parametrize(("number", "most"), [(5, 10_000), (14, 30_000), (100, 250_000)])
def test_bounds_cost_few_values_of_the_normal_distribution(number: int, most: int) -> None:
    """All exponentials and tails: what bounds of one alpha take their time for."""
    with (
        patch.object(math, "exp", wraps=math.exp) as exponentials,
        patch.object(spending, "normal_tail", wraps=normal_tail) as tails,
    ):
        bounds(even(number), 0.05)
    assert most / 3 < exponentials.call_count + tails.call_count < most


def test_a_bound_is_found_in_few_steps() -> None:
    with patch.object(spending, "_crossing", wraps=spending._crossing) as asked:
        bounds(even(100), 0.05)
    assert asked.call_count <= 3 * 99


@pytest.mark.parametrize("size", [8, 24, 64])
def test_the_quadrature_is_numpys(size: int) -> None:
    nodes, weights = np.polynomial.legendre.leggauss(size)
    assert gauss_legendre(size)[0] == pytest.approx(list(nodes), abs=1e-14)
    assert gauss_legendre(size)[1] == pytest.approx(list(weights), rel=1e-11)
