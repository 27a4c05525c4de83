"""Normal posteriors against gbstats and mpmath; chances to be the best against closed forms and scipy's quadrature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.models.statistics import SampleMeanStatistic
from gbstats.models.tests import BaseABTest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from fairsplit.domain.stats.bayes import Posterior, Prior, chances_to_be_best, posterior
from fairsplit.domain.stats.beliefs import believe
from fairsplit.domain.stats.best import RULE, Candidate, chances_to_be_greatest
from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.contrast import contrast
from fairsplit.domain.stats.estimates import of_mean
from fairsplit.domain.stats.plan import Plan
from tests.unit.stats.making import sample_of

CONTROL = [1.0, 2.5, 0.0, 4.0, 3.25, 1.75, 0.5, 2.0]
TREATMENT = [2.0, 3.5, 0.25, 4.5, 1.0, 3.0]
Z = [-30.0, -3.0, -0.5, 0.0, 0.7, 3.9, 4.1, 8.3, 17.3, 26.9, 34.1, 36.7]


def of_gbstats(prior: Prior, *, inverse: bool) -> EffectBayesianABTest:
    control, treatment = (
        SampleMeanStatistic(n=len(values), sum=sum(values), sum_squares=sum(value * value for value in values))
        for values in (CONTROL, TREATMENT)
    )
    config = EffectBayesianConfig(
        difference_type="relative",
        inverse=inverse,
        alpha=0.1,
        prior_effect=GaussianPrior(mean=prior.mean, variance=prior.sd**2, proper=prior.proper),
    )
    test: BaseABTest = EffectBayesianABTest(control, treatment, config)
    return test


@pytest.mark.parametrize("prior", [Prior(), Prior(0.1, 0.05), Prior(-0.2, 2.0), Prior(proper=False)])
@pytest.mark.parametrize("direction", ["increase", "decrease"])
def test_a_posterior_of_the_lift_is_gbstats(prior: Prior, direction: str) -> None:
    oracle = of_gbstats(prior, inverse=direction == "decrease").compute_result()
    belief = believe(contrast(of_mean(sample_of(CONTROL)), of_mean(sample_of(TREATMENT))), prior)
    assert belief
    assert belief.lift.mean == pytest.approx(oracle.uplift.mean, rel=1e-12)
    assert belief.lift.sd == pytest.approx(oracle.uplift.stddev, rel=1e-12)
    assert belief.lift.interval(0.1) == pytest.approx(oracle.ci, rel=1e-10)
    assert belief.chance_to_win(direction) == pytest.approx(oracle.chance_to_win, rel=1e-10)
    assert belief.lift.expected_loss(direction) == pytest.approx(oracle.risk[1], rel=1e-8)


def test_precisions_add_up_and_means_are_weighted_by_them() -> None:
    found = posterior(0.2, 0.04, Prior(-0.1, 0.1))
    assert (found.mean, found.sd**2) == pytest.approx(((0.2 / 0.04 - 0.1 / 0.01) / 125, 1 / 125))


def test_an_improper_prior_leaves_the_data_alone() -> None:
    assert posterior(0.2, 0.04, Prior(5.0, 0.001, proper=False)) == Posterior(0.2, 0.2)


def test_a_scaled_prior_believes_the_same_of_the_difference() -> None:
    lift = posterior(0.25, 0.01, Prior(0.1, 0.3))
    difference = posterior(0.25 * 80, 0.01 * 80**2, Prior(0.1, 0.3).scaled(80))
    assert (difference.mean, difference.sd) == pytest.approx((lift.mean * 80, lift.sd * 80))
    assert Prior(proper=False).scaled(80).proper is False


@pytest.mark.parametrize("z", Z)
def test_chances_and_losses_keep_their_digits_in_the_far_tail(z: float) -> None:
    found = Posterior(z * 0.25, 0.25)
    with mp.workdps(60):
        above = mp.ncdf(mp.mpf(z))
        below = mp.ncdf(-mp.mpf(z))
        loss = (mp.npdf(z) - z * below) / 4
        gain = (mp.npdf(z) + z * above) / 4
    assert found.chance_above_zero == pytest.approx(float(above), rel=2e-13, abs=0)
    assert found.chance_below_zero == pytest.approx(float(below), rel=2e-13, abs=0)
    assert found.expected_loss("increase") == pytest.approx(float(loss), rel=1e-12, abs=0)
    assert found.expected_loss("decrease") == pytest.approx(float(gain), rel=1e-12, abs=0)


@given(st.floats(-1e200, 1e200), st.floats(1e-150, 1e150))
def test_a_loss_is_finite_and_never_negative(mean: float, sd: float) -> None:
    for direction in ("increase", "decrease"):
        assert 0 <= Posterior(mean, sd).expected_loss(direction) < math.inf


@pytest.mark.parametrize("sd", [0.6, 1.0, 5.0])
@pytest.mark.parametrize("mean", [-4.0, -0.3, 0.0, 1.1, 4.0])
def test_with_one_arm_it_is_the_chance_of_a_difference(mean: float, sd: float) -> None:
    arm = Posterior(mean, sd)
    rises, falls = (chances_to_be_best(0.3, [arm], direction) for direction in ("increase", "decrease"))
    assert rises == pytest.approx([arm.chance_below_zero, arm.chance_above_zero], abs=1e-13)
    assert falls == pytest.approx([arm.chance_above_zero, arm.chance_below_zero], abs=1e-13)


@pytest.mark.parametrize("others", range(1, 10))
def test_those_that_are_alike_have_the_same_chance(others: int) -> None:
    found = chances_to_be_best(2.0, [Posterior(0.0, 2.0)] * others, "increase")
    assert found == pytest.approx([1 / (others + 1)] * (others + 1), abs=1e-12)


def by_scipy(means: Sequence[float], sds: Sequence[float], number: int) -> float:
    """Cut where any of the distribution functions bends."""
    others = [other for other in range(len(means)) if other != number]

    def density(x: float) -> float:
        rivals = np.prod([norm.cdf(x, means[other], sds[other]) for other in others])
        return float(norm.pdf(x, means[number], sds[number]) * rivals)

    low, high = means[number] - 12 * sds[number], means[number] + 12 * sds[number]
    cuts = {means[one] + step * sds[one] for one in range(len(means)) for step in range(-9, 10, 3)}
    points = [low, *sorted(cut for cut in cuts if low < cut < high), high]
    pieces = pairwise(points)
    return math.fsum(quad(density, *piece, epsabs=1e-14, epsrel=1e-11)[0] for piece in pieces)


@pytest.mark.parametrize(
    ("means", "sds"),
    [
        ([0, 0.3, -0.5], [1, 1, 1]),
        ([0, 0.2, 0.1, 0.4], [1, 0.01, 0.1, 3]),
        ([0, 0.2, 0.2 + 1e-6], [1, 1e-6, 2e-6]),
        ([0, 8, 9], [1, 1, 2]),
        ([5e6, 5e6 + 30, 5e6 + 31], [10, 1, 1]),
        ([0.1 * number for number in range(10)], [1 + 0.2 * number for number in range(10)]),
    ],
)
def test_unequal_spreads_and_distances_are_as_scipy_integrates(means: list[float], sds: list[float]) -> None:
    found = chances_to_be_greatest([Candidate(*one) for one in zip(means, sds, strict=True)])
    exact = [by_scipy([mean - means[0] for mean in means], sds, number) for number in range(len(means))]
    assert found == pytest.approx(exact, abs=1e-9)


def test_narrow_ones_beside_a_wide_one_keep_their_order() -> None:
    apart = 2.0**-32
    found = chances_to_be_greatest([Candidate(0.3, 1), Candidate(0, apart), Candidate(apart, apart)])
    ahead = float(norm.cdf(math.sqrt(0.5)))
    assert found == pytest.approx([norm.cdf(0.3), norm.sf(0.3) * (1 - ahead), norm.sf(0.3) * ahead], abs=5e-10)
    assert sum(found) == pytest.approx(1, abs=1e-13)


def test_one_far_ahead_has_it_all() -> None:
    assert chances_to_be_best(1.0, [Posterior(1e20, 1.5), Posterior(0.0, 1.5)], "increase") == pytest.approx([0, 1, 0])
    assert chances_to_be_best(1.0, [Posterior(1e20, 1.5)], "decrease") == pytest.approx([1, 0])


@pytest.mark.parametrize("control_variance", [0.0, 1.0, 2.0])
def test_a_variant_without_noise_of_its_own_has_its_chance(control_variance: float) -> None:
    found = chances_to_be_best(control_variance, [Posterior(0.5, 1.0)], "increase")
    spread = math.sqrt(max(1.0, control_variance))
    assert found == pytest.approx([norm.sf(0.5 / spread), norm.cdf(0.5 / spread)], abs=1e-9)


@settings(max_examples=200)
@given(
    st.floats(1e-12, 1e12),
    st.lists(st.tuples(st.floats(-30, 30), st.floats(1, 1e4)), min_size=1, max_size=9),
    st.sampled_from(["increase", "decrease"]),
)
def test_chances_sum_to_one(variance: float, arms: list[tuple[float, float]], direction: str) -> None:
    sd = math.sqrt(variance)
    found = chances_to_be_best(variance, [Posterior(mean * sd, sd * spread) for mean, spread in arms], direction)
    assert sum(found) == pytest.approx(1, abs=1e-9)
    assert min(found) >= 0


def test_the_rule_is_gauss_and_legendres() -> None:
    nodes, weights = np.polynomial.legendre.leggauss(16)
    assert np.array(sorted(RULE)) == pytest.approx(np.column_stack([nodes, weights]), abs=1e-15)


def test_where_the_control_cannot_be_told_from_0_the_prior_alone_is_no_answer() -> None:
    found = compare(sample_of([-1, 1, 0.1]), sample_of([1, 2, 3]), kind="mean", plan=Plan("bayesian"))
    assert (found.belief, found.absolute.ci, found.relative.ci) == (None, None, None)
    assert found.relative.estimate is not None
    assert [note.code for note in found.notes] == ["lift_not_estimable"]
