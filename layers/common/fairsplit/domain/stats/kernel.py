"""Tails and quantiles of the normal, t and chi-square distributions, exact far into the tail.

Upper tails are computed as such, never as 1 − something, so p-values keep their relative precision down to 1e-300.
"""

from __future__ import annotations

import math
from collections.abc import Callable

SMALLEST = 1e-300
MOST_EXPONENT = 700.0  # of e, for a number
LARGEST_T = 1e150  # a quantile beyond has a square that is no number
LARGE_DF = 1_000.0
NO_TAIL = 2_000.0  # χ² beyond which e^(−χ²/2) leaves nothing, whatever it is multiplied with


def normal_tail(z: float) -> float:
    """P(Z > z) of the standard normal."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def normal_density(z: float) -> float:
    """The density of the standard normal at z."""
    return math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def normal_quantile(tail: float) -> float:
    """The z with P(Z > z) = tail, for 0 < tail < 1; below 1e-300 that of 1e-300.

    Started by Abramowitz & Stegun 26.2.23, then Newton's method on the log of the tail.
    """
    if tail > 0.5:
        return -normal_quantile(1 - tail)
    if tail == 0.5:
        return 0.0
    tail = max(SMALLEST, tail)
    w = math.sqrt(-2 * math.log(tail))
    start = w - (2.515517 + w * (0.802853 + w * 0.010328)) / (1 + w * (1.432788 + w * (0.189269 + w * 0.001308)))
    return _solve(start, tail, normal_tail, lambda z: -0.5 * z * z - 0.5 * math.log(2 * math.pi))


def t_tail(t: float, df: float) -> float:
    """P(T > t) of Student's t with any df > 0.

    By the continued fraction of the incomplete beta function (DLMF 8.17.22); above 1,000 degrees of freedom, but for
    the far tail, by Hill's normal approximation (1970, CACM algorithm 395).
    """
    if t < 0:
        return 1 - t_tail(-t, df)
    if t == 0:
        return 0.5
    if df > LARGE_DF and t * t < df / 50:
        return normal_tail(_hill(t, df))
    share = t * t / (df + t * t)  # 1 − x, without cancellation
    if share * (df + 1) < 3 and share < 0.5:
        return 0.5 - 0.5 * _beta_fraction(0.5, df / 2, share, _log_beta_front(t, df))
    return 0.5 * _beta_fraction(df / 2, 0.5, df / (df + t * t), _log_beta_front(t, df))


def t_density(t: float, df: float) -> float:
    """The density of Student's t (1908) with any df > 0: Γ(df/2 + ½)/Γ(df/2) · (df·π)^−½ · (1 + t²/df)^−(df+1)/2."""
    return math.exp(_log_t_density(t, df))


def t_quantile(tail: float, df: float) -> float:
    """The t with P(T > t) = tail, as the normal's: Newton's method on the log of the tail.

    It is 1e150 at most, which with one degree of freedom has a tail of 3e-151.
    """
    if tail > 0.5:
        return -t_quantile(1 - tail, df)
    if tail == 0.5:
        return 0.0
    tail = max(SMALLEST, tail)
    start = normal_quantile(tail)
    return _solve(start, tail, lambda t: t_tail(t, df), lambda t: _log_t_density(t, df))


def chi_square_tail(x: float, df: int) -> float:
    """P(X > x) of the chi-square distribution with 1 to 100 degrees of freedom, by the finite sums.

    Abramowitz & Stegun 26.4.4 and 26.4.5. Beyond 2,000 it is 0.
    """
    if x <= 0:
        return 1.0
    if x > NO_TAIL:
        return 0.0
    half = x / 2
    if df % 2 == 0:
        term, total = 1.0, 1.0
        for k in range(1, df // 2):
            term *= half / k
            total += term
        return math.exp(-half) * total
    term, total = math.sqrt(half) / math.gamma(1.5), 0.0
    for k in range(1, (df - 1) // 2 + 1):
        total += term
        term *= half / (k + 0.5)
    return math.erfc(math.sqrt(half)) + math.exp(-half) * total


def log_gamma_half_step(a: float) -> float:
    """ln Γ(a + ½) − ln Γ(a); by its asymptotic series where the difference of two lgammas would cancel."""
    if a < 25:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    r = 1 / (a * a)
    series = -1 / 8 + r * (1 / 192 + r * (-1 / 640 + r * (17 / 14336 - r * 31 / 18432)))
    return 0.5 * math.log(a) + series / a


def _log_t_density(t: float, df: float) -> float:
    return log_gamma_half_step(df / 2) - 0.5 * math.log(df * math.pi) - (df + 1) / 2 * math.log1p(t * t / df)


def _hill(t: float, df: float) -> float:
    """The normal deviate with the same tail as t."""
    a = df - 0.5
    b = 48 * a * a
    y = a * math.log1p(t * t / df)
    step = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b)
    return ((step + y + 3) / b + 1) * math.sqrt(y)


def _log_beta_front(t: float, df: float) -> float:
    """ln of x^(df/2) (1−x)^½ / B(df/2, ½), with x = df/(df + t²)."""
    log_x = -math.log1p(t * t / df)
    log_rest = 2 * math.log(t) - math.log(df) + log_x
    return df / 2 * log_x + 0.5 * log_rest + log_gamma_half_step(df / 2) - 0.5 * math.log(math.pi)


def _beta_fraction(a: float, b: float, x: float, log_front: float) -> float:
    """The regularised incomplete beta function I_x(a, b) by Lentz's method."""
    tiny = 1e-300
    c, d = 1.0, _away_from_zero(1 - (a + b) * x / (a + 1), tiny)
    d = 1 / d
    value = d
    for m in range(1, 10_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + numerator * d, tiny)
            c = _away_from_zero(1 + numerator / c, tiny)
            value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return math.exp(log_front) * value / a


def _away_from_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny


def _solve(start: float, tail: float, upper: Callable[[float], float], log_density: Callable[[float], float]) -> float:
    """The x whose upper tail is `tail`, at most 1e150: Newton's method on the log of the tail.

    The density is taken in logarithms, because far out it is no number long before the tail is none. Each step doubles
    the digits that are right, so a small one was the last: smaller steps are rounding, without end.
    """
    x, wanted = start, math.log(tail)
    for _ in range(1_000):
        there = math.log(max(upper(x), SMALLEST))
        step = (there - wanted) * math.exp(min(MOST_EXPONENT, there - log_density(x)))
        x = min(LARGEST_T, x + step)
        if x == LARGEST_T or abs(step) <= 1e-10 * max(1.0, abs(x)):
            break
    return x
