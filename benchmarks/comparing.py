"""The comparisons of a large experiment, from its sums: by the standard library alone, by tea-tasting, by gbstats."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import SampleMeanStatistic
from tea_tasting.aggr import Aggregates
from tea_tasting.metrics import Mean

from benchmarks.bench import Bench
from benchmarks.measuring import Pair
from fairsplit.domain.stats.bayes import Prior
from fairsplit.domain.stats.comparison import Comparison, compare
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.totals import SCALE

METRICS, VARIANTS, ALPHA = 20, 4, 0.05
AMOUNT = METRICS * (VARIANTS - 1)
PRIOR = Prior(mean=0.0, sd=0.3)
EXPECTED_UNITS = 20_000.0
PRECISION = 1e-6
LOST = 1e-9  # what 1 − the distribution function, as gbstats has it, may be off by


@dataclass(frozen=True)
class Sums:
    """Of one metric and variant: how many units, Σy and Σy², in ten-thousandths."""

    units: int
    total: int
    squares: int


Metrics = Sequence[Sequence[Sums]]  # by metric, of each variant; the first is the control
Work = Callable[[], list[float]]


def tea_tasting_against_ours(_bench: Bench) -> Pair:
    """Welch's test with both intervals."""
    metrics = _metrics()
    mean = Mean("y", alpha=ALPHA)

    def theirs() -> list[float]:
        return _each(
            metrics, _aggregates, lambda control, treatment: mean.analyze_aggregates(control, treatment).pvalue
        )

    return _pair("comparisons by tea-tasting", theirs, _ours(metrics, Plan(alpha=ALPHA), _p_value))


def gbstats_against_ours(_bench: Bench) -> Pair:
    """Welch's test; gbstats gives one interval, of the difference."""
    metrics = _metrics()
    config = FrequentistConfig(alpha=ALPHA, difference_type="absolute")

    def theirs() -> list[float]:
        return _each(metrics, _statistic, lambda *both: TwoSidedTTest(*both, config).compute_result().p_value)

    return _pair("comparisons by gbstats", theirs, _ours(metrics, Plan(alpha=ALPHA), _p_value))


def gbstats_against_ours_sequentially(_bench: Bench) -> Pair:
    """The same confidence sequence, tuned for the same number of units."""
    metrics = _metrics()
    config = SequentialConfig(alpha=ALPHA, difference_type="absolute", sequential_tuning_parameter=EXPECTED_UNITS)
    plan = Plan(method="sequential", alpha=ALPHA, expected_units=EXPECTED_UNITS)

    def theirs() -> list[float]:
        return _each(metrics, _statistic, lambda *both: SequentialTwoSidedTTest(*both, config).compute_result().p_value)

    return _pair("sequential comparisons by gbstats", theirs, _ours(metrics, plan, _p_value))


def gbstats_against_ours_by_a_prior(_bench: Bench) -> Pair:
    """The posterior of the lift with its interval, the chance to win and the expected loss."""
    metrics = _metrics()
    prior = GaussianPrior(mean=PRIOR.mean, variance=PRIOR.sd**2, proper=True)
    config = EffectBayesianConfig(alpha=ALPHA, prior_effect=prior)

    def theirs() -> list[float]:
        return _each(
            metrics, _statistic, lambda *both: EffectBayesianABTest(*both, config).compute_result().chance_to_win
        )

    plan = Plan(method="bayesian", alpha=ALPHA, prior=PRIOR)
    return _pair("Bayesian comparisons by gbstats", theirs, _ours(metrics, plan, _chance_to_win))


def _pair(title: str, theirs: Work, ours: Work) -> Pair:
    """Both start from the same sums.

    Raises:
        RuntimeError: they do not say the same.
    """
    for one, other in zip(theirs(), ours(), strict=True):
        if not math.isclose(one, other, rel_tol=PRECISION, abs_tol=LOST):
            raise RuntimeError(f"the {title} differ: {one} and {other}")
    return Pair(f"{AMOUNT} {title}", "by Fairsplit", theirs, ours)


def _ours(metrics: Metrics, plan: Plan, answer: Callable[[Comparison], float | None]) -> Work:
    def judge(control: Sample, treatment: Sample) -> float:
        found = answer(compare(control, treatment, kind="mean", plan=plan))
        return math.nan if found is None else found

    return lambda: _each(metrics, _sample, judge)


def _each(metrics: Metrics, read: Callable[[Sums], Any], judge: Callable[[Any, Any], float]) -> list[float]:
    """What is said of every variant against the first."""
    return [
        float(judge(control, treatment))
        for control, *treatments in ([read(one) for one in variants] for variants in metrics)
        for treatment in treatments
    ]


def _p_value(found: Comparison) -> float | None:
    return found.p_value


def _chance_to_win(found: Comparison) -> float | None:
    if found.belief is None:
        return None
    found.belief.lift.expected_loss("increase")
    return found.belief.chance_to_win("increase")


def _sample(sums: Sums) -> Sample:
    return Sample(sums.units, sums.total, sums.squares)


def _statistic(sums: Sums) -> SampleMeanStatistic:
    return SampleMeanStatistic(n=sums.units, sum=sums.total / SCALE, sum_squares=sums.squares / SCALE**2)


def _aggregates(sums: Sums) -> Aggregates:
    mean = sums.total / sums.units
    variance = (sums.squares - sums.total * mean) / (sums.units - 1) / SCALE**2
    return Aggregates(sums.units, {"y": mean / SCALE}, {"y": variance})


def _metrics() -> Metrics:
    return [_metric(random.Random(number)) for number in range(METRICS)]


def _metric(generator: random.Random) -> list[Sums]:
    """The sums of every variant: about 10,000 units with a mean near 10 and a spread of 3."""
    made = []
    for _ in range(VARIANTS):
        amount = generator.randrange(9_000, 11_000)
        total = round(amount * generator.gauss(10, 0.03) * SCALE)
        made.append(Sums(amount, total, total * total // amount + 9 * amount * SCALE**2))
    return made
