"""The absolute difference of two estimates, tested."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fairsplit.domain.stats.contrast import Contrast
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.yardsticks import Yardstick


@dataclass(frozen=True, slots=True)
class Difference:
    """treatment − control. `critical` is the quantile that the interval was made with."""

    estimate: float | None
    ci: tuple[float, float] | None = None
    p_value: float | None = None
    statistic: float | None = None
    df: float | None = None
    critical: float | None = None
    notes: tuple[Note, ...] = ()


def difference(found: Contrast, yardstick: Yardstick) -> Difference:
    """d over √V, with V of unequal variances (Welch 1947), measured by the yardstick; the interval is d ± c·√V.

    There is neither p nor interval where there are too few units, or nothing varies.
    """
    if found.difference is None or not found.variance:
        return Difference(found.difference, notes=found.notes)
    error = math.sqrt(found.variance)
    df = degrees_of_freedom(found.spreads)
    critical = yardstick.critical(df)
    statistic = found.difference / error
    return Difference(
        estimate=found.difference,
        ci=(found.difference - critical * error, found.difference + critical * error),
        p_value=yardstick.two_sided(statistic, df),
        statistic=statistic,
        df=df if yardstick.uses_df else None,
        critical=critical,
    )


def degrees_of_freedom(spreads: Sequence[tuple[float, int]]) -> float:
    """Satterthwaite's approximation (1946): V²/Σ(Vᵢ²/dfᵢ); a part without variance leaves the other's."""
    variance = sum(part for part, _ in spreads)
    return 1 / sum((part / variance) ** 2 / df for part, df in spreads)
