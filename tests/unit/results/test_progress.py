"""How many units are needed, how fast they come, and how many days are left."""

from __future__ import annotations

import math
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower

from fairsplit.domain.results.progress import NOT_REACHABLE, Baseline, Progress, daily_rate, progress, units_needed
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sequential import multiplier

TODAY = date(2026, 3, 20)
HALF = Baseline(10.0, 9.0, 9.0, 50, 50)


def needed(*baselines: Baseline, plan: Plan | None = None, mde: float = 0.05, weights: float = 100) -> int | None:
    return units_needed(baselines, plan=plan or Plan(), power=0.8, mde=mde, weights=weights)


def days_ago(number: int) -> date:
    return TODAY - timedelta(days=number)


def test_two_halves_need_what_statsmodels_says() -> None:
    control = NormalIndPower().solve_power(0.5 / 3, alpha=0.05, power=0.8)
    assert needed(HALF) == math.ceil(2 * control) == 1_131  # the other tail is 1e-6 of the power


def test_an_uneven_split_needs_what_statsmodels_says_for_its_ratio() -> None:
    control = NormalIndPower().solve_power(0.5 / 3, alpha=0.05, power=0.8, ratio=0.25)
    assert needed(Baseline(10.0, 9.0, 9.0, 80, 20)) == math.ceil(control / 0.8)


def test_each_arm_counts_with_its_own_variance() -> None:
    z = 1.959963984540054 + 0.8416212335729143
    control = z**2 * (9 + 25 / 0.5) / 0.5**2
    assert needed(Baseline(10.0, 9.0, 25.0, 40, 20), weights=100) == math.ceil(control * 100 / 40)


def test_other_variants_take_their_share_of_the_units() -> None:
    halves, quarters = needed(HALF), needed(Baseline(10.0, 9.0, 9.0, 25, 25))
    assert halves
    assert quarters == pytest.approx(2 * halves, abs=2)


def test_a_negative_mean_and_any_scale_of_weights_need_the_same() -> None:
    assert needed(Baseline(-10.0, 9.0, 9.0, 1, 1), weights=2) == needed(HALF)


def test_the_metric_and_treatment_that_need_most_decide() -> None:
    small = Baseline(10.0, 1.0, 1.0, 50, 50)
    assert needed(small, HALF) == needed(HALF, small) == needed(HALF)


def test_half_the_lift_takes_four_times_the_units() -> None:
    assert needed(HALF, mde=0.025) == pytest.approx(4 * 1_131, abs=4)


@pytest.mark.parametrize(
    "unknown",
    [
        Baseline(0.0, 9.0, 9.0, 50, 50),
        Baseline(10.0, 0.0, 0.0, 50, 50),
        Baseline(10.0, 9.0, 9.0, 0, 50),
        Baseline(1e-9, 9.0, 9.0, 50, 50),
    ],
)
def test_one_that_cannot_be_told_leaves_all_of_them_open(unknown: Baseline) -> None:
    assert needed(unknown) is None
    assert needed(HALF, unknown) is None


def test_a_treatment_that_gets_no_units_is_not_waited_for() -> None:
    assert needed(HALF, Baseline(0.0, 0.0, 0.0, 50, 0)) == needed(HALF)
    assert needed(Baseline(10.0, 9.0, 9.0, 50, 0)) is None
    assert needed() is None


def test_one_arm_without_variance_is_enough_to_plan_with() -> None:
    assert needed(Baseline(10.0, 0.0, 9.0, 50, 50)) == pytest.approx(1_131 / 2, abs=1)


def test_looking_every_day_needs_the_units_at_which_the_sequence_is_narrow_enough() -> None:
    plan = Plan(method="sequential", expected_units=5_000)
    found = needed(HALF, plan=plan)
    assert found
    per_arm = (multiplier(found, 0.05, 5_000) + 0.8416212335729143) ** 2 * 18 / 0.25
    assert found / 2 == pytest.approx(per_arm, rel=1e-3)
    assert 1_131 < found < 2 * 1_131


def test_the_pace_is_that_of_the_last_seven_full_days() -> None:
    new = {days_ago(number): 100 * number for number in range(40)}
    assert daily_rate(new, TODAY, days_ago(30)) == (100 + 700) / 2
    assert daily_rate({TODAY: 900, days_ago(8): 900}, TODAY, days_ago(30)) == 0


@pytest.mark.parametrize(("started", "rate"), [(0, None), (1, None), (2, 10), (3, 15), (8, 40), (9, 40)])
def test_a_young_experiment_has_fewer_full_days_and_its_first_is_none(started: int, rate: float | None) -> None:
    new = {days_ago(number): 10 * number for number in range(8)}
    assert daily_rate(new, TODAY, days_ago(started)) == rate


@pytest.mark.parametrize(
    ("units", "now", "rate", "left"),
    [
        (1_000, 1_000, None, 0),
        (1_000, 1_001, 5.0, 0),
        (1_000, 999, 5.0, 1),
        (1_000, 0, 500.0, 2),
        (1_001, 0, 500.0, 3),
        (1_800, 0, 10.0, 180),
        (38_380, 0, 3_838 / 6, 60),
        (1, 0, 1e10, 1),
    ],
)
def test_days_left_are_rounded_up(units: int, now: int, rate: float | None, left: int) -> None:
    assert progress(units, now, rate) == Progress(units, now, left)


@pytest.mark.parametrize(("units", "rate"), [(1_801, 10.0), (1_000, 0.0), (10**15, 1 / 7)])
def test_more_than_half_a_year_is_not_reachable(units: int, rate: float) -> None:
    assert progress(units, 0, rate) == Progress(units, 0, None, (NOT_REACHABLE,))
    assert NOT_REACHABLE.code == "not_reachable"
    assert "more than 180 days" in NOT_REACHABLE.detail


@pytest.mark.parametrize(("units", "rate"), [(None, 10.0), (1_000, None)])
def test_without_a_goal_or_a_pace_there_are_no_days_and_nothing_to_note(units: int | None, rate: float | None) -> None:
    assert progress(units, 10, rate) == Progress(units, 10, None)


@given(st.integers(1, 10**7), st.integers(0, 10**6), st.integers(1, 7))
def test_days_are_those_of_exact_arithmetic(missing: int, total: int, days: int) -> None:
    exact = math.ceil(missing / Fraction(total, days)) if total else math.inf
    assert progress(missing, 0, total / days).days_left == (exact if exact <= 180 else None)
