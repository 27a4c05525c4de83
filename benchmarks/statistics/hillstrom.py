"""CUPED on a real experiment: Hillstrom's e-mails, with what customers spent in the 12 months before.

Whatever the data says is shown, beside what tea-tasting makes of the same.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.statistics.judging import ALPHA
from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.totals import SCALE
from tests.oracle import tt

DATA = Path(__file__).parents[2] / "tests/data/hillstrom.csv.gz"
CONTROL, TREATMENTS = "No E-Mail", ("Mens E-Mail", "Womens E-Mail")


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A difference in spend, adjusted; `reduction` is the share of its variance that the adjustment saved."""

    name: str
    by: str
    reduction: float
    difference: float
    low: float
    high: float
    p_value: float


def hillstrom() -> list[Adjusted]:
    """Each e-mail against none, by Fairsplit and by tea-tasting."""
    values = _read()
    found = []
    for treatment in TREATMENTS:
        name = f"Hillstrom, spend, {treatment}"
        found += [_ours(name, values[CONTROL], values[treatment]), _theirs(name, values[CONTROL], values[treatment])]
    return found


def _ours(name: str, control: Sequence[Pair], treatment: Sequence[Pair]) -> Adjusted:
    found = compare(_sample(control), _sample(treatment), kind="mean", plan=Plan(alpha=ALPHA, cuped=True))
    absolute, adjustment = found.absolute, found.adjustment
    if absolute.estimate is None or absolute.ci is None or absolute.p_value is None or adjustment is None:
        raise RuntimeError(f"{name} has no answer: {found.notes}")
    return Adjusted(name, "Fairsplit", adjustment.variance_reduction, absolute.estimate, *absolute.ci, absolute.p_value)


def _theirs(name: str, control: Sequence[Pair], treatment: Sequence[Pair]) -> Adjusted:
    """Its intervals tell the variances, so the reduction is 1 − the square of their widths' ratio."""
    plain, adjusted = (
        tt.Mean("spend", covariate, alpha=ALPHA).analyze_aggregates(_aggregates(control), _aggregates(treatment))
        for covariate in (None, "history")
    )
    width, plain_width = (one.effect_size_ci_upper - one.effect_size_ci_lower for one in (adjusted, plain))
    return Adjusted(
        name,
        "tea-tasting",
        1 - (width / plain_width) ** 2,
        adjusted.effect_size,
        adjusted.effect_size_ci_lower,
        adjusted.effect_size_ci_upper,
        adjusted.pvalue,
    )


def _sample(pairs: Sequence[Pair]) -> Sample:
    spend, history = zip(*pairs, strict=True)
    return Sample(
        units=len(pairs),
        sum=sum(spend),
        sum_of_squares=sum(y * y for y in spend),
        pre_sum=sum(history),
        pre_sum_of_squares=sum(x * x for x in history),
        pre_cross_product_sum=sum(x * y for y, x in pairs),
    )


def _aggregates(pairs: Sequence[Pair]) -> tt.aggr.Aggregates:
    spend, history = np.array(pairs).T / SCALE
    return tt.aggr.Aggregates(
        count_=len(pairs),
        mean_={"spend": float(spend.mean()), "history": float(history.mean())},
        var_={"spend": float(spend.var(ddof=1)), "history": float(history.var(ddof=1))},
        cov_={("history", "spend"): float(np.cov(spend, history)[0, 1])},
    )


Pair = tuple[int, int]


def _read() -> dict[str, list[Pair]]:
    """By arm, what each customer spent and had spent before, in ten-thousandths."""
    arms: dict[str, list[Pair]] = {}
    with gzip.open(DATA, "rt") as lines:
        for row in csv.DictReader(lines):
            pair = round(float(row["spend"]) * SCALE), round(float(row["history"]) * SCALE)
            arms.setdefault(row["segment"], []).append(pair)
    return arms
