"""What a case's sums are for Fairsplit and for each peer."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gbstats.models.statistics import RatioStatistic, RegressionAdjustedStatistic, SampleMeanStatistic
from statsmodels.stats.weightstats import DescrStatsW
from tea_tasting.aggr import Aggregates

import tests.oracle  # noqa: F401  # tea-tasting on one thread
from fairsplit.domain.stats.sample import Sample

SCALE = 10_000
PLAIN = {"sum", "denominator_sum", "pre_sum"}  # in the value's own unit; all others but `units` are in its square

Sums = Mapping[str, Any]


def sample(sums: Sums) -> Sample:
    """Fairsplit's; raises ValueError where a sum has more digits than the scale."""
    return Sample(**{name: value if name == "units" else _whole(name, value) for name, value in sums.items()})


def of_histogram(counts: Mapping[str, int]) -> Sample:
    """Fairsplit's, of value → how many units have it."""
    values = {Decimal(value): count for value, count in counts.items()}
    total = sum((value * count for value, count in values.items()), Decimal(0))
    squares = sum((value * value * count for value, count in values.items()), Decimal(0))
    return sample({"units": sum(counts.values()), "sum": total, "sum_of_squares": squares})


def gbstats_mean(sums: Sums, part: str = "") -> SampleMeanStatistic:
    """gbstats' mean of the value, or with `denominator_` or `pre_` of that part."""
    return SampleMeanStatistic(
        n=sums["units"], sum=float(sums[f"{part}sum"]), sum_squares=float(sums[f"{part}sum_of_squares"])
    )


def gbstats_statistic(sums: Sums) -> SampleMeanStatistic | RatioStatistic | RegressionAdjustedStatistic:
    """gbstats': a ratio where there is a denominator, adjusted where there is a value from before, else a mean."""
    if "denominator_sum" in sums:
        products = float(sums["cross_product_sum"])
        return RatioStatistic(
            n=sums["units"],
            m_statistic=gbstats_mean(sums),
            d_statistic=gbstats_mean(sums, "denominator_"),
            m_d_sum_of_products=products,
        )
    if "pre_sum" in sums:
        return RegressionAdjustedStatistic(
            n=sums["units"],
            post_statistic=gbstats_mean(sums),
            pre_statistic=gbstats_mean(sums, "pre_"),
            post_pre_sum_of_products=float(sums["pre_cross_product_sum"]),
            theta=0,
        )
    return gbstats_mean(sums)


def aggregates(sums: Sums) -> Aggregates:
    """tea-tasting's: y, with `below` the denominator and `before` the value from before."""
    parts = {name: part for name, part in (("below", "denominator_"), ("before", "pre_")) if f"{part}sum" in sums}
    of = {"y": "", **parts}
    products = {"below": "cross_product_sum", "before": "pre_cross_product_sum"}
    return Aggregates(
        count_=sums["units"],
        mean_={name: float(_exact(sums[f"{part}sum"]) / sums["units"]) for name, part in of.items()},
        var_={
            name: _covariance(sums, f"{part}sum", f"{part}sum", f"{part}sum_of_squares") for name, part in of.items()
        },
        cov_={("y", name): _covariance(sums, "sum", f"{part}sum", products[name]) for name, part in parts.items()},
    )


def described(counts: Mapping[str, int], factor: float = 1.0) -> DescrStatsW:
    """statsmodels', of value → how many units have it, each value times the factor."""
    return DescrStatsW([factor * float(value) for value in counts], weights=list(counts.values()))


def _covariance(sums: Sums, one: str, other: str, products: str) -> float:
    n = sums["units"]
    return float((_exact(sums[products]) - _exact(sums[one]) * _exact(sums[other]) / n) / (n - 1))


def _exact(value: float | Decimal) -> Fraction:
    return Fraction(str(value))


def _whole(name: str, value: float | Decimal) -> int:
    scaled = _exact(value) * (SCALE if name in PLAIN else SCALE * SCALE)
    if scaled.denominator != 1:
        raise ValueError(f"{name} has too many digits: {value}")
    return int(scaled)
