"""Samples from raw values."""

from __future__ import annotations

from collections.abc import Sequence

from fairsplit.domain.stats.sample import Sample

SCALE = 10_000


def sample_of(
    values: Sequence[float], below: Sequence[float] | None = None, before: Sequence[float] | None = None
) -> Sample:
    """The sums of raw values, as whole ten-thousandths.

    `below` are the denominator's values of a ratio, `before` the values before the assignment.
    """
    ys = [round(value * SCALE) for value in values]
    xs = [round(value * SCALE) for value in below or ()]
    zs = [round(value * SCALE) for value in before or ()]
    return Sample(
        units=len(ys),
        sum=sum(ys),
        sum_of_squares=sum(y * y for y in ys),
        denominator_sum=sum(xs),
        denominator_sum_of_squares=sum(x * x for x in xs),
        cross_product_sum=sum(y * x for y, x in zip(ys, xs, strict=False)),
        pre_sum=sum(zs),
        pre_sum_of_squares=sum(z * z for z in zs),
        pre_cross_product_sum=sum(y * z for y, z in zip(ys, zs, strict=False)),
    )
