"""Guardrails: non-inferiority by a relative margin."""

from __future__ import annotations

import math
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.difference import degrees_of_freedom
from fairsplit.domain.stats.guardrails import Guardrail
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sample import Sample
from tests.unit.stats.making import sample_of

RANDOM = Random(7)
BASE = [round(RANDOM.gauss(10, 3), 4) for _ in range(400)]
VALUES = st.lists(st.integers(-100, 100).map(float), min_size=3, max_size=30)


def judge(control: list[float], treatment: list[float], direction: str = "increase", margin: float = 0.02) -> Guardrail:
    found = compare(sample_of(control), sample_of(treatment), kind="mean", plan=Plan())
    verdict = found.guardrail(margin=margin, direction=direction)
    assert verdict is not None
    return verdict


@pytest.mark.parametrize(
    ("direction", "factor", "status"),
    [
        ("increase", 1.1, "pass"), ("increase", 0.97, "undecided"), ("increase", 0.8, "fail"),
        ("decrease", 0.9, "pass"), ("decrease", 1.03, "undecided"), ("decrease", 1.2, "fail"),
    ],
)  # fmt: skip
def test_the_status_goes_by_the_direction_that_is_better(direction: str, factor: float, status: str) -> None:
    assert judge(BASE, [round(one * factor, 4) for one in BASE], direction).status == status


def test_the_p_value_is_that_of_a_one_sided_test_against_the_shifted_control() -> None:
    treatment = [round(one * 0.99, 4) for one in BASE[:300]]
    shifted = [one * 0.98 for one in BASE]
    _, (_, p_value, _), _ = ttost_ind(treatment, shifted, 0, math.inf, usevar="unequal")
    assert judge(BASE, treatment).p_value == pytest.approx(p_value, rel=1e-9)


@pytest.mark.parametrize(("direction", "factor"), [("increase", 0.95), ("decrease", 1.05)])
def test_with_cuped_the_covariance_of_both_adjusted_means_counts(direction: str, factor: float) -> None:
    random = Random(8)
    before_a, before_b = BASE[:250], BASE[250:]
    a, b = ([round(2 * x + random.gauss(0, 3), 4) for x in before] for before in (before_a, before_b))
    found = compare(sample_of(a, before=before_a), sample_of(b, before=before_b), kind="mean", plan=Plan(cuped=True))
    verdict = found.guardrail(margin=0.05, direction=direction)
    assert verdict is not None
    # Each unit's part in the two adjusted means is known, so the variance of b̄ − factor·ā is that of independent parts.
    xs, ys, na, nb = np.array(before_a + before_b), np.array(a + b), len(a), len(b)
    theta = float(np.cov(ys, xs)[0, 1] / np.var(xs, ddof=1))
    wa, wb = na / (na + nb), nb / (na + nb)
    gap = np.mean(before_a) - np.mean(before_b)
    statistic = (np.mean(b) + theta * wa * gap) - factor * (np.mean(a) - theta * wb * gap)
    of_a = factor * np.array(a) - theta * (wa + factor * wb) * np.array(before_a)
    of_b = np.array(b) - theta * (wa + factor * wb) * np.array(before_b)
    error = math.sqrt(np.var(of_a, ddof=1) / na + np.var(of_b, ddof=1) / nb)
    t = statistic / error if direction == "increase" else -statistic / error
    parts = [(float(np.var(part, ddof=1)) / len(part), len(part) - 1) for part in (of_a, of_b)]
    assert verdict.p_value == pytest.approx(stats.t.sf(t, degrees_of_freedom(parts)), rel=1e-3)


@given(VALUES, VALUES, st.sampled_from(["increase", "decrease"]), st.sampled_from([0.01, 0.2, 0.9]))
def test_the_bound_lies_within_the_margin_just_when_it_passes(
    control: list[float], treatment: list[float], direction: str, margin: float
) -> None:
    found = compare(sample_of(control), sample_of(treatment), kind="mean", plan=Plan())
    verdict = found.guardrail(margin=margin, direction=direction)
    if verdict and verdict.bound is not None:
        inside = verdict.bound > -margin if direction == "increase" else verdict.bound < margin
        assert inside == (verdict.status == "pass") or math.isclose(abs(verdict.bound), margin, rel_tol=1e-9)


def test_at_few_conversions_a_loss_of_just_the_margin_passes_in_two_of_a_hundred_experiments() -> None:
    """The chance that a metric which should fall passes, over all outcomes that have any: 4 and 4.8 in 1,000 units."""
    chance = 0.0
    for one, other in product(range(20), range(22)):
        control, treatment = (Sample(1_000, converted, converted, 1) for converted in (one, other))
        verdict = compare(control, treatment, kind="conversion", plan=Plan()).guardrail(
            margin=0.2, direction="decrease"
        )
        if verdict and verdict.status == "pass":
            chance += stats.binom.pmf(one, 1_000, 0.004) * stats.binom.pmf(other, 1_000, 0.0048)
    assert chance == pytest.approx(0.02, abs=0.001)


def test_a_loss_of_a_negative_control_is_a_loss_of_its_size() -> None:
    negative = [-one for one in BASE]
    assert judge(negative, [one * 1.2 for one in negative]).status == "fail"
    assert judge(negative, [one * 0.8 for one in negative]).status == "pass"


@pytest.mark.parametrize(
    ("control", "treatment"), [([0.0, 0.0], [1.0, 2.0]), ([1.0], [1.0, 2.0]), ([1.0, 1.0], [1.0, 1.0])]
)
def test_where_nothing_can_be_judged_there_is_no_verdict(control: list[float], treatment: list[float]) -> None:
    found = compare(sample_of(control), sample_of(treatment), kind="mean", plan=Plan())
    assert found.guardrail(margin=0.1, direction="increase") is None
