"""Where a peer says something else, and by how much: differences that are meant."""

from __future__ import annotations

import pytest
from gbstats.frequentist.tests import FrequentistConfig, FrequentistTestResult, TwoSidedTTest
from gbstats.models.statistics import ProportionStatistic
from gbstats.utils import check_srm

from fairsplit.domain.stats.comparison import Comparison, compare
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.srm import ratio_mismatch
from tests.unit.stats.agreement.inputs import Sums, gbstats_mean, sample


def zeros_and_ones(units: int, ones: int) -> Sums:
    return {"units": units, "sum": ones, "sum_of_squares": ones}


def ours(control: Sums, treatment: Sums) -> Comparison:
    return compare(sample(control), sample(treatment), kind="mean", plan=Plan())


def theirs(control: Sums, treatment: Sums, of: str) -> FrequentistTestResult:
    config = FrequentistConfig(difference_type=of)
    return TwoSidedTTest(gbstats_mean(control), gbstats_mean(treatment), config).compute_result()


def test_gbstats_proportion_divides_by_n_and_we_by_one_less() -> None:
    by_n = TwoSidedTTest(ProportionStatistic(n=1000, sum=10), ProportionStatistic(n=1000, sum=17))
    by_n.relative = False
    found = ours(zeros_and_ones(1000, 10), zeros_and_ones(1000, 17))
    assert found.contrast.variance == pytest.approx(by_n.variance * 1000 / 999, rel=1e-12)
    assert found.p_value == pytest.approx(0.175173, abs=1e-6)
    assert by_n.p_value == pytest.approx(0.174957, abs=1e-6)


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        (zeros_and_ones(1000, 0), zeros_and_ones(1000, 50)),
        ({"units": 50, "sum": 100, "sum_of_squares": 200}, {"units": 50, "sum": 125, "sum_of_squares": 325}),
    ],
)
def test_gbstats_takes_one_variant_without_variance_for_no_difference_at_all(control: Sums, treatment: Sums) -> None:
    made_up = theirs(control, treatment, "absolute")
    found = ours(control, treatment)
    assert (made_up.expected, made_up.ci, made_up.p_value) == (0, [0, 0], 1)
    assert found.absolute.estimate
    assert found.p_value is not None
    assert found.p_value < 1e-6


def test_gbstats_has_a_p_value_of_the_lift_that_misses_what_the_difference_shows() -> None:
    control, treatment = zeros_and_ones(1000, 10), zeros_and_ones(1000, 21)
    of_lift, of_difference = theirs(control, treatment, "relative"), theirs(control, treatment, "absolute")
    found = ours(control, treatment)
    assert found.relative.ci is not None
    assert found.p_value == pytest.approx(of_difference.p_value, rel=1e-9)
    assert (of_lift.p_value, of_difference.p_value) == (
        pytest.approx(0.1702, abs=1e-4),
        pytest.approx(0.0465, abs=1e-4),
    )
    assert of_lift.ci[0] < 0 < found.relative.ci[0]


def test_gbstats_has_a_lift_over_a_control_below_zero_fall_where_the_value_rises() -> None:
    control = {"units": 500, "sum": -6250, "sum_of_squares": 86_000}
    treatment = {"units": 450, "sum": -5445, "sum_of_squares": 77_000}
    assert theirs(control, treatment, "relative").expected == pytest.approx(-0.032)
    assert ours(control, treatment).relative.estimate == pytest.approx(0.032)


def test_gbstats_counts_a_variant_of_weight_0_as_one_more_degree_of_freedom() -> None:
    found = ratio_mismatch({"a": 550, "b": 450, "c": 0}, {"a": 1, "b": 1, "c": 0})
    assert found.p_value == pytest.approx(check_srm([550, 450], [1, 1]), rel=1e-9)
    assert check_srm([550, 450, 0], [1, 1, 0]) > 4 * check_srm([550, 450], [1, 1])


def test_gbstats_has_no_digit_left_of_a_p_value_below_1e_16() -> None:
    control = {"units": 20_000, "sum": 2_000_000, "sum_of_squares": 218_000_000}
    treatment = {"units": 20_000, "sum": 2_120_000, "sum_of_squares": 242_700_000}
    assert theirs(control, treatment, "absolute").p_value == 0
    assert ours(control, treatment).p_value == pytest.approx(1.35e-88, rel=0.01)
