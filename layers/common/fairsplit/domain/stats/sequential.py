"""Confidence sequences: intervals and p-values that hold at every look, however often anybody looks.

The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (arXiv:2103.06476, eq. 9): the
estimate ± c·√V with a multiplier c in place of the normal quantile. It is narrowest about where N, the units of both
variants, reaches the number N* that it was tuned for, and holds everywhere else, too.
"""

from __future__ import annotations

import math


def information_ratio(units: float, alpha: float, expected_units: float) -> float:
    """r = N·ρ², with ρ² = (2·ln(1/α) + ln(2·ln(1/α) + 1))/N*, for which it is narrow at N* (there, eq. 161)."""
    spread = -2 * math.log(alpha)
    return units * (spread + math.log1p(spread)) / expected_units


def multiplier(units: float, alpha: float, expected_units: float) -> float:
    """c = √((1 + 1/r)·(2·ln(1/α) + ln(1 + r))), for so many units in both variants together. 0 < alpha < 1."""
    r = information_ratio(units, alpha, expected_units)
    return math.sqrt((1 + 1 / r) * (-2 * math.log(alpha) + math.log1p(r)))


def always_valid_p(z: float, units: float, alpha: float, expected_units: float) -> float:
    """p = min(1, √(1+r)·exp(−r·z²/(2(1+r)))), in logarithms; below alpha just when |z| is above the multiplier.

    z is the difference over its standard error, and r is tuned at alpha, as the multiplier's is (there, eq. 155).
    """
    r = information_ratio(units, alpha, expected_units)
    return min(1.0, math.exp(min(0.0, 0.5 * math.log1p(r) - r * z * z / (2 * (1 + r)))))
