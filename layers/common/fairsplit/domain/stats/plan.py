"""How comparisons are to be judged: the method, its level, and what each method needs beside the sums."""

from __future__ import annotations

from dataclasses import dataclass, field

from fairsplit.domain.stats.bayes import Prior

METHODS = ("frequentist", "sequential", "bayesian")
EXPECTED_UNITS = 5_000


@dataclass(frozen=True, slots=True)
class Plan:
    """One way of judging. 0 < alpha < 1, two-sided.

    `cuped` adjusts by the value before the assignment. `expected_units` is the number of units of both variants at
    which a sequential comparison is expected to be decided. `prior` is of the lift, for the Bayesian method.
    """

    method: str = "frequentist"
    alpha: float = 0.05
    cuped: bool = False
    expected_units: float = EXPECTED_UNITS
    prior: Prior = field(default_factory=Prior)


@dataclass(frozen=True, slots=True)
class PlannedLook:
    """One of the planned looks: the shares of the planned units at all that count, and its number, from 0 on."""

    fractions: tuple[float, ...]
    number: int
