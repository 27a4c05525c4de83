"""Tails and quantiles against mpmath at 60 digits."""

from __future__ import annotations

import math
from itertools import count

import mpmath as mp
import pytest

from fairsplit.domain.stats import kernel

mp.mp.dps = 60


def exact_t_tail(t: float, df: float) -> mp.mpf:
    x = mp.mpf(df) / (mp.mpf(df) + mp.mpf(t) ** 2)
    return mp.betainc(mp.mpf(df) / 2, mp.mpf(1) / 2, 0, x, regularized=True) / 2


@pytest.mark.parametrize("df", [1, 1.5, 2, 3.7, 10, 29.3, 100, 500.5, 999, 1001, 1500, 5000, 40000.2, 1e6])
@pytest.mark.parametrize("t", [1e-6, 0.01, 0.3, 1, 1.96, 3, 5, 7.1, 12, 20, 36])
def test_the_t_tail_is_exact_to_twelve_digits_down_to_1e_300(t: float, df: float) -> None:
    assert float(abs(kernel.t_tail(t, df) / exact_t_tail(t, df) - 1)) < 1e-12


@pytest.mark.parametrize("t", [0.5, 2.0])
def test_the_lower_tail_mirrors_the_upper(t: float) -> None:
    assert kernel.t_tail(-t, 7) == 1 - kernel.t_tail(t, 7)
    assert kernel.t_tail(0, 7) == 0.5


@pytest.mark.parametrize("z", [0.0, 0.5, 1.96, 6, 20, 37])
def test_the_normal_tail_keeps_its_digits(z: float) -> None:
    exact = mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2
    assert float(abs(kernel.normal_tail(z) / exact - 1)) < 1e-13


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("x", [0.1, 1.0, 5.0, 50.0, 600.0])
def test_the_chi_square_tail_is_exact(x: float, df: int) -> None:
    exact = mp.gammainc(mp.mpf(df) / 2, mp.mpf(x) / 2, mp.inf, regularized=True)
    assert float(abs(kernel.chi_square_tail(x, df) / exact - 1)) < 1e-13


@pytest.mark.parametrize("df", [1, 2, 8, 9])
@pytest.mark.parametrize("x", [1e5, 1e155, 1e308, math.inf])
def test_the_chi_square_tail_of_what_no_float_can_follow_is_0(x: float, df: int) -> None:
    assert kernel.chi_square_tail(x, df) == 0


@pytest.mark.parametrize("tail", [0.9, 0.5, 0.4, 0.025, 1e-5, 1e-20, 1e-100, 1e-290])
def test_quantiles_undo_tails(tail: float) -> None:
    assert kernel.normal_tail(kernel.normal_quantile(tail)) / tail == pytest.approx(1, abs=1e-12)
    for df in (2.5, 30, 1e4) if tail > 1e-150 else (30, 1e4):
        assert kernel.t_tail(kernel.t_quantile(tail, df), df) / tail == pytest.approx(1, abs=1e-11)


@pytest.mark.parametrize("tail", [0.0, 5e-324, 1e-301])
def test_a_tail_that_no_float_can_follow_has_the_quantile_of_the_smallest(tail: float) -> None:
    assert kernel.normal_quantile(tail) == kernel.normal_quantile(1e-300)
    assert kernel.t_quantile(tail, 7) == kernel.t_quantile(1e-300, 7) < math.inf


@pytest.mark.parametrize("df", [1, 1.5, 2, 3, 10, 200])
@pytest.mark.parametrize("tail", [1e-150, 1e-200, 1e-299])
def test_a_far_quantile_is_found_in_a_hundred_steps(monkeypatch: pytest.MonkeyPatch, tail: float, df: float) -> None:
    calls, t_tail = count(), kernel.t_tail
    monkeypatch.setattr(kernel, "t_tail", lambda t, df: (next(calls), t_tail(t, df))[1])
    found = kernel.t_quantile(tail, df)
    assert next(calls) <= 100
    assert found == kernel.LARGEST_T or t_tail(found, df) == pytest.approx(tail, rel=1e-9, abs=0)
    assert (found == kernel.LARGEST_T) == (t_tail(kernel.LARGEST_T, df) > tail)


@pytest.mark.parametrize("tail", [0.05, 0.025, 0.005, 0.0005])
def test_a_quantile_is_found_in_few_steps_for_any_degrees_of_freedom(
    monkeypatch: pytest.MonkeyPatch, tail: float
) -> None:
    calls, t_tail = count(), kernel.t_tail
    monkeypatch.setattr(kernel, "t_tail", lambda t, df: (next(calls), t_tail(t, df))[1])
    for df in range(1, 1_101, 2):
        kernel.t_quantile(tail, df)
    assert next(calls) < 550 * 8
