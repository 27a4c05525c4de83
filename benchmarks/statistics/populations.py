"""How the units of a variant behave: each population draws its sums at once, as whole numbers that a `Sample` takes.

Sums are drawn from their exact distribution where there is one (Σy of conversions is binomial, Σy and Σ(y − ȳ)² of a
normal value are normal and χ²), else from single units. All arrays have the shape that is asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fairsplit.domain.totals import SCALE

Sums = dict[str, npt.NDArray[np.int64]]  # by the name that the sum has in a `Sample`
Shape = tuple[int, ...]


class Population(Protocol):
    """What a variant's units are drawn from. `mean` is the truth: of a ratio, the ratio."""

    @property
    def mean(self) -> float: ...

    def draw(self, generator: np.random.Generator, units: int, shape: Shape) -> Sums:
        """Sums of so many units, once for each place of the shape."""
        ...


@dataclass(frozen=True, slots=True)
class Conversions:
    """A unit converts or does not."""

    mean: float

    def draw(self, generator: np.random.Generator, units: int, shape: Shape) -> Sums:
        converted = generator.binomial(units, self.mean, shape)
        return {"units": np.full(shape, units), "sum": converted * SCALE, "sum_of_squares": converted * SCALE**2}


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal value, and one from before the assignment, of the same spread, that is correlated with it."""

    mean: float
    sd: float
    mean_before: float = 10.0
    correlation: float = 0.0

    def draw(self, generator: np.random.Generator, units: int, shape: Shape) -> Sums:
        """By Bartlett's decomposition (1933) of the squares and products about the means; units > 2."""
        root = math.sqrt(1 - self.correlation**2)
        x, own = (generator.standard_normal(shape) * math.sqrt(units) for _ in range(2))
        y = self.correlation * x + root * own
        spread = np.sqrt(generator.chisquare(units - 1, shape))
        shared = self.correlation * spread + root * generator.standard_normal(shape)
        rest = root**2 * generator.chisquare(units - 2, shape)
        before, after = units * self.mean_before + self.sd * x, units * self.mean + self.sd * y
        variance = self.sd**2
        return {
            "units": np.full(shape, units),
            "sum": _whole(after, SCALE),
            "sum_of_squares": _whole(after**2 / units + variance * (shared**2 + rest), SCALE**2),
            "pre_sum": _whole(before, SCALE),
            "pre_sum_of_squares": _whole(before**2 / units + variance * spread**2, SCALE**2),
            "pre_cross_product_sum": _whole(before * after / units + variance * spread * shared, SCALE**2),
        }


@dataclass(frozen=True, slots=True)
class Revenue:
    """Most units spend nothing; the share of `buyers` spends a lognormal amount."""

    buyers: float
    log_mean: float = 3.0
    log_sd: float = 1.0

    @property
    def mean(self) -> float:
        return self.buyers * math.exp(self.log_mean + self.log_sd**2 / 2)

    def draw(self, generator: np.random.Generator, units: int, shape: Shape) -> Sums:
        amount = generator.binomial(units, self.buyers, shape)
        ends = amount.ravel().cumsum()
        spent = _whole(generator.lognormal(self.log_mean, self.log_sd, ends[-1]), SCALE)
        return {
            "units": np.full(shape, units),
            "sum": _parts(spent, ends).reshape(shape),
            "sum_of_squares": _parts(spent * spent, ends).reshape(shape),
        }


@dataclass(frozen=True, slots=True)
class Clicks:
    """Clicks per view: a unit has 1 to `views` views, and clicks on each with a probability of its own.

    That probability has a beta distribution, so views of one unit are alike and views are not independent.
    """

    mean: float
    views: int = 8
    concentration: float = 4.0

    def draw(self, generator: np.random.Generator, units: int, shape: Shape) -> Sums:
        cells = [(views, clicks) for views in range(1, self.views + 1) for clicks in range(views + 1)]
        counts = generator.multinomial(units, [self._probability(*cell) for cell in cells], size=shape)
        views, clicks = np.array(cells).T
        return {
            "units": np.full(shape, units),
            "sum": counts @ clicks * SCALE,
            "sum_of_squares": counts @ clicks**2 * SCALE**2,
            "denominator_sum": counts @ views * SCALE,
            "denominator_sum_of_squares": counts @ views**2 * SCALE**2,
            "cross_product_sum": counts @ (views * clicks) * SCALE**2,
        }

    def _probability(self, views: int, clicks: int) -> float:
        """Every number of views is as frequent as another; clicks are beta-binomial."""
        a, b = self.mean * self.concentration, (1 - self.mean) * self.concentration
        log = _log_beta(clicks + a, views - clicks + b) - _log_beta(a, b)
        return math.comb(views, clicks) * math.exp(log) / self.views


@dataclass(frozen=True, slots=True)
class Visitors:
    """Units alone, of which about so many arrive as are asked for; `share` of them gets lost."""

    mean: float = 0.0
    share: float = 0.0

    def draw(self, generator: np.random.Generator, units: int, shape: Shape) -> Sums:
        nothing = np.zeros(shape, np.int64)
        arrived = generator.poisson(units * (1 - self.share), shape)
        return {"units": arrived, "sum": nothing, "sum_of_squares": nothing}


def _whole(values: npt.NDArray[Any], scale: int) -> npt.NDArray[np.int64]:
    whole: npt.NDArray[np.int64] = np.rint(values * scale).astype(np.int64)
    return whole


def _parts(values: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The sum of each part of the values, of which each ends before one of `ends`; never rounded."""
    running = np.concatenate([[0], values.cumsum()])
    return np.diff(running[ends], prepend=0)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
