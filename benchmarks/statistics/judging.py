"""Who judges: Fairsplit by each of its methods, and GrowthBook's `gbstats` with the same sums."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from gbstats.frequentist.tests import SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import ProportionStatistic, SampleMeanStatistic

from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.difference import difference
from fairsplit.domain.stats.group_sequential import critical_value
from fairsplit.domain.stats.kernel import normal_tail, t_quantile
from fairsplit.domain.stats.lift import lift
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.stats.srm import ratio_mismatch
from fairsplit.domain.stats.yardsticks import PlannedLooks

ALPHA = 0.05
WEIGHTS = {"control": 1.0, "treatment": 1.0}
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """The first, the second … of so many looks at the same distance."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said at a look; an interval is None where it is refused."""

    significant: bool
    absolute: Interval | None = None
    lift: Interval | None = None
    variance_reduction: float | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the sums of control and treatment at every look until one is significant, or else `once` at the last."""

    name: str
    verdict: Callable[[Sample, Sample, Look], Verdict]
    once: bool = False


def ours(kind: str, *, method: str = "frequentist", cuped: bool = False, name: str = "Fairsplit") -> Judge:
    """What results judge by: the exact test where counts are small."""
    plan = Plan(method=method, alpha=ALPHA, cuped=cuped)

    def verdict(control: Sample, treatment: Sample, _look: Look) -> Verdict:
        found = compare(control, treatment, kind=kind, plan=plan)
        interval = found.exact.ci if found.exact else found.absolute.ci
        adjustment = found.adjustment
        return Verdict(
            _below(found.p_value), interval, found.relative.ci, adjustment.variance_reduction if adjustment else None
        )

    return Judge(name, verdict)


def once(judge: Judge, name: str) -> Judge:
    """The same judge at the last look alone."""
    return Judge(name, judge.verdict, once=True)


def welch(kind: str) -> Judge:
    """Our test without the exact one."""
    plan = Plan(alpha=ALPHA)

    def verdict(control: Sample, treatment: Sample, _look: Look) -> Verdict:
        found = compare(control, treatment, kind=kind, plan=plan)
        return Verdict(_below(found.absolute.p_value), found.absolute.ci, found.relative.ci)

    return Judge("Welch's test alone", verdict)


def planned(kind: str, name: str = "Fairsplit, planned end") -> Judge:
    """The sequential method with the number of looks known before."""
    plan = Plan(alpha=ALPHA)

    def verdict(control: Sample, treatment: Sample, look: Look) -> Verdict:
        found = compare(control, treatment, kind=kind, plan=plan)
        absolute = difference(found.contrast, bounds_at(look))
        if found.exact or absolute.statistic is None or absolute.critical is None:
            return Verdict(significant=False)
        beyond = abs(absolute.statistic) > absolute.critical
        return Verdict(beyond, absolute.ci, lift(found.contrast, absolute.critical).ci)

    return Judge(name, verdict)


@dataclass(frozen=True, slots=True)
class Bounds(PlannedLooks):
    """Planned looks without the p-value, which takes much longer than all else and is below alpha beyond the bound."""

    bound: float = math.inf

    def critical(self, df: float) -> float:
        return t_quantile(normal_tail(self.bound), df)

    def two_sided(self, statistic: float, df: float) -> float:  # noqa: ARG002
        return 1.0


@cache
def bounds_at(look: Look) -> Bounds:
    """All the looks are planned, at the same distance."""
    fractions = tuple(number / look.of for number in range(1, look.of + 1))
    return Bounds(ALPHA, fractions, look.number - 1, bound=critical_value(fractions, look.number - 1, ALPHA))


def bayesian(kind: str, name: str = "Fairsplit, Bayesian") -> Judge:
    """Significant is what has a credible interval of the lift without 0, by the default prior."""
    plan = Plan(method="bayesian", alpha=ALPHA)

    def verdict(control: Sample, treatment: Sample, _look: Look) -> Verdict:
        found = compare(control, treatment, kind=kind, plan=plan)
        interval = found.relative.ci
        return Verdict(interval is not None and not interval[0] <= 0 <= interval[1], found.absolute.ci, interval)

    return Judge(name, verdict)


def gbstats(kind: str, *, sequential: bool = False) -> Judge:
    """GrowthBook's test as it comes: of the relative difference, by the delta method."""
    test = SequentialTwoSidedTTest if sequential else TwoSidedTTest

    def verdict(control: Sample, treatment: Sample, _look: Look) -> Verdict:
        found = test(_statistic(control, kind), _statistic(treatment, kind)).compute_result()
        if found.error_message:
            return Verdict(significant=False)
        low, high = found.ci
        return Verdict(_below(found.p_value), lift=(float(low), float(high)))

    return Judge("gbstats, sequential" if sequential else "gbstats", verdict)


def split(*, sequential: bool) -> Judge:
    """Whether the numbers of units fit equal weights."""

    def verdict(control: Sample, treatment: Sample, _look: Look) -> Verdict:
        found = ratio_mismatch({"control": control.units, "treatment": treatment.units}, WEIGHTS)
        return Verdict(found.alert if sequential else found.flagged)

    return Judge("Fairsplit, sequential" if sequential else "χ² at every look", verdict)


def _statistic(sample: Sample, kind: str) -> ProportionStatistic | SampleMeanStatistic:
    if kind == "conversion":
        return ProportionStatistic(n=sample.units, sum=sample.sum // sample.scale)
    return SampleMeanStatistic(
        n=sample.units, sum=sample.total, sum_squares=sample.sum_of_squares / sample.scale / sample.scale
    )


def _below(p_value: float | None) -> bool:
    return p_value is not None and p_value < ALPHA
