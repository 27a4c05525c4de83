"""The comparisons of a large experiment, from its sums: by the standard library alone, and by tea-tasting."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

from tea_tasting.aggr import Aggregates
from tea_tasting.metrics import Mean

from benchmarks.bench import Bench
from benchmarks.measuring import Pair
from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.totals import SCALE

METRICS, VARIANTS, ALPHA = 20, 4, 0.05
PRECISION = 1e-6


@dataclass(frozen=True)
class Sums:
    """Of one metric and variant: how many units, Σy and Σy², in ten-thousandths."""

    units: int
    total: int
    squares: int


def tea_tasting_against_ours(_bench: Bench) -> Pair:
    """Welch's test with both intervals, of the same sums, which both have to turn into what they start from.

    Raises:
        RuntimeError: they do not say the same.
    """
    metrics = [_metric(random.Random(number)) for number in range(METRICS)]
    for one, other in zip(ours(metrics), theirs(metrics), strict=True):
        if not math.isclose(one, other, rel_tol=PRECISION):
            raise RuntimeError(f"the p-values differ: {one} and {other}")
    amount = METRICS * (VARIANTS - 1)
    return Pair(f"{amount} comparisons by tea-tasting", "by Fairsplit", lambda: theirs(metrics), lambda: ours(metrics))


def ours(metrics: list[list[Sums]]) -> list[float]:
    """The p-values of every variant against the first."""
    samples = [[Sample(one.units, one.total, one.squares) for one in variants] for variants in metrics]
    found = [
        compare(control, treatment, kind="mean", alpha=ALPHA).absolute.p_value
        for control, *treatments in samples
        for treatment in treatments
    ]
    return [math.nan if p_value is None else p_value for p_value in found]


def theirs(metrics: list[list[Sums]]) -> list[float]:
    """The same by tea-tasting."""
    mean = Mean("y", alpha=ALPHA)
    samples = [[_aggregates(one) for one in variants] for variants in metrics]
    return [
        mean.analyze_aggregates(control, treatment).pvalue
        for control, *treatments in samples
        for treatment in treatments
    ]


def _aggregates(sums: Sums) -> Any:
    mean = sums.total / sums.units
    variance = (sums.squares - sums.total * mean) / (sums.units - 1) / SCALE**2
    return Aggregates(sums.units, {"y": mean / SCALE}, {"y": variance})


def _metric(generator: random.Random) -> list[Sums]:
    """The sums of every variant: about 10,000 units with a mean near 10 and a spread of 3."""
    made = []
    for _ in range(VARIANTS):
        amount = generator.randrange(9_000, 11_000)
        total = round(amount * generator.gauss(10, 0.03) * SCALE)
        made.append(Sums(amount, total, total * total // amount + 9 * amount * SCALE**2))
    return made
