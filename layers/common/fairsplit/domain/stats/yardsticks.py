"""What a statistic is measured with: the critical value and the p-values of each way of testing.

With each of them p < alpha just when the statistic is beyond the critical value, so that a test and its interval never
disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fairsplit.domain.stats.group_sequential import critical_value, repeated_p
from fairsplit.domain.stats.kernel import normal_quantile, normal_tail, t_quantile, t_tail
from fairsplit.domain.stats.sequential import always_valid_p, multiplier


class Yardstick(Protocol):
    """One way of testing, at its level. `df` are the degrees of freedom of the statistic's standard error."""

    @property
    def method(self) -> str: ...

    @property
    def uses_df(self) -> bool: ...

    def critical(self, df: float) -> float:
        """The value that |statistic| has to pass, two-sided at alpha, which is one-sided at alpha/2."""
        ...

    def two_sided(self, statistic: float, df: float) -> float: ...

    def one_sided(self, statistic: float, df: float) -> float:
        """The p-value of a statistic that is large where the null hypothesis is wrong; below alpha/2 when beyond."""
        ...


@dataclass(frozen=True, slots=True)
class Student:
    """One look, by Student's t distribution."""

    alpha: float
    method: str = "welch_t"
    uses_df: bool = True

    def critical(self, df: float) -> float:
        return t_quantile(self.alpha / 2, df)

    def two_sided(self, statistic: float, df: float) -> float:
        return 2 * t_tail(abs(statistic), df)

    def one_sided(self, statistic: float, df: float) -> float:
        return t_tail(statistic, df)


@dataclass(frozen=True, slots=True)
class AnyTime:
    """Any number of looks, by a confidence sequence. `units` are those of both variants."""

    alpha: float
    units: int
    expected_units: float
    method: str = "confidence_sequence"
    uses_df: bool = False

    def critical(self, df: float) -> float:  # noqa: ARG002
        return multiplier(self.units, self.alpha, self.expected_units)

    def two_sided(self, statistic: float, df: float) -> float:  # noqa: ARG002
        return always_valid_p(statistic, self.units, self.alpha, self.expected_units)

    def one_sided(self, statistic: float, df: float) -> float:
        return self.two_sided(statistic, df) / 2 if statistic > 0 else 1.0


@dataclass(frozen=True, slots=True)
class PlannedLooks:
    """Looks at known shares of the planned units, by group-sequential bounds; `look` is the number of this one.

    The bounds are of a normal deviate: a t statistic stands for the deviate with the same tail.
    """

    alpha: float
    fractions: tuple[float, ...]
    look: int
    method: str = "group_sequential"
    uses_df: bool = False

    def critical(self, df: float) -> float:
        return t_quantile(normal_tail(critical_value(self.fractions, self.look, self.alpha)), df)

    def two_sided(self, statistic: float, df: float) -> float:
        return repeated_p(self.fractions, self.look, normal_quantile(t_tail(abs(statistic), df)))

    def one_sided(self, statistic: float, df: float) -> float:
        return self.two_sided(statistic, df) / 2 if statistic > 0 else 1.0
