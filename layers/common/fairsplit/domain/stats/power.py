"""How many units it takes to find a difference, and which difference so many units find."""

from __future__ import annotations

import math
from collections.abc import Callable

from fairsplit.domain.stats.kernel import normal_quantile
from fairsplit.domain.stats.sequential import multiplier

LARGEST = 1e18  # units beyond which nothing is looked for
STEPS = 200


def of_mean(control_variance: float, treatment_variance: float, difference: float, *, ratio: float = 1.0) -> float:
    """How far means are apart, as what n is divided by: n of the control = (z(1−α/2) + z(power))²·this.

    (s²a + s²b/k)/δ², with k = `ratio` units of the treatment for each unit of the control. difference ≠ 0.
    """
    return (control_variance + treatment_variance / ratio) / difference / difference


def units_of_control(spread: float, *, alpha: float, power: float, critical: float | None = None) -> float:
    """n of the control for two means: (z(1−α/2) + z(power))²·spread, with the spread of `of_mean`.

    `critical` stands in place of z(1−α/2), two-sided. A power below α/2 takes no units.
    """
    distance = max(0.0, _critical(alpha, critical) + _of_power(power))
    return distance * distance * spread


def units_of_conversion(
    baseline: float,
    difference: float,
    *,
    alpha: float,
    power: float,
    critical: float | None = None,
    ratio: float = 1.0,
) -> float:
    """n of the control for two conversion rates, as Evan Miller's sample size calculator has it for sides of one size.

    (z(1−α/2)·√(p(1−p)(1 + 1/k)) + z(power)·√(p(1−p) + (p+δ)(1−p−δ)/k))²/δ², with k = `ratio` as in `of_mean`. Both
    rates lie between 0 and 1, difference ≠ 0. Above ½ his page takes 1 − p for p and leaves δ as it is, so there
    it shows the units of a fall.
    """
    other = baseline + difference
    without = baseline * (1 - baseline)
    same = math.sqrt(without * (1 + 1 / ratio))
    apart = math.sqrt(without + other * (1 - other) / ratio)
    distance = max(0.0, _critical(alpha, critical) * same + _of_power(power) * apart) / difference
    return distance * distance


def at_any_time(
    units_with: Callable[[float], float], *, alpha: float, expected_units: float, units_in_all: float
) -> float | None:
    """n of the control where a confidence sequence is looked at, by bisection; None where no number is enough.

    `units_with` says how many units the control needs with a critical value; `units_in_all` are those of both variants
    for each unit of the control. The multiplier falls behind what more units bring only slowly, but it does.
    """

    def is_enough(n: float) -> bool:
        return units_with(multiplier(n * units_in_all, alpha, expected_units)) <= n

    high = max(1.0, units_with(_critical(alpha, None)))
    while not is_enough(high):
        high *= 2
        if high > LARGEST:
            return None
    low = 0.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if is_enough(middle):
            high = middle
        else:
            low = middle
        if high - low <= 1e-9 * high:
            break
    return high


def with_cuped(units: float, correlation: float) -> float:
    """What is left of the units where a pre-period of that correlation takes noise out: × (1 − ρ²)."""
    return units * (1 - correlation * correlation)


def detectable(variance: float, *, alpha: float, power: float, critical: float | None = None) -> float:
    """The smallest difference that is found with that power: (z(1−α/2) + z(power))·√V, V being the difference's own.

    `critical` stands in place of z(1−α/2).
    """
    return max(0.0, _critical(alpha, critical) + _of_power(power)) * math.sqrt(variance)


def _critical(alpha: float, given: float | None) -> float:
    return normal_quantile(alpha / 2) if given is None else given


def _of_power(power: float) -> float:
    """z(power), also where the power is next to 0 or 1."""
    return -normal_quantile(power)
