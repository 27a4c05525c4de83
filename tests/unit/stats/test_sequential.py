"""Confidence sequences: what they promise, and where they are narrowest. Agreement with gbstats is in `agreement`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.kernel import normal_quantile
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sequential import always_valid_p, multiplier
from tests.unit.stats.making import sample_of

LEVELS = st.floats(1e-6, 0.999)
UNITS = st.floats(2, 1e9)


@given(st.floats(0, 40), UNITS, LEVELS, st.floats(2, 1e9))
def test_p_is_below_alpha_just_when_z_is_above_the_multiplier(
    z: float, units: float, alpha: float, expected: float
) -> None:
    c, p_value = multiplier(units, alpha, expected), always_valid_p(z, units, alpha, expected)
    assert 0 <= p_value <= 1
    if not math.isclose(z, c, rel_tol=1e-9):
        assert (p_value < alpha) == (z > c)


@given(UNITS, LEVELS, st.floats(2, 1e9))
def test_it_is_never_narrower_than_one_look(units: float, alpha: float, expected: float) -> None:
    assert multiplier(units, alpha, expected) > normal_quantile(alpha / 2)


def test_it_is_narrowest_about_where_it_was_tuned_for() -> None:
    at = {units: multiplier(units, 0.05, 5_000) for units in (100, 1_000, 5_000, 25_000, 1_000_000)}
    assert min(at, key=lambda units: at[units]) == 5_000
    assert at[5_000] == pytest.approx(3.0352, abs=1e-4)


def test_a_hundred_looks_find_nothing_in_more_than_95_percent_of_experiments_without_an_effect() -> None:
    generator = np.random.default_rng(1)
    units = np.arange(100, 10_001, 100)
    z = np.cumsum(generator.normal(size=(20_000, 100)), axis=1) / np.sqrt(np.arange(1, 101))
    limits = np.array([multiplier(float(number), 0.05, 5_000) for number in units])
    assert (np.abs(z) > limits).any(axis=1).mean() < 0.05
    assert (np.abs(z) > 1.96).any(axis=1).mean() > 0.3


@given(st.lists(st.integers(-1_000, 1_000), min_size=3, max_size=20), st.lists(st.integers(-1_000, 1_000), min_size=3))
def test_interval_lift_and_p_value_agree(a: list[int], b: list[int]) -> None:
    found = compare(sample_of(a), sample_of(b), kind="mean", plan=Plan("sequential", expected_units=20))
    if found.absolute.ci is None or found.absolute.p_value is None or abs(found.absolute.p_value - 0.05) < 1e-9:
        return
    excludes = not found.absolute.ci[0] <= 0 <= found.absolute.ci[1]
    assert (found.absolute.p_value < 0.05) == excludes
    if found.relative.ci:
        assert (not found.relative.ci[0] <= 0 <= found.relative.ci[1]) == excludes


def test_a_guardrail_passes_when_the_sequence_rules_the_loss_out() -> None:
    control, treatment = sample_of([9, 11] * 300), sample_of([9.5, 11.5] * 300)
    one_look = compare(control, treatment, kind="mean", plan=Plan()).guardrail(margin=0.01, direction="increase")
    any_look = compare(control, treatment, kind="mean", plan=Plan("sequential", expected_units=1_000)).guardrail(
        margin=0.01, direction="increase"
    )
    assert one_look is not None
    assert any_look is not None
    assert (one_look.status, any_look.status) == ("pass", "pass")
    assert any_look.p_value > one_look.p_value
    assert any_look.bound is not None
    assert -0.01 < any_look.bound < (one_look.bound or 0)
